WITH g0 AS (SELECT s, k, max(t) AS t, count(*) AS n FROM (SELECT (CAST("id" AS text)) AS "k", '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows" WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:59:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS r GROUP BY s, k),
g1 AS (SELECT k, max(seen) AS t FROM (SELECT (CAST("row" AS text)) AS "k", CASE WHEN isfinite("at") THEN CAST(round(date_part('epoch', "at") * 1000000) AS bigint) END AS "seen", '' AS s, CASE WHEN isfinite("at") THEN CAST(round(date_part('epoch', "at") * 1000000) AS bigint) END AS t FROM "SHOP"."labels" WHERE "at" >= TIMESTAMPTZ '2026-11-20 10:58:00.000000+00' AND "at" < TIMESTAMPTZ '2026-11-20 12:00:00.000001+00') AS r GROUP BY k),
fates AS (
  SELECT g0.s, g0.n, CASE WHEN g1.k IS NOT NULL THEN 1 ELSE 0 END AS reached,
    CASE WHEN g0.k IS NULL THEN 'without_key' WHEN g1.k IS NOT NULL THEN 'stored' WHEN greatest(g0.t, g1.t) > 1795175940000000 THEN 'in_flight' ELSE 'unexplained' END AS fate
  FROM g0
  LEFT JOIN g1 ON g1.k = g0.k
)
SELECT s, fate, reached, sum(CASE WHEN fate = 'without_key' THEN n ELSE 1 END) AS n
FROM fates GROUP BY s, fate, reached;
