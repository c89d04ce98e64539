SELECT
  b,
  d0,
  max(x0) AS m0
FROM (
  SELECT
    CAST(1792584000000000 AS BIGINT) AS b,
    CAST("region" AS VARCHAR) AS d0,
    epoch_us(CAST("t" AS TIMESTAMPTZ)) AS x0
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-10-21 12:00:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 12:00:00.000001+00') AS rows
GROUP BY 1, 2;
