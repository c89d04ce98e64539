"""How alike two texts are, in SQL that DuckDB and PostgreSQL take alike: no text leaves the source."""

COMMON = frozenset(
    # The commonest words of English questions: two queries that share only these say nothing alike.
    """
    a an and any are as at be but by can could did do does for from get give had has have help how i if in is
    it its just let like me more my need not of on one or our please s should show so some t tell than thanks
    that the their them then there these they this those to us use using want was we were what when where
    which who why will with would you your""".split()  # noqa: SIM905
)
LONGEST = 40
"""Letters of a word that are looked at."""

_APART = r"[ -/:-@\[-`{-~\s]+"
"""What stands between words: space, and whatever is no letter or digit of ASCII. All else is of a word."""


def alike(pairs: str, name: str = "likeness") -> str:
    """The text of the CTEs that end in `name`: (id, alike) of the CTE `pairs`, (id, one, other).

    `alike` is from 0 to 1: the larger of the Jaccard similarities of the sets of words and of the sets of
    trigrams of words, each word with two blanks before it and one behind (as pg_trgm has them).
    """
    common = ", ".join(f"'{word}'" for word in sorted(COMMON))
    return f"""
        split AS (
          SELECT id, 1 AS side, regexp_split_to_table(lower(one), '{_APART}') AS word FROM {pairs}
          UNION ALL
          SELECT id, 2 AS side, regexp_split_to_table(lower(other), '{_APART}') AS word FROM {pairs}
        ), words AS (
          SELECT DISTINCT id, side, substr(word, 1, {LONGEST}) AS word FROM split
          WHERE word <> '' AND word NOT IN ({common})
        ), grams AS (
          SELECT DISTINCT id, side, substr('  ' || word || ' ', CAST(i AS integer), 3) AS gram
          FROM words CROSS JOIN (SELECT * FROM generate_series(1, {LONGEST + 1})) AS g(i)
          WHERE i <= length(word) + 1
        ), shared AS (
          SELECT id, CAST(count(*) FILTER (WHERE sides = 2) AS double precision) / count(*) AS alike
          FROM (SELECT id, word, count(*) AS sides FROM words GROUP BY id, word) AS w GROUP BY id
          UNION ALL
          SELECT id, CAST(count(*) FILTER (WHERE sides = 2) AS double precision) / count(*) AS alike
          FROM (SELECT id, gram, count(*) AS sides FROM grams GROUP BY id, gram) AS g GROUP BY id
        ), {name} AS (SELECT id, max(alike) AS alike FROM shared GROUP BY id)"""
