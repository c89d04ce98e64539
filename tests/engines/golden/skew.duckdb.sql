WITH l AS (SELECT *, row_number() OVER (ORDER BY k) AS id FROM (SELECT (CAST("id" AS VARCHAR)) AS "k", CASE WHEN isfinite(CAST("status" AS DOUBLE)) THEN CAST("status" AS DOUBLE) END AS "a0", '' AS s, epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:00:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:00:00.000000+00') AS r),
r AS (SELECT * FROM (SELECT (CAST("row" AS VARCHAR)) AS "k", CASE WHEN isfinite(CAST("label" AS DOUBLE)) THEN CAST("label" AS DOUBLE) END AS "b0", '' AS s, epoch_us(CAST("at" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/labels/0002.parquet'], union_by_name = true) WHERE "at" >= TIMESTAMPTZ '2026-11-20 09:59:00.000000+00' AND "at" < TIMESTAMPTZ '2026-11-20 11:01:00.000000+00') AS r),
paired AS (
  SELECT l.*, r.b0, r.k IS NOT NULL AS paired,
    row_number() OVER (PARTITION BY l.id ORDER BY abs(r.t - l.t), r.b0) AS pick
  FROM l LEFT JOIN r ON r.k = l.k AND abs(r.t - l.t) <= 60000000
),
picked AS (SELECT * FROM paired WHERE pick = 1),
cells AS (
  SELECT s, paired, coalesce(abs(a0 - b0) > greatest(0.0, 1e-06 * greatest(abs(a0), abs(b0))), a0 IS NOT NULL OR b0 IS NOT NULL) AS d0, a0 IS NULL AS m0, b0 IS NULL AS o0, FALSE AS f0
  FROM picked
)
SELECT s, count(*) AS left_rows, count(*) FILTER (WHERE paired) AS total,
  count(*) FILTER (WHERE paired AND NOT d0) AS good,
  count(*) FILTER (WHERE paired AND d0) AS mismatches0,
  count(*) FILTER (WHERE paired AND m0) AS left_missing0,
  count(*) FILTER (WHERE paired AND o0) AS right_missing0,
  count(*) FILTER (WHERE paired AND f0) AS fallbacks0
FROM cells GROUP BY s;
