SELECT
  (t / 60000000 * 60000000) AS b,
  d0,
  count(*) FILTER (WHERE ((FALSE OR x0 OR x1 OR x2 OR (x3 AND (x4 IS NULL)) OR (((x4 IS NULL) IS NOT TRUE) AND (x5 IS NULL)) OR (((nullif(jsonb_typeof(x5 #> '{"user"}'), 'null') IS NULL) IS NOT TRUE) AND (((nullif(jsonb_typeof(x5 #> '{"user"}'), 'null') = 'number') AND ((CASE WHEN ((x5 #>> '{"user"}')) ~ '^[+-]?[0-9]{1,36}(\.0+)?$' THEN CAST(((x5 #>> '{"user"}')) AS DECIMAL(38, 0)) END IS NULL) IS NOT TRUE)) IS NOT TRUE)) OR x6 OR (keyed0 AND t - before0 <= 3600000000)) IS NOT TRUE)) AS m0,
  count(*) FILTER (WHERE (keyed0 AND t - before0 <= 3600000000)) AS m1,
  count(*) AS m2,
  count(*) FILTER (WHERE FALSE) AS m3,
  count(*) FILTER (WHERE x0) AS m4,
  count(*) FILTER (WHERE x1) AS m5,
  count(*) FILTER (WHERE x2) AS m6,
  count(*) FILTER (WHERE (x3 AND (x4 IS NULL))) AS m7,
  count(*) FILTER (WHERE (((x4 IS NULL) IS NOT TRUE) AND (x5 IS NULL))) AS m8,
  count(*) FILTER (WHERE (((nullif(jsonb_typeof(x5 #> '{"user"}'), 'null') IS NULL) IS NOT TRUE) AND (((nullif(jsonb_typeof(x5 #> '{"user"}'), 'null') = 'number') AND ((CASE WHEN ((x5 #>> '{"user"}')) ~ '^[+-]?[0-9]{1,36}(\.0+)?$' THEN CAST(((x5 #>> '{"user"}')) AS DECIMAL(38, 0)) END IS NULL) IS NOT TRUE)) IS NOT TRUE))) AS m9,
  count(*) FILTER (WHERE x6) AS m10
FROM (
  SELECT *, lag(t) OVER (PARTITION BY h0 ORDER BY t, d0) AS before0 FROM (
  SELECT
    CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t,
    "id" AS h0,
    ("id" IS NOT NULL) AS keyed0,
    CAST("status" AS text) AS d0,
    ((NOT FALSE) AND ("id" IS NULL)) AS x0,
    ((("id" IS NULL) IS NOT TRUE) AND ("id" IS NULL)) AS x1,
    ((CAST("id" AS float8) < 0)) AS x2,
    (("region" IS NULL) IS NOT TRUE) AS x3,
    CASE WHEN "region" !~ '[\x01-\x08\x0b\x0c\x0e-\x1f]' AND regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace("region", '"([^"\\[:cntrl:]]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"', chr(1), 'g'), '-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?|true|false|null', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g') ~ '^[ \t\n\r]*[\x01\x02][ \t\n\r]*$' THEN CAST(regexp_replace("region", '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\ufffd', 'g') AS jsonb) END AS x4,
    (SELECT CASE WHEN jsonb_typeof(d) = 'object' THEN d END FROM (SELECT CASE WHEN "region" !~ '[\x01-\x08\x0b\x0c\x0e-\x1f]' AND regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace("region", '"([^"\\[:cntrl:]]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"', chr(1), 'g'), '-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?|true|false|null', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g'), '\{[ \t\n\r]*(\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*(,[ \t\n\r]*\x01[ \t\n\r]*:[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\}|\[[ \t\n\r]*([\x01\x02][ \t\n\r]*(,[ \t\n\r]*[\x01\x02][ \t\n\r]*)*)?\]', chr(2), 'g') ~ '^[ \t\n\r]*[\x01\x02][ \t\n\r]*$' THEN CAST(regexp_replace("region", '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\ufffd', 'g') AS jsonb) END AS d OFFSET 0) AS x) AS x5,
    ((("seen" IS NULL) IS NOT TRUE) AND ((CASE WHEN isfinite("seen") THEN CAST(round(date_part('epoch', "seen") * 1000000) AS bigint) END) IS NULL)) AS x6
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00'
  OFFSET 0) AS hashed) AS rows
WHERE t >= 1795175880000000
GROUP BY 1, 2;

SELECT
  b,
  d0,
  array_agg(i) FILTER (WHERE i IS NOT NULL) AS i,
  array_agg(n) FILTER (WHERE i IS NOT NULL) AS m0
FROM (
SELECT
  b,
  d0,
  x0 AS i,
  count(*) AS n
FROM (
  SELECT
    (CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END / 60000000 * 60000000) AS b,
    CAST("status" AS text) AS d0,
    '{"missing": [], "types": {}, "unknown": ["status", "t"]}' AS x0
  FROM "SHOP"."rows"
  WHERE "t" >= TIMESTAMPTZ '2026-11-20 11:58:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00') AS rows
GROUP BY 1, 2, 3) AS fine
GROUP BY 1, 2;
