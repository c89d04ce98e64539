SELECT
  (t // 60000000 * 60000000) AS b,
  d0,
  CAST(count_if(((FALSE OR x0 OR x1 OR x2 OR (x3 AND (x4 IS NULL)) OR (((x4 IS NULL) IS NOT TRUE) AND (x5 IS NULL)) OR (((CASE json_type(x5, '$."user"') WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number' WHEN 'HUGEINT' THEN 'number' END IS NULL) IS NOT TRUE) AND (((CASE json_type(x5, '$."user"') WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number' WHEN 'HUGEINT' THEN 'number' END = 'number') AND ((CASE WHEN regexp_matches((json_extract_string(x5, '$."user"')), '^[+-]?[0-9]{1,36}(\.0+)?$') THEN TRY_CAST((json_extract_string(x5, '$."user"')) AS DECIMAL(38, 0)) END IS NULL) IS NOT TRUE)) IS NOT TRUE)) OR x6 OR (keyed0 AND t - before0 <= 3600000000)) IS NOT TRUE)) AS BIGINT) AS m0,
  CAST(count_if((keyed0 AND t - before0 <= 3600000000)) AS BIGINT) AS m1,
  count(*) AS m2,
  CAST(count_if(FALSE) AS BIGINT) AS m3,
  CAST(count_if(x0) AS BIGINT) AS m4,
  CAST(count_if(x1) AS BIGINT) AS m5,
  CAST(count_if(x2) AS BIGINT) AS m6,
  CAST(count_if((x3 AND (x4 IS NULL))) AS BIGINT) AS m7,
  CAST(count_if((((x4 IS NULL) IS NOT TRUE) AND (x5 IS NULL))) AS BIGINT) AS m8,
  CAST(count_if((((CASE json_type(x5, '$."user"') WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number' WHEN 'HUGEINT' THEN 'number' END IS NULL) IS NOT TRUE) AND (((CASE json_type(x5, '$."user"') WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number' WHEN 'HUGEINT' THEN 'number' END = 'number') AND ((CASE WHEN regexp_matches((json_extract_string(x5, '$."user"')), '^[+-]?[0-9]{1,36}(\.0+)?$') THEN TRY_CAST((json_extract_string(x5, '$."user"')) AS DECIMAL(38, 0)) END IS NULL) IS NOT TRUE)) IS NOT TRUE))) AS BIGINT) AS m9,
  CAST(count_if(x6) AS BIGINT) AS m10
FROM (
  SELECT *, lag(t) OVER (PARTITION BY h0 ORDER BY t, d0) AS before0 FROM (
  SELECT
    epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t,
    hash("id") AS h0,
    ("id" IS NOT NULL) AS keyed0,
    CAST("status" AS VARCHAR) AS d0,
    ((NOT FALSE) AND ("id" IS NULL)) AS x0,
    ((("id" IS NULL) IS NOT TRUE) AND ("id" IS NULL)) AS x1,
    ((CAST("id" AS DOUBLE) < 0)) AS x2,
    (("region" IS NULL) IS NOT TRUE) AS x3,
    CASE WHEN (json_valid("region") AND NOT regexp_matches(regexp_replace("region", '"([^"\\]|\\.)*"', '', 'g'), '(?i)nan|inf|,\s*[}\]]')) THEN CAST("region" AS JSON) END AS x4,
    CASE WHEN json_type(CASE WHEN (json_valid("region") AND NOT regexp_matches(regexp_replace("region", '"([^"\\]|\\.)*"', '', 'g'), '(?i)nan|inf|,\s*[}\]]')) THEN "region" END) = 'OBJECT' THEN CAST("region" AS JSON) END AS x5,
    ((("seen" IS NULL) IS NOT TRUE) AND ((epoch_us(CAST("seen" AS TIMESTAMPTZ))) IS NULL)) AS x6
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS hashed) AS rows
WHERE t >= 1795175880000000
GROUP BY 1, 2;

SELECT
  b,
  d0,
  list(i) FILTER (WHERE i IS NOT NULL) AS i,
  list(n) FILTER (WHERE i IS NOT NULL) AS m0
FROM (
SELECT
  b,
  d0,
  x0 AS i,
  count(*) AS n
FROM (
  SELECT
    (epoch_us(CAST("t" AS TIMESTAMPTZ)) // 60000000 * 60000000) AS b,
    CAST("status" AS VARCHAR) AS d0,
    '{"missing": [], "types": {}, "unknown": ["status", "t"]}' AS x0
  FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2, 3) AS fine
GROUP BY 1, 2;
