SELECT s, count(*) AS total, sum(given) AS good, sum(unknown) AS unknown,
  count(*) AS users, count(*) FILTER (WHERE given = 0) AS users_without
FROM (SELECT CASE WHEN (CAST("region" AS text) IN ('eu')) THEN 1 ELSE 0 END AS "given", CASE WHEN ("region" IS NULL) THEN 1 ELSE 0 END AS "unknown", '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows" WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:59:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS r GROUP BY s;
