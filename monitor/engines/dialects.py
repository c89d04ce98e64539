"""The table of primitives: one row per node of `monitor.expr`, one column per SQL dialect.

A template's names are the node's fields, already rendered. Transpiling alone is not enough: a dialect may
round `EPOCH` to whole seconds, lose the origin of `DATE_BIN`, or sum nothing to NULL, so each row is written
out and run by one conformance test on every engine.
"""

from math import log

from monitor.expr import GAMMA

DUCKDB, POSTGRES = "duckdb", "postgres"
LN_GAMMA = log(GAMMA)
"""Written out: PostgreSQL takes ln(1.02) for a numeric, which is another double in its last bit."""

PRIMITIVES: dict[str, dict[str, str]] = {
    "Minus": {DUCKDB: "({left} - {right})", POSTGRES: "({left} - {right})"},
    "Plus": {DUCKDB: "({left} + {right})", POSTGRES: "({left} + {right})"},
    "Times": {DUCKDB: "({left} * {right})", POSTGRES: "({left} * {right})"},
    "Not": {DUCKDB: "(NOT {of})", POSTGRES: "(NOT {of})"},
    "Indicator": {
        DUCKDB: "CASE WHEN {of} THEN 1 ELSE 0 END",
        POSTGRES: "CASE WHEN {of} THEN 1 ELSE 0 END",
    },
    "Slot": {
        DUCKDB: "CAST(CAST('0x' || substr(md5({of}), 1, 15) AS BIGINT) % {n} AS INTEGER)",
        POSTGRES: "CAST(CAST(CAST('x' || substr(md5({of}), 1, 15) AS bit(60)) AS bigint) % {n} AS integer)",
    },
    "Compare": {DUCKDB: "({left} {op} {right})", POSTGRES: "({left} {op} {right})"},
    "NullSafeEqual": {
        DUCKDB: "({left} IS NOT DISTINCT FROM {right})",
        POSTGRES: "({left} IS NOT DISTINCT FROM {right})",
    },
    "IsNull": {DUCKDB: "({of} IS NULL)", POSTGRES: "({of} IS NULL)"},
    "NotTrue": {DUCKDB: "({of} IS NOT TRUE)", POSTGRES: "({of} IS NOT TRUE)"},
    "Number": {
        DUCKDB: "CASE WHEN isfinite(CAST({of} AS DOUBLE)) THEN CAST({of} AS DOUBLE) END",
        POSTGRES: "CASE WHEN CAST({of} AS float8) NOT IN ('NaN', 'Infinity', '-Infinity')"
        " THEN CAST({of} AS float8) END",
    },
    "Moderate": {
        DUCKDB: "CASE WHEN abs({of}) < CAST(1e150 AS DOUBLE) THEN {of} END",
        POSTGRES: "CASE WHEN abs({of}) < CAST(1e150 AS float8) THEN {of} END",
    },
    "Contains": {DUCKDB: "contains({of}, {text})", POSTGRES: "(strpos({of}, {text}) > 0)"},
    # In PostgreSQL a dot matches a line's end too; RE2 is told to do the same.
    "Regex": {DUCKDB: "regexp_matches({of}, {pattern}, 's')", POSTGRES: "({of} ~ {pattern})"},
    # An AND need not stop at what is false, a CASE does.
    "Guarded": {
        DUCKDB: "CASE WHEN {guard} THEN {of} ELSE FALSE END",
        POSTGRES: "CASE WHEN {guard} THEN {of} ELSE FALSE END",
    },
    # Before its version 16 PostgreSQL cannot ask whether a text is JSON, and no version knows \\u0000.
    "JsonField": {
        DUCKDB: "CASE WHEN json_valid({of}) THEN json_extract_string({of}, {path}) END",
        POSTGRES: r"CASE WHEN {of} ~ '^\s*[{{\[]' THEN"
        r" CAST(replace({of}, '\u0000', '\ufffd') AS json) #>> {path} END",
    },
    "Hash": {
        DUCKDB: "CAST('0x' || substr(md5({of}), 1, 15) AS BIGINT)",
        POSTGRES: "CAST(CAST('x' || substr(md5({of}), 1, 15) AS bit(60)) AS bigint)",
    },
    "LogBucket": {
        DUCKDB: "CAST(CASE WHEN ({of}) = 0 THEN -1"
        f" ELSE ceil(ln(CAST({{of}} AS DOUBLE)) / CAST({LN_GAMMA} AS DOUBLE)) END AS INTEGER)",
        POSTGRES: "CAST(CASE WHEN ({of}) = 0 THEN -1"
        f" ELSE ceil(ln(CAST({{of}} AS float8)) / CAST({LN_GAMMA} AS float8)) END AS integer)",
    },
    "Text": {DUCKDB: "CAST({of} AS VARCHAR)", POSTGRES: "CAST({of} AS text)"},
    "Floor": {DUCKDB: "({of} // {grid} * {grid})", POSTGRES: "({of} / {grid} * {grid})"},
    # Aggregates: {where} is empty or a FILTER clause.
    "count": {DUCKDB: "count(*){where}", POSTGRES: "count(*){where}"},
    # DuckDB picks out rows anew for every FILTER: to count truth values costs an eighth less in a wide scan.
    "counts": {
        DUCKDB: "CAST(count_if({of}) AS BIGINT)",
        POSTGRES: "count(*) FILTER (WHERE {of})",
    },
    "counted": {
        DUCKDB: "CAST(coalesce(sum({of}){where}, 0) AS BIGINT)",
        POSTGRES: "CAST(coalesce(sum({of}){where}, 0) AS bigint)",
    },
    "list": {
        DUCKDB: "list({of}) FILTER (WHERE i IS NOT NULL)",
        POSTGRES: "array_agg({of}) FILTER (WHERE i IS NOT NULL)",
    },
    "nulls": {DUCKDB: "(count(*) - count({of}))", POSTGRES: "(count(*) - count({of}))"},
    "nothing": {DUCKDB: "CAST(0 AS BIGINT)", POSTGRES: "CAST(0 AS bigint)"},
    "sum": {DUCKDB: "coalesce(sum({of}){where}, 0)", POSTGRES: "coalesce(sum({of}){where}, 0)"},
    "max": {DUCKDB: "max({of}){where}", POSTGRES: "max({of}){where}"},
    "min": {DUCKDB: "min({of}){where}", POSTGRES: "min({of}){where}"},
    "distinct": {DUCKDB: "count(DISTINCT {of}){where}", POSTGRES: "count(DISTINCT {of}){where}"},
    # Joins: rows of the left side that have a partner, as what follows FROM and as a condition; the hash of a
    # key, which joins and sorts in half the time and a third of the memory of 32-character ids, and misleads
    # once in some ten million scans of a million rows.
    "semi": {
        DUCKDB: "{left} AS l\nSEMI JOIN (SELECT * FROM {right} AS r WHERE {where}) AS r\n  ON {on}",
        POSTGRES: "(SELECT * FROM {left}) AS l",
    },
    "partner": {
        DUCKDB: "TRUE",
        POSTGRES: "EXISTS (SELECT 1 FROM (SELECT * FROM {right}) AS r WHERE {where} AND {on})",
    },
    "key": {DUCKDB: "hash({of})", POSTGRES: "{of}"},
    "keys": {DUCKDB: "hash({of})", POSTGRES: "ROW({of})"},
    "where": {DUCKDB: " FILTER (WHERE {0})", POSTGRES: " FILTER (WHERE {0})"},
}
"""`Floor` is the start of the bucket of an instant that is not negative."""

_FLOAT = (
    "CASE WHEN isnan({of}) THEN 'NaN' WHEN isinf({of}) THEN CASE WHEN {of} > 0 THEN 'Infinity'"
    " ELSE '-Infinity' END WHEN {of} = trunc({of}) AND abs({of}) < 1e15"
    " THEN CAST(CAST({of} AS BIGINT) AS VARCHAR) ELSE CAST({of} AS VARCHAR) END"
)

TEXTS: dict[str, dict[str, str]] = {
    # Types that a dialect writes in another way than PostgreSQL, so that a segment is called the same
    # everywhere.
    DUCKDB: {"DOUBLE": _FLOAT, "FLOAT": _FLOAT},
    POSTGRES: {},
}

_AWARE_TEXT = r"':\d\d(\.\d+)? ?([Zz]|UTC|[+-]\d\d(:?\d\d)?)$'"


def _floored(kind: str) -> str:
    """A cast to microseconds would round: a row of 59.9999999 s would move to the next minute."""
    nanos = f"epoch_ns(CAST({{0}} AS {kind}))"
    return f"({nanos} - 999 * CAST({nanos} < 0 AS INTEGER)) // 1000"


INSTANTS: dict[str, dict[str, str]] = {
    # Microseconds since the epoch by the column's type or its family: aware, naive, date or text. NULL for
    # the infinities and for text that is no time. A DuckDB column of the type NULL holds nothing else: pandas
    # writes a column so that has no value, and one file may lack what the others have; hence the casts.
    DUCKDB: {
        "aware": "epoch_us(CAST({0} AS TIMESTAMPTZ))",
        "aware_ns": _floored("TIMESTAMPTZ_NS"),
        "TIMESTAMP_NS": _floored("TIMESTAMP_NS"),
        '"NULL"': "CAST({0} AS BIGINT)",
        "naive": "epoch_us(CAST({0} AS TIMESTAMP))",
        "date": "epoch_us(CAST({0} AS TIMESTAMP))",
        "text": "epoch_us(TRY_CAST({0} AS TIMESTAMPTZ))",
        "TIMESTAMP_NS_zone": "epoch_us(timezone({1}, make_timestamp(" + _floored("TIMESTAMP_NS") + ")))",
        "naive_zone": "epoch_us(timezone({1}, CAST({0} AS TIMESTAMP)))",
        "date_zone": "epoch_us(timezone({1}, CAST({0} AS TIMESTAMP)))",
        "text_zone": "CASE WHEN regexp_matches({0}, "
        + _AWARE_TEXT
        + ") THEN epoch_us(TRY_CAST({0} AS TIMESTAMPTZ))"
        " ELSE epoch_us(timezone({1}, TRY_CAST({0} AS TIMESTAMP))) END",
    },
    # date_part gives a double, exact to a quarter of a microsecond until 2250; extract gives a slow numeric.
    POSTGRES: {
        "aware": "CASE WHEN isfinite({0}) THEN CAST(round(date_part('epoch', {0}) * 1000000) AS bigint) END",
        "naive": "CASE WHEN isfinite({0}) THEN CAST(round(date_part('epoch', {0}) * 1000000) AS bigint) END",
        "date": "CASE WHEN isfinite({0}) THEN CAST(date_part('epoch', {0}) * 1000000 AS bigint) END",
        "naive_zone": "CASE WHEN isfinite({0}) THEN"
        " CAST(round(date_part('epoch', {0} AT TIME ZONE {1}) * 1000000) AS bigint) END",
        "date_zone": "CASE WHEN isfinite({0}) THEN"
        " CAST(date_part('epoch', CAST({0} AS timestamp) AT TIME ZONE {1}) * 1000000 AS bigint) END",
    },
}

PRUNES: dict[str, dict[str, str]] = {
    # What a family's column is compared with, so that files, row groups and indexes are skipped: the literal
    # is wrapped, never the column. {0} the column, {1} the literal.
    DUCKDB: {
        "aware": "{0} {op} TIMESTAMPTZ '{1}+00'",
        "aware_ns": "{0} {op} CAST(TIMESTAMPTZ '{1}+00' AS TIMESTAMPTZ_NS)",
        "naive": "{0} {op} TIMESTAMP '{1}'",
        "date": "{0} {op} CAST(TIMESTAMP '{1}' AS DATE)",
    },
    POSTGRES: {
        "aware": "{0} {op} TIMESTAMPTZ '{1}+00'",
        "naive": "{0} {op} TIMESTAMP '{1}'",
        "date": "{0} {op} CAST(TIMESTAMP '{1}' AS date)",
    },
}

NANOSECONDS = frozenset({"TIMESTAMP_NS", "TIMESTAMPTZ_NS", "TIMESTAMP_NS WITH TIME ZONE"})
"""Types that reach from 1677 to 2262, and refuse to be compared with anything beyond."""
NANOSECOND_REACH = 9_200_000_000 * 1_000_000
"""In microseconds, on both sides of 1970."""
