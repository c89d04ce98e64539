WITH j AS (SELECT s, q, score, p, target, CASE WHEN early THEN label ELSE NULL END AS label,
  CASE WHEN label IS NOT NULL AND NOT early THEN 1 ELSE 0 END AS late
FROM (SELECT s, q, score, p, target, CASE WHEN nolabel = 0 THEN label END AS label, CASE WHEN nolabel = 0 THEN label END IS NOT NULL AS early FROM (SELECT CASE WHEN isfinite(CAST("id" AS DOUBLE)) THEN CAST("id" AS DOUBLE) END AS "score", CAST("region" AS VARCHAR) AS "q", 0 AS "p", 1 AS "target", CASE WHEN isfinite(CAST("status" AS DOUBLE)) THEN CAST("status" AS DOUBLE) END AS "label", CASE WHEN (CASE WHEN isfinite(CAST("status" AS DOUBLE)) THEN CAST("status" AS DOUBLE) END IS NULL) THEN 1 ELSE 0 END AS "nolabel", '' AS s, epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:59:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS r) AS known),
usable AS (SELECT * FROM j WHERE score IS NOT NULL AND label IS NOT NULL AND q IS NOT NULL),
ordered AS (
  SELECT *,
    row_number() OVER (PARTITION BY s, q ORDER BY score DESC) AS place,
    row_number() OVER (PARTITION BY s, q ORDER BY gain DESC) AS best
  FROM (SELECT *, CASE WHEN label > 0 THEN power(2, label) - 1 ELSE 0 END AS gain FROM usable) AS worth
),
tied AS (
  SELECT s, q, score, sum(gain) AS gain, count(*) AS n, count(*) FILTER (WHERE label > 0) AS up,
    sum(ln(2) / ln(1 + place)) AS discount, count(*) FILTER (WHERE TRUE) AS shown,
    sum(gain * ln(2) / ln(1 + best)) AS ideal, count(*) FILTER (WHERE label <= 0) AS down
  FROM ordered GROUP BY s, q, score
),
ranked AS (
  SELECT s, q, sum(up) AS positives, sum(down) AS negatives,
    sum(gain / n * discount) / nullif(sum(ideal), 0) AS value
  FROM tied GROUP BY s, q
)
SELECT s, count(*) AS queries, count(value) AS judged, avg(value) AS value, var_samp(value) AS variance, sum(positives) AS positives, sum(negatives) AS negatives, count(*) FILTER (WHERE positives = 0) AS without_positive, count(*) FILTER (WHERE negatives = 0) AS without_negative
FROM ranked GROUP BY s;
