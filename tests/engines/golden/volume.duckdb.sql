SELECT
  b,
  d0,
  d1,
  count(*) AS m0
FROM (
  SELECT
    (epoch_us(CAST("t" AS TIMESTAMPTZ)) // 60000000 * 60000000) AS b,
    CAST("region" AS VARCHAR) AS d0,
    CAST("status" AS VARCHAR) AS d1
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2, 3;
