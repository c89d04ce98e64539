SELECT
  b,
  d0,
  max(x0) AS m0
FROM (
  SELECT
    CAST(1792584000000000 AS BIGINT) AS b,
    CAST("region" AS text) AS d0,
    CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS x0
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-10-21 12:00:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 12:00:00.000001+00') AS rows
GROUP BY 1, 2;
