SELECT
  b,
  d0,
  CASE WHEN (x0 >= 0) THEN CAST(CASE WHEN (x0) = 0 THEN -1 ELSE ceil(ln(CAST(x0 AS float8)) / CAST(0.01980262729617973 AS float8)) END AS integer) END AS i,
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
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST("region" AS text) AS d0,
    (CASE WHEN isfinite("seen") THEN CAST(round(date_part('epoch', "seen") * 1000000) AS bigint) END - CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END) AS x0,
    CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS x1,
    CASE WHEN isfinite("seen") THEN CAST(round(date_part('epoch', "seen") * 1000000) AS bigint) END AS x2
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:57:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:58:00.000000+00') AS rows
GROUP BY 1, 2, 3;
