"""The table of casts that never fail: what a live column must hold to be of a contract's type.

A row per type, a template per dialect and family of the live column; a pair that is not there never fits.
Texts are held to one regular expression on every engine before they are cast, because casts accept various
things: DuckDB rounds '1.5' to an integer, PostgreSQL stops the whole query at '2026-02-30'.
"""

from monitor.engines.dialects import DUCKDB, POSTGRES

INTEGER = r"^[+-]?[0-9]{1,36}(\.0+)?$"
NUMBER = r"^[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE][+-]?[0-9]{1,2})?$"
BOOLEAN = r"^(true|false|t|f|yes|no|1|0)$"
TRUE = "('true', 't', 'yes', '1')"
_YEAR = r"^(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_DAY = _YEAR + r"-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
DATE = _DAY + "$"
TIMESTAMP = _DAY + "([ T]" + _CLOCK + r"( ?(Z|UTC|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?))?)?$"
TIME = "^" + _CLOCK + "$"

_MONTH = (
    "CAST(date_part('day', make_date(CAST(substr({0}, 1, 4) AS integer),"
    " CAST(substr({0}, 6, 2) AS integer), 1) + interval '1 month - 1 day') AS integer)"
)
_POSTGRES_INSTANT = (
    "CASE WHEN {0} ~ '%s' THEN CASE WHEN CAST(substr({0}, 9, 2) AS integer) <= "
    + _MONTH
    + " THEN CAST(round(date_part('epoch', CAST({0} AS timestamptz)) * 1000000) AS bigint) END END"
)

DEEPEST = 12
"""Levels of a JSON document that PostgreSQL checks: before its version 16 it cannot ask whether a text is
JSON. Strings, scalars, then the innermost arrays and objects are replaced, level by level; deeper is none."""


def _reduced() -> str:
    string = r'"([^"\\[:cntrl:]]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
    scalar = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?|true|false|null"
    any_, s = r"[\x01\x02]", r"[ \t\n\r]*"
    pair = rf"\x01{s}:{s}{any_}{s}"
    level = rf"\{{{{{s}({pair}(,{s}{pair})*)?\}}}}|\[{s}({any_}{s}(,{s}{any_}{s})*)?\]"
    sql = "{0}"
    sql = f"regexp_replace({sql}, '{_braced(string)}', chr(1), 'g')"
    sql = f"regexp_replace({sql}, '{_braced(scalar)}', chr(2), 'g')"
    for _ in range(DEEPEST):
        sql = f"regexp_replace({sql}, '{level}', chr(2), 'g')"
    return sql


def _braced(pattern: str) -> str:
    return pattern.replace("{", "{{").replace("}", "}}")


_POSTGRES_DOCUMENT = (
    r"CASE WHEN {0} !~ '[\x01-\x08\x0b\x0c\x0e-\x1f]' AND "
    + _reduced()
    + r" ~ '^[ \t\n\r]*[\x01\x02][ \t\n\r]*$' THEN"
    r" CAST(regexp_replace({0}, '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{{2}})', '\\ufffd', 'g') AS jsonb) END"
)


_DUCKDB_VALID = "(json_valid({0}) AND NOT regexp_matches(regexp_replace({0}, " + _braced(
    r"""'"([^"\\]|\\.)*"', '', 'g'), '(?i)nan|inf|,\s*[}\]]'))"""
)
"""DuckDB's reader is kinder than the standard: it takes NaN, Infinity and a last comma."""


def _document(kind: str) -> dict[str, dict[str, str]]:
    """JSON in texts; native nested values are turned into it."""
    valid = f"json_type(CASE WHEN {_DUCKDB_VALID} THEN {{0}} END)"
    duck = f"CASE WHEN {valid} = '{kind.upper()}' THEN CAST({{0}} AS JSON) END"
    native = {"object": ("STRUCT", "MAP"), "array": ("[]",)}[kind]
    once = f"(SELECT {_POSTGRES_DOCUMENT} AS d OFFSET 0) AS x"
    held = f"(SELECT CASE WHEN jsonb_typeof(d) = '{kind}' THEN d END FROM {once})"
    return {
        DUCKDB: {"text": duck, "JSON": duck} | dict.fromkeys(native, "CAST(to_json({0}) AS JSON)"),
        POSTGRES: {
            "text": held,
            "json": f"CASE WHEN json_typeof({{0}}) = '{kind}' THEN CAST({{0}} AS jsonb) END",
            "jsonb": f"CASE WHEN jsonb_typeof({{0}}) = '{kind}' THEN {{0}} END",
            **({"_": "to_jsonb({0})"} if kind == "array" else {}),
        },
    }


def _same(families: str, duckdb: str, postgres: str = "") -> dict[str, dict[str, str]]:
    names = families.split()
    return {DUCKDB: dict.fromkeys(names, duckdb), POSTGRES: dict.fromkeys(names, postgres or duckdb)}


def _both(*rows: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {DUCKDB: {}, POSTGRES: {}}
    for row in rows:
        for dialect, templates in row.items():
            merged[dialect] |= templates
    return merged


def _guarded(pattern: str, duckdb: str, postgres: str = "") -> dict[str, dict[str, str]]:
    held = _braced(pattern)
    return {
        DUCKDB: {"text": f"CASE WHEN regexp_matches({{0}}, '{held}') THEN {duckdb} END"},
        POSTGRES: {"text": f"CASE WHEN {{0}} ~ '{held}' THEN {postgres or duckdb} END"},
    }


def _whole(kind: str) -> str:
    return (
        f"CASE WHEN CAST({{0}} AS {kind}) = trunc(CAST({{0}} AS {kind}))"
        f" AND abs(CAST({{0}} AS {kind})) < 1e36"
        " THEN CAST({0} AS DECIMAL(38, 0)) END"
    )


MICROS = "{micros}"
"""Stands for the instant of a time column, which `render.instant` writes."""

CASTS: dict[str, dict[str, dict[str, str]]] = {
    "string": _same("text other", "CAST({0} AS VARCHAR)", "CAST({0} AS text)"),
    "integer": _both(
        _same("integer", "{0}"),
        {DUCKDB: {"number": _whole("DOUBLE")}, POSTGRES: {"number": _whole("float8")}},
        _guarded(INTEGER, "TRY_CAST({0} AS DECIMAL(38, 0))", "CAST({0} AS DECIMAL(38, 0))"),
    ),
    "number": _both(
        _same("integer", "CAST({0} AS DOUBLE)", "CAST({0} AS float8)"),
        {
            DUCKDB: {"number": "CASE WHEN isfinite(CAST({0} AS DOUBLE)) THEN CAST({0} AS DOUBLE) END"},
            POSTGRES: {
                "number": "CASE WHEN CAST({0} AS float8) NOT IN ('NaN', 'Infinity', '-Infinity')"
                " THEN CAST({0} AS float8) END"
            },
        },
        _guarded(NUMBER, "TRY_CAST({0} AS DOUBLE)", "CAST({0} AS float8)"),
    ),
    "boolean": _both(
        _same("boolean", "{0}"),
        _same("integer", "CASE {0} WHEN 1 THEN TRUE WHEN 0 THEN FALSE END"),
        {
            DUCKDB: {
                "text": f"CASE WHEN regexp_matches(lower({{0}}), '{BOOLEAN}') THEN lower({{0}}) IN {TRUE} END"
            },
            POSTGRES: {"text": f"CASE WHEN lower({{0}}) ~ '{BOOLEAN}' THEN lower({{0}}) IN {TRUE} END"},
        },
    ),
    "date": _both(
        _same("date", MICROS),
        _same("aware aware_ns naive", f"CASE WHEN {MICROS} % 86400000000 = 0 THEN {MICROS} END"),
        _guarded(DATE, "epoch_us(TRY_CAST({0} AS TIMESTAMPTZ))"),
        {POSTGRES: {"text": _POSTGRES_INSTANT % _braced(DATE)}},
    ),
    "timestamp": _both(
        _same("aware aware_ns naive date", MICROS),
        _guarded(TIMESTAMP, "epoch_us(TRY_CAST({0} AS TIMESTAMPTZ))"),
        {POSTGRES: {"text": _POSTGRES_INSTANT % _braced(TIMESTAMP)}},
    ),
    "time": _both(
        _guarded(TIME, "{0}"),
        {
            DUCKDB: dict.fromkeys(("TIME", "TIME WITH TIME ZONE", "TIME_NS"), "CAST({0} AS VARCHAR)"),
            POSTGRES: dict.fromkeys(("time", "timetz"), "CAST({0} AS text)"),
        },
    ),
    "object": _document("object"),
    "array": _document("array"),
    "json": {
        DUCKDB: {
            "text": f"CASE WHEN {_DUCKDB_VALID} THEN CAST({{0}} AS JSON) END",
            "other": "CAST(to_json({0}) AS JSON)",
            "JSON": "CAST({0} AS JSON)",
        },
        POSTGRES: {"text": _POSTGRES_DOCUMENT, "other": "to_jsonb({0})"},
    },
}

NOTHING: dict[str, dict[str, str]] = {
    # What stands for a value that no cast can give.
    DUCKDB: dict.fromkeys(CASTS, "CAST(NULL AS VARCHAR)")
    | dict.fromkeys(("integer", "number"), "CAST(NULL AS DOUBLE)")
    | dict.fromkeys(("date", "timestamp"), "CAST(NULL AS BIGINT)")
    | {"boolean": "CAST(NULL AS BOOLEAN)"}
    | dict.fromkeys(("object", "array", "json"), "CAST(NULL AS JSON)"),
    POSTGRES: dict.fromkeys(CASTS, "CAST(NULL AS text)")
    | dict.fromkeys(("integer", "number"), "CAST(NULL AS float8)")
    | dict.fromkeys(("date", "timestamp"), "CAST(NULL AS bigint)")
    | {"boolean": "CAST(NULL AS boolean)"}
    | dict.fromkeys(("object", "array", "json"), "CAST(NULL AS jsonb)"),
}

MEMBERS: dict[str, dict[str, str]] = {
    "Member": {DUCKDB: "json_extract_string({of}, {path})", POSTGRES: "({of} #>> {path})"},
    "MemberType": {
        DUCKDB: "CASE json_type({of}, {path}) WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean'"
        " WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'BIGINT' THEN 'number'"
        " WHEN 'UBIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number' WHEN 'HUGEINT' THEN 'number' END",
        POSTGRES: "nullif(jsonb_typeof({of} #> {path}), 'null')",
    },
    "Length": {DUCKDB: "length({of})", POSTGRES: "char_length({of})"},
}

_NESTED = ("STRUCT", "MAP", "UNION")


def cast(dialect: str, to: str, family: str, raw: str) -> str | None:
    """The template that casts a column; None where its type never fits. `{0}` is the column."""
    row = CASTS[to][dialect]
    if nested := _nested(raw):
        return row.get(nested) or (row.get("other") if to == "json" else None)
    return row.get(raw) or row.get(family)


def _nested(raw: str) -> str:
    """How the table calls a type that holds others; "" for a scalar."""
    if raw.endswith("]"):
        return "[]"
    if raw.startswith("_"):
        return "_"
    return next((name for name in _NESTED if raw.startswith(name + "(")), "")
