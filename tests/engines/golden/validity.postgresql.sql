
        WITH units AS MATERIALIZED (
          SELECT row_number() OVER (ORDER BY k0) AS id, l.* FROM (SELECT CAST("id" AS text) AS "k0", '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows" WHERE "t" >= TIMESTAMPTZ '2026-11-20 09:45:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 10:45:00.000000+00') AS l
        ), judged AS (
          SELECT l.id, l.s, 1 AS known, max(coalesce(truth, 0)) AS truth,
            coalesce(max(CASE WHEN mark = 1 THEN score END), 0) AS score
          FROM units AS l LEFT JOIN (SELECT CAST("row" AS text) AS "k0", CASE WHEN ("label" = 1) THEN 1 ELSE 0 END AS "mark", CASE WHEN ("label" = 1) THEN 1 ELSE 0 END AS "score", CASE WHEN ("label" > 0) THEN 1 ELSE 0 END AS "truth", 0 AS "known", '' AS s, CASE WHEN isfinite("at") THEN CAST(round(date_part('epoch', "at") * 1000000) AS bigint) END AS t FROM "SHOP"."labels" WHERE "at" >= TIMESTAMPTZ '2026-11-20 09:45:00.000000+00' AND "at" < TIMESTAMPTZ '2026-11-20 11:45:00.000001+00') AS r ON r.k0 = l.k0 AND r.t - l.t BETWEEN 0 AND 3600000000
          GROUP BY l.id, l.s
        )
        SELECT s, score, count(*) AS total, coalesce(sum(truth) FILTER (WHERE known = 1), 0) AS positive,
          count(*) FILTER (WHERE known = 1) AS known
        FROM judged GROUP BY s, score;
