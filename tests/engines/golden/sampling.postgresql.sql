SELECT
  b,
  array_agg(i) FILTER (WHERE i IS NOT NULL) AS i,
  array_agg(n) FILTER (WHERE i IS NOT NULL) AS m0,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 1) > 0), 0) AS bigint) AS m1
FROM (
SELECT
  b,
  CASE WHEN (x1) THEN coalesce(x0, '__null__') END AS i,
  CASE WHEN (x1) THEN 1 ELSE 0 END AS c,
  count(*) AS n
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST("region" AS text) AS x0,
    ("status" < 300) AS x1
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2, 3) AS fine
GROUP BY 1;

SELECT
  b,
  array_agg(i) FILTER (WHERE i IS NOT NULL) AS i,
  array_agg(n) FILTER (WHERE i IS NOT NULL) AS m0
FROM (
SELECT
  b,
  coalesce(x0, '__null__') AS i,
  count(*) AS n
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST("region" AS text) AS x0
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2) AS fine
GROUP BY 1;

SELECT
  b,
  array_agg(i) FILTER (WHERE i IS NOT NULL) AS i,
  array_agg(n) FILTER (WHERE i IS NOT NULL) AS m0
FROM (
SELECT
  b,
  CASE WHEN (x1 AND x2) THEN coalesce(x0, '__null__') END AS i,
  count(*) AS n
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST("region" AS text) AS x0,
    ("status" < 300) AS x1,
    ("status" = 200) AS x2
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2) AS fine
GROUP BY 1;
