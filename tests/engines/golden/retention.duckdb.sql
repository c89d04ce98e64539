SELECT s, count(t) AS total, count(*) - count(t) AS without_time, min(t) AS oldest,
  max(t) FILTER (WHERE t <= 1795176000000000) AS newest, count(*) FILTER (WHERE t > 1795176000000000) AS later,
  count(*) FILTER (WHERE t < 1792584000000000) AS too_old
FROM (SELECT '' AS s, epoch_us(CAST("t" AS TIMESTAMPTZ)) AS t FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true)) AS r GROUP BY s;
