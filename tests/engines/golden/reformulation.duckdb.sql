
        WITH ordered AS (
          SELECT s, t, said, lead(said) OVER again AS said_next, lead(t) OVER again AS t_next,
            lead(clear) OVER again AS clear_next
          FROM (SELECT CAST("region" AS VARCHAR) AS "said", CAST("status" AS VARCHAR) AS "session", 0 AS "clear", '' AS s, epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:00:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:10:00.000000+00') AS r WHERE session IS NOT NULL AND said IS NOT NULL
          WINDOW again AS (PARTITION BY session ORDER BY t, said)
        ), numbered AS MATERIALIZED (
          SELECT row_number() OVER (ORDER BY t) AS id, s, said AS one, said_next AS other,
            t_next - t <= 600000000 AS followed, clear_next = 1 AS clear,
            lower(trim(said)) = lower(trim(said_next)) AS same
          FROM ordered WHERE t < 1795172400000000
        ), pairs AS (
          SELECT id, one, other FROM numbered WHERE followed AND NOT same AND NOT clear
        ), 
        split AS (
          SELECT id, 1 AS side, regexp_split_to_table(lower(one), '[ -/:-@\[-`{-~\s]+') AS word FROM pairs
          UNION ALL
          SELECT id, 2 AS side, regexp_split_to_table(lower(other), '[ -/:-@\[-`{-~\s]+') AS word FROM pairs
        ), words AS (
          SELECT DISTINCT id, side, substr(word, 1, 40) AS word FROM split
          WHERE word <> '' AND word NOT IN ('a', 'an', 'and', 'any', 'are', 'as', 'at', 'be', 'but', 'by', 'can', 'could', 'did', 'do', 'does', 'for', 'from', 'get', 'give', 'had', 'has', 'have', 'help', 'how', 'i', 'if', 'in', 'is', 'it', 'its', 'just', 'let', 'like', 'me', 'more', 'my', 'need', 'not', 'of', 'on', 'one', 'or', 'our', 'please', 's', 'should', 'show', 'so', 'some', 't', 'tell', 'than', 'thanks', 'that', 'the', 'their', 'them', 'then', 'there', 'these', 'they', 'this', 'those', 'to', 'us', 'use', 'using', 'want', 'was', 'we', 'were', 'what', 'when', 'where', 'which', 'who', 'why', 'will', 'with', 'would', 'you', 'your')
        ), grams AS (
          SELECT DISTINCT id, side, substr('  ' || word || ' ', CAST(i AS integer), 3) AS gram
          FROM words CROSS JOIN (SELECT * FROM generate_series(1, 41)) AS g(i)
          WHERE i <= length(word) + 1
        ), shared AS (
          SELECT id, CAST(count(*) FILTER (WHERE sides = 2) AS double precision) / count(*) AS alike
          FROM (SELECT id, word, count(*) AS sides FROM words GROUP BY id, word) AS w GROUP BY id
          UNION ALL
          SELECT id, CAST(count(*) FILTER (WHERE sides = 2) AS double precision) / count(*) AS alike
          FROM (SELECT id, gram, count(*) AS sides FROM grams GROUP BY id, gram) AS g GROUP BY id
        ), likeness AS (SELECT id, max(alike) AS alike FROM shared GROUP BY id)
        SELECT s, count(*) AS total,
          count(*) FILTER (WHERE followed) AS followed,
          count(*) FILTER (WHERE followed AND same) AS repeated,
          count(*) FILTER (WHERE followed AND NOT same AND (clear OR NOT coalesce(alike, 0) >= 0.4)) AS clarified,
          count(*) FILTER (WHERE followed AND NOT same AND NOT clear AND coalesce(alike, 0) >= 0.4) AS bad,
          0 AS no_text
        FROM numbered LEFT JOIN likeness ON likeness.id = numbered.id GROUP BY s
        UNION ALL
        SELECT s, 0, 0, 0, 0, 0, count(*) FROM (SELECT CAST("region" AS VARCHAR) AS "said", CAST("status" AS VARCHAR) AS "session", 0 AS "clear", '' AS s, epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:00:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:10:00.000000+00') AS r
        WHERE (session IS NULL OR said IS NULL) AND t < 1795172400000000 GROUP BY s;
