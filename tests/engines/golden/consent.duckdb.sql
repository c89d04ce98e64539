SELECT s, count(*) AS total, sum(given) AS good, sum(unknown) AS unknown,
  count(*) AS users, count(*) FILTER (WHERE given = 0) AS users_without
FROM (SELECT CASE WHEN (CAST("region" AS VARCHAR) IN ('eu')) THEN 1 ELSE 0 END AS "given", CASE WHEN ("region" IS NULL) THEN 1 ELSE 0 END AS "unknown", '' AS s, epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:59:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS r GROUP BY s;
