WITH seen AS (
  SELECT s, unit, variant, known, min(t) AS t, max(t) AS latest FROM (SELECT CAST("id" AS text) AS "unit", CAST("region" AS text) AS "variant", (CAST("region" AS text) IN ('eu', 'us')) AS "known", '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows" WHERE "t" >= TIMESTAMPTZ '2026-11-20 08:00:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00' AND ((("id" IS NULL) IS NOT TRUE) AND (("region" IS NULL) IS NOT TRUE))) AS r GROUP BY 1, 2, 3, 4
), ranked AS (
  SELECT s, CASE WHEN known THEN variant END AS variant, known, t,
    max(latest) OVER (PARTITION BY s, unit) >= 1795172340000000 AS recent,
    count(*) OVER (PARTITION BY s, unit) AS variants,
    count(*) OVER (PARTITION BY s, unit, known, t) AS ties,
    row_number() OVER (PARTITION BY s, unit ORDER BY known DESC, t, variant) AS place
  FROM seen
)
SELECT s, t - t % 3600000000 AS hour, 0 AS phase, variant,
  count(*) FILTER (WHERE ties = 1) AS units,
  count(*) FILTER (WHERE ties = 1 AND recent) AS recent,
  count(*) FILTER (WHERE recent) AS present,
  count(*) FILTER (WHERE recent AND variants > 1) AS several
FROM ranked WHERE place = 1
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
