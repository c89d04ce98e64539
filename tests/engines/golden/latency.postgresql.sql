SELECT
  b,
  d0,
  array_agg(i) FILTER (WHERE i IS NOT NULL) AS i,
  array_agg(n) FILTER (WHERE i IS NOT NULL) AS m0,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 1) > 0), 0) AS bigint) AS m1,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 2) > 0), 0) AS bigint) AS m2,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 4) > 0), 0) AS bigint) AS m3,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 8) > 0), 0) AS bigint) AS m4,
  CAST(coalesce(sum(n) FILTER (WHERE (c & 16) > 0), 0) AS bigint) AS m5,
  coalesce(sum(m6) FILTER (WHERE (c & 32) > 0), 0) AS m6,
  max(m7) FILTER (WHERE (c & 32) > 0) AS m7
FROM (
SELECT
  b,
  d0,
  CASE WHEN (x0 >= 0) THEN CAST(CASE WHEN (x0) = 0 THEN -1 ELSE ceil(ln(CAST(x0 AS float8)) / CAST(0.01980262729617973 AS float8)) END AS integer) END AS i,
  CASE WHEN ((x0 >= 0) AND (x0 <= 2000000)) THEN 1 ELSE 0 END + CASE WHEN ((FALSE IS NOT TRUE) AND ((x0 < 0) IS NOT TRUE)) THEN 2 ELSE 0 END + CASE WHEN (x0 < 0) THEN 4 ELSE 0 END + CASE WHEN ((FALSE IS NOT TRUE) AND (x1 IS NULL)) THEN 8 ELSE 0 END + CASE WHEN FALSE THEN 16 ELSE 0 END + CASE WHEN (x0 >= 0) THEN 32 ELSE 0 END AS c,
  count(*) AS n,
  coalesce(sum(x0), 0) AS m6,
  max(x0) AS m7
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST("region" AS text) AS d0,
    (CASE WHEN isfinite("seen") THEN CAST(round(date_part('epoch', "seen") * 1000000) AS bigint) END - CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END) AS x0,
    CASE WHEN isfinite("seen") THEN CAST(round(date_part('epoch', "seen") * 1000000) AS bigint) END AS x1
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:57:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:58:00.000000+00') AS rows
GROUP BY 1, 2, 3, 4) AS fine
GROUP BY 1, 2;
