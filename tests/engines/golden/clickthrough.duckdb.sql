SELECT
  b,
  list(i) FILTER (WHERE i IS NOT NULL) AS i,
  list(n) FILTER (WHERE i IS NOT NULL) AS m0,
  list(m1) FILTER (WHERE i IS NOT NULL) AS m1,
  CAST(coalesce(sum(n), 0) AS BIGINT) AS m2
FROM (
SELECT
  b,
  x0 AS i,
  count(*) AS n,
  coalesce(sum(CASE WHEN x1 THEN 1 ELSE 0 END), 0) AS m1
FROM (
  SELECT
    (epoch_us(CAST("t" AS TIMESTAMPTZ)) // 60000000 * 60000000) AS b,
    CAST(CASE WHEN regexp_matches((CAST("status" AS VARCHAR)), '^[+-]?[0-9]{1,36}(\.0+)?$') THEN TRY_CAST((CAST("status" AS VARCHAR)) AS DECIMAL(38, 0)) END AS VARCHAR) AS x0,
    ("status" < 300) AS x1
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2) AS fine
GROUP BY 1;
