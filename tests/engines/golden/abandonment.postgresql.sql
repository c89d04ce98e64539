
        WITH marked AS (
          SELECT *, lag(t) OVER (PARTITION BY session ORDER BY t) AS before FROM (SELECT CAST("region" AS text) AS "session", CASE WHEN ("status" < 300) THEN 1 ELSE 0 END AS "done", 0 AS "gone", 0 AS "used", '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows" WHERE "t" >= TIMESTAMPTZ '2026-11-20 08:30:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:00:00.000000+00') AS r
          WHERE session IS NOT NULL
        ), begun AS (
          SELECT *, sum(CASE WHEN before IS NULL OR t - before > 1800000000 THEN 1 ELSE 0 END)
            OVER (PARTITION BY session ORDER BY t ROWS UNBOUNDED PRECEDING) AS visit FROM marked
        ), followed AS (
          SELECT *, min(t) OVER (PARTITION BY session, visit) AS first FROM begun
        ), visits AS (
          SELECT session, visit, min(first) AS first, max(done) AS completed,
            CASE WHEN max(used) = 0 THEN 1 ELSE 0 END AS gone
          FROM followed WHERE t - first <= 3600000000 GROUP BY session, visit
        ), named AS (
          SELECT session, visit, min(s) AS s FROM (
            SELECT session, visit, s, rank() OVER (PARTITION BY session, visit ORDER BY t) AS place FROM begun
          ) AS placed WHERE place = 1 GROUP BY session, visit
        )
        SELECT n.s AS s, count(*) AS total, sum(v.completed) AS completed,
          sum(CASE WHEN v.gone = 1 AND v.completed = 0 THEN 1 ELSE 0 END) AS bad,
          sum(CASE WHEN v.gone = 1 AND v.completed = 1 THEN 1 ELSE 0 END) AS excused, 0 AS no_session
        FROM visits AS v JOIN named AS n ON n.session = v.session AND n.visit = v.visit
        WHERE v.first >= 1795165200000000 AND v.first < 1795168800000000 GROUP BY n.s
        UNION ALL
        SELECT s, 0, 0, 0, 0, count(*) FROM (SELECT '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows" WHERE "t" >= TIMESTAMPTZ '2026-11-20 09:00:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 10:00:00.000000+00' AND ("region" IS NULL)) AS r GROUP BY s;
