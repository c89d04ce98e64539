SELECT
  b,
  list(i) FILTER (WHERE i IS NOT NULL) AS i,
  list(n) FILTER (WHERE i IS NOT NULL) AS m0,
  list(m1) FILTER (WHERE i IS NOT NULL) AS m1,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 1) > 0), 0) AS BIGINT) AS m2,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 2) > 0), 0) AS BIGINT) AS m3,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 4) > 0), 0) AS BIGINT) AS m4,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 8) > 0), 0) AS BIGINT) AS m5
FROM (
SELECT
  b,
  CASE WHEN x1 THEN x0 END AS i,
  CASE WHEN x1 THEN 1 ELSE 0 END + CASE WHEN x3 THEN 2 ELSE 0 END + CASE WHEN (x1 AND x4) THEN 4 ELSE 0 END + CASE WHEN (x1 AND (x2 IS NULL)) THEN 8 ELSE 0 END AS c,
  count(*) AS n,
  coalesce(sum(CASE WHEN x2 THEN 1 ELSE 0 END), 0) AS m1
FROM (
  SELECT
    (epoch_us(CAST("t" AS TIMESTAMPTZ)) // 60000000 * 60000000) AS b,
    (CAST("region" AS VARCHAR) || chr(31) || CAST(CAST(CAST('0x' || substr(md5(CAST("id" AS VARCHAR)), 1, 15) AS BIGINT) % 50 AS INTEGER) AS VARCHAR)) AS x0,
    (CAST("region" AS VARCHAR) IN ('eu', 'us')) AS x1,
    ("status" < 400) AS x2,
    ("region" IS NULL) AS x3,
    ("id" IS NULL) AS x4
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:18:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2, 3) AS fine
GROUP BY 1;
