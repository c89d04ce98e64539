SELECT
  b,
  array_agg(i) FILTER (WHERE i IS NOT NULL) AS i,
  array_agg(n) FILTER (WHERE i IS NOT NULL) AS m0,
  array_agg(m1) FILTER (WHERE i IS NOT NULL) AS m1,
  CAST(coalesce(sum(n), 0) AS bigint) AS m2
FROM (
SELECT
  b,
  x0 AS i,
  count(*) AS n,
  coalesce(sum(CASE WHEN x1 THEN 1 ELSE 0 END), 0) AS m1
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST(CASE WHEN (CAST("status" AS text)) ~ '^[+-]?[0-9]{1,36}(\.0+)?$' THEN CAST((CAST("status" AS text)) AS DECIMAL(38, 0)) END AS text) AS x0,
    ("status" < 300) AS x1
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2) AS fine
GROUP BY 1;
