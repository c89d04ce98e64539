SELECT s, count(t) AS total, count(*) - count(t) AS without_time, min(t) AS oldest,
  max(t) FILTER (WHERE t <= 1795176000000000) AS newest, count(*) FILTER (WHERE t > 1795176000000000) AS later,
  count(*) FILTER (WHERE t < 1792584000000000) AS too_old
FROM (SELECT '' AS s, CASE WHEN isfinite("t") THEN CAST(round(date_part('epoch', "t") * 1000000) AS bigint) END AS t FROM "SHOP"."rows") AS r GROUP BY s;
