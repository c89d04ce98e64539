SELECT
  b,
  count(*) AS m0
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 900000000 * 900000000) AS b
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 10:45:00.000000+00') AS rows
GROUP BY 1;

SELECT
  (CASE WHEN isfinite(l."t") THEN CAST(round(date_part('epoch', l."t") * 1000000) AS bigint) END / 900000000 * 900000000) AS b,
  count(*) AS m0
FROM (SELECT * FROM "SHOP"."rows") AS l
WHERE l."t" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND l."t" < TIMESTAMPTZ '2026-11-20 10:45:00.000000+00'
  AND EXISTS (SELECT 1 FROM (SELECT * FROM "SHOP"."labels") AS r WHERE (("r"."label" IS NOT NULL) AND (CASE WHEN (CAST(r."label" AS text)) ~ '^[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE][+-]?[0-9]{1,2})?$' THEN CAST((CAST(r."label" AS text)) AS float8) END >= 1.0)) AND r."at" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND r."at" < TIMESTAMPTZ '2026-11-20 11:45:00.000001+00' AND r."row" = l."id" AND CASE WHEN isfinite(r."at") THEN CAST(round(date_part('epoch', r."at") * 1000000) AS bigint) END >= CASE WHEN isfinite(l."t") THEN CAST(round(date_part('epoch', l."t") * 1000000) AS bigint) END + 0 AND CASE WHEN isfinite(r."at") THEN CAST(round(date_part('epoch', r."at") * 1000000) AS bigint) END <= CASE WHEN isfinite(l."t") THEN CAST(round(date_part('epoch', l."t") * 1000000) AS bigint) END + 3600000000)
GROUP BY 1;

SELECT
  (CASE WHEN isfinite(l."t") THEN CAST(round(date_part('epoch', l."t") * 1000000) AS bigint) END / 900000000 * 900000000) AS b,
  count(*) AS m0
FROM (SELECT * FROM "SHOP"."rows") AS l
WHERE l."t" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND l."t" < TIMESTAMPTZ '2026-11-20 10:45:00.000000+00'
  AND EXISTS (SELECT 1 FROM (SELECT * FROM "SHOP"."labels") AS r WHERE (("r"."label" IS NOT NULL)) AND r."at" >= TIMESTAMPTZ '2026-11-20 10:30:00.000000+00' AND r."at" < TIMESTAMPTZ '2026-11-20 11:45:00.000001+00' AND r."row" = l."id" AND CASE WHEN isfinite(r."at") THEN CAST(round(date_part('epoch', r."at") * 1000000) AS bigint) END >= CASE WHEN isfinite(l."t") THEN CAST(round(date_part('epoch', l."t") * 1000000) AS bigint) END + 0 AND CASE WHEN isfinite(r."at") THEN CAST(round(date_part('epoch', r."at") * 1000000) AS bigint) END <= CASE WHEN isfinite(l."t") THEN CAST(round(date_part('epoch', l."t") * 1000000) AS bigint) END + 3600000000)
GROUP BY 1;
