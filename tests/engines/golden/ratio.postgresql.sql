SELECT
  b,
  d0,
  count(*) FILTER (WHERE x0) AS m0,
  count(*) AS m1,
  (count(*) - count(x0)) AS m2
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST("region" AS text) AS d0,
    ("status" < 400) AS x0
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00' AND ("region" <> 'test')) AS rows
GROUP BY 1, 2;
