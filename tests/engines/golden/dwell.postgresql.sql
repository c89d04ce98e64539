
        SELECT s, cohort, count(*) AS total, count(DISTINCT person) FILTER (WHERE dwell >= 0) AS people,
          count(*) FILTER (WHERE dwell >= 0) AS used,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY dwell) FILTER (WHERE dwell >= 0) AS middle
        FROM (SELECT coalesce(CAST("region" AS text), '') AS "cohort", CAST("id" AS text) AS "person", CASE WHEN (CAST("status" AS text)) ~ '^[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE][+-]?[0-9]{1,2})?$' THEN CAST((CAST("status" AS text)) AS float8) END AS "dwell", '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows" WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:59:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS r GROUP BY s, cohort;
