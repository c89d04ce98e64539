"""Measures of rankings in SQL: per query, ties averaged, then over queries. See `monitor.statistics.ranking`.

Each relation takes `usable`, a relation with the columns s, q, score and label, and gives one row for each
segment and query: s, q, value (NULL where there is none), positives and negatives.
"""

_AUC = """
tied AS (
  SELECT s, q, score, count(*) FILTER (WHERE label > 0) AS up, count(*) FILTER (WHERE label <= 0) AS down
  FROM usable GROUP BY s, q, score
),
placed AS (
  SELECT *,
    sum(down) OVER below - down / 2.0 AS under, sum(up) OVER above - up / 2.0 AS over,
    sum(up) OVER whole AS positives, sum(down) OVER whole AS negatives
  FROM tied
  WINDOW below AS (PARTITION BY s, q ORDER BY score), above AS (PARTITION BY s, q ORDER BY score DESC),
    whole AS (PARTITION BY s, q)
),
share AS (
  SELECT s, q, up, down, positives, negatives,
    CAST(under AS DOUBLE PRECISION) / nullif(negatives, 0) AS beaten,
    CAST(over AS DOUBLE PRECISION) / nullif(positives, 0) AS beating
  FROM placed
),
ranked AS (
  SELECT s, q, max(positives) AS positives, max(negatives) AS negatives,
    sum(up * beaten) / nullif(max(positives), 0) AS value,
    sum(up * beaten * beaten) AS up_square, sum(down * beating * beating) AS down_square
  FROM share GROUP BY s, q
)"""

_ORDERED = """
ordered AS (
  SELECT *,
    row_number() OVER (PARTITION BY s, q ORDER BY score DESC) AS place,
    row_number() OVER (PARTITION BY s, q ORDER BY gain DESC) AS best
  FROM (SELECT *, {gain} AS gain FROM usable) AS worth
)"""

_TIED = """
tied AS (
  SELECT s, q, score, sum(gain) AS gain, count(*) AS n, count(*) FILTER (WHERE label > 0) AS up,
    sum({discount}) AS discount, count(*) FILTER (WHERE {shown}) AS shown,
    sum({ideal}) AS ideal, count(*) FILTER (WHERE label <= 0) AS down
  FROM ordered GROUP BY s, q, score
)"""

_NDCG = """
ranked AS (
  SELECT s, q, sum(up) AS positives, sum(down) AS negatives,
    sum(gain / n * discount) / nullif(sum(ideal), 0) AS value
  FROM tied GROUP BY s, q
)"""

_RECALL = """
ranked AS (
  SELECT s, q, sum(up) AS positives, sum(down) AS negatives,
    sum(CAST(up AS DOUBLE PRECISION) / n * shown) / nullif(sum(up), 0) AS value
  FROM tied GROUP BY s, q
)"""

_MAP = """
ties AS (
  SELECT s, q, score, count(*) AS n, count(*) FILTER (WHERE label > 0) AS up FROM usable GROUP BY s, q, score
),
groups AS (
  SELECT *, sum(n) OVER above - n AS earlier, sum(up) OVER above - up AS hits
  FROM ties WINDOW above AS (PARTITION BY s, q ORDER BY score DESC)
),
placed AS (
  SELECT u.s, u.q, u.label, g.n, g.up, g.hits, g.earlier,
    row_number() OVER (PARTITION BY u.s, u.q ORDER BY u.score DESC) AS place
  FROM usable AS u JOIN groups AS g ON g.s = u.s AND g.q = u.q AND g.score = u.score
),
ranked AS (
  SELECT s, q, count(*) FILTER (WHERE label > 0) AS positives,
    count(*) FILTER (WHERE label <= 0) AS negatives,
    sum(CASE WHEN {shown} THEN CAST(up AS DOUBLE PRECISION) / n
      * (hits + 1 + CASE WHEN n > 1
          THEN CAST((place - earlier - 1) * (up - 1) AS DOUBLE PRECISION) / (n - 1) ELSE 0 END) / place
      ELSE 0 END)
    / nullif({most}, 0) AS value
  FROM placed GROUP BY s, q
)"""

_GAINS = {
    "exponential": "CASE WHEN label > 0 THEN power(2, label) - 1 ELSE 0 END",
    "linear": "CASE WHEN label > 0 THEN label ELSE 0 END",
}


def queries(measure: str, k: int | None, gain: str) -> str:
    """The common tables that end in `ranked`, one row a segment and query."""
    if measure == "auc":
        return _AUC
    shown = f"place <= {k}" if k else "TRUE"
    if measure == "map":
        hits = "count(*) FILTER (WHERE label > 0)"
        return _MAP.format(shown=shown, most=f"least({hits}, {k})" if k else hits)
    first = f"CASE WHEN {{place}} <= {k} THEN ln(2) / ln(1 + {{place}}) ELSE 0 END" if k else None
    form = first or "ln(2) / ln(1 + {place})"
    discount, ideal = form.format(place="place"), f"gain * {form.format(place='best')}"
    tied = _TIED.format(discount=discount, ideal=ideal, shown=shown)
    return ",".join([_ORDERED.format(gain=_GAINS[gain]), tied, _NDCG if measure == "ndcg" else _RECALL])


def averaged(measure: str, k: int | None, gain: str) -> str:
    """One row a segment: queries and those left out, mean and variance of the value over the others."""
    squares = ", max(up_square) AS up_square, max(down_square) AS down_square" if measure == "auc" else ""
    return (
        f"{queries(measure, k, gain)}\n"
        "SELECT s, count(*) AS queries, count(value) AS judged, avg(value) AS value,"
        " var_samp(value) AS variance, sum(positives) AS positives, sum(negatives) AS negatives,"
        " count(*) FILTER (WHERE positives = 0) AS without_positive,"
        f" count(*) FILTER (WHERE negatives = 0) AS without_negative{squares}\n"
        "FROM ranked GROUP BY s"
    )
