SELECT
  b,
  count(*) AS m0
FROM (
  SELECT
    (epoch_us(CAST("t" AS TIMESTAMPTZ)) // 900000000 * 900000000) AS b
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 10:45:00.000000+00') AS rows
GROUP BY 1;

SELECT
  (epoch_us(CAST(l."t" AS TIMESTAMPTZ)) // 900000000 * 900000000) AS b,
  count(*) AS m0
FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) AS l
SEMI JOIN (SELECT * FROM read_parquet(['LAKE/labels/0002.parquet'], union_by_name = true) AS r WHERE ((NOT "r"."label" IS NULL) AND (CASE WHEN regexp_matches((CAST(r."label" AS VARCHAR)), '^[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE][+-]?[0-9]{1,2})?$') THEN TRY_CAST((CAST(r."label" AS VARCHAR)) AS DOUBLE) END >= 1.0)) AND r."at" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND r."at" < TIMESTAMPTZ '2026-11-20 11:45:00.000001+00') AS r
  ON hash(r."row") = hash(l."id") AND l."id" IS NOT NULL AND epoch_us(CAST(r."at" AS TIMESTAMPTZ)) >= epoch_us(CAST(l."t" AS TIMESTAMPTZ)) + 0 AND epoch_us(CAST(r."at" AS TIMESTAMPTZ)) <= epoch_us(CAST(l."t" AS TIMESTAMPTZ)) + 3600000000
WHERE l."t" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND l."t" < TIMESTAMPTZ '2026-11-20 10:45:00.000000+00'
  AND TRUE
GROUP BY 1;

SELECT
  (epoch_us(CAST(l."t" AS TIMESTAMPTZ)) // 900000000 * 900000000) AS b,
  count(*) AS m0
FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) AS l
SEMI JOIN (SELECT * FROM read_parquet(['LAKE/labels/0002.parquet'], union_by_name = true) AS r WHERE ((NOT "r"."label" IS NULL)) AND r."at" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND r."at" < TIMESTAMPTZ '2026-11-20 11:45:00.000001+00') AS r
  ON hash(r."row") = hash(l."id") AND l."id" IS NOT NULL AND epoch_us(CAST(r."at" AS TIMESTAMPTZ)) >= epoch_us(CAST(l."t" AS TIMESTAMPTZ)) + 0 AND epoch_us(CAST(r."at" AS TIMESTAMPTZ)) <= epoch_us(CAST(l."t" AS TIMESTAMPTZ)) + 3600000000
WHERE l."t" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND l."t" < TIMESTAMPTZ '2026-11-20 10:45:00.000000+00'
  AND TRUE
GROUP BY 1;
