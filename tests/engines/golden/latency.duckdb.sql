SELECT
  b,
  d0,
  CASE WHEN (x0 >= 0) THEN CAST(CASE WHEN (x0) = 0 THEN -1 ELSE ceil(ln(CAST(x0 AS DOUBLE)) / CAST(0.01980262729617973 AS DOUBLE)) END AS INTEGER) END AS i,
  count(*) AS m0,
  count(*) FILTER (WHERE ((x0 >= 0) AND (x0 <= 2000000))) AS m1,
  count(*) FILTER (WHERE (((x1 IS NULL) IS NOT TRUE) AND ((x0 < 0) IS NOT TRUE))) AS m2,
  count(*) FILTER (WHERE (x0 < 0)) AS m3,
  count(*) FILTER (WHERE (((x1 IS NULL) IS NOT TRUE) AND (x2 IS NULL))) AS m4,
  (count(*) - count(x1)) AS m5,
  coalesce(sum(x0) FILTER (WHERE (x0 >= 0)), 0) AS m6,
  max(x0) FILTER (WHERE (x0 >= 0)) AS m7
FROM (
  SELECT
    (epoch_us(CAST("t" AS TIMESTAMPTZ)) // 60000000 * 60000000) AS b,
    CAST("region" AS VARCHAR) AS d0,
    (epoch_us(CAST("seen" AS TIMESTAMPTZ)) - epoch_us(CAST("t" AS TIMESTAMPTZ))) AS x0,
    epoch_us(CAST("t" AS TIMESTAMPTZ)) AS x1,
    epoch_us(CAST("seen" AS TIMESTAMPTZ)) AS x2
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:57:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:58:00.000000+00') AS rows
GROUP BY 1, 2, 3;
