
        SELECT s, cohort, count(*) AS total, count(DISTINCT person) FILTER (WHERE dwell >= 0) AS people,
          count(*) FILTER (WHERE dwell >= 0) AS used,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY dwell) FILTER (WHERE dwell >= 0) AS middle
        FROM (SELECT coalesce(CAST("region" AS VARCHAR), '') AS "cohort", CAST("id" AS VARCHAR) AS "person", CASE WHEN regexp_matches((CAST("status" AS VARCHAR)), '^[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE][+-]?[0-9]{1,2})?$') THEN TRY_CAST((CAST("status" AS VARCHAR)) AS DOUBLE) END AS "dwell", '' AS s, epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:59:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS r GROUP BY s, cohort;
