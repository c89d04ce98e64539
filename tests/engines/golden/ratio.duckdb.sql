SELECT
  b,
  d0,
  CAST(count_if(x0) AS BIGINT) AS m0,
  count(*) AS m1,
  (count(*) - count(x0)) AS m2
FROM (
  SELECT
    (epoch_us(CAST("t" AS TIMESTAMPTZ)) // 60000000 * 60000000) AS b,
    CAST("region" AS VARCHAR) AS d0,
    ("status" < 400) AS x0
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00' AND ("region" <> 'test')) AS rows
GROUP BY 1, 2;
