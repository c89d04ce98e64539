SELECT
  (t // 60000000 * 60000000) AS b,
  count(*) FILTER (WHERE keyed AND t - before <= 3600000000) AS m0,
  count(*) AS m1,
  CAST(count_if((((x0 IS NOT TRUE) AND (x1 IS NOT TRUE)) IS NOT TRUE)) AS BIGINT) AS m2
FROM (
  WITH hashed AS MATERIALIZED (
  SELECT
    epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t,
    hash("id", "region") AS h,
    ("id" IS NOT NULL AND "region" IS NOT NULL) AS keyed,
    ("id" IS NULL) AS x0,
    ("region" IS NULL) AS x1
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE ("status" < 400) AND "t" >= TIMESTAMPTZ '2026-11-20 10:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00')
  SELECT *, lag(t) OVER (PARTITION BY h ORDER BY t) AS before FROM hashed WHERE h IN (SELECT h FROM hashed WHERE t >= 1795175880000000)) AS rows
WHERE t >= 1795175880000000
GROUP BY 1;
