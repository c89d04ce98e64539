WITH rows AS (SELECT * FROM read_parquet(['LAKE/rows/0001.parquet'], union_by_name = true) WHERE "t" >= TIMESTAMPTZ '2026-11-20 10:59:00.000000+00' AND "t" < TIMESTAMPTZ '2026-11-20 11:59:00.000000+00')
SELECT * FROM (
select sum(status) from rows
) AS answer LIMIT 1001;
