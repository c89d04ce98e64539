"""The nine types of the Open Data Contract Standard, and those of databases that mean the same."""

import re

TYPES = ("string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean")

_WORDS = {
    "string": """string text varchar char character bpchar nvarchar nchar clob uuid enum name citext xml
        character_varying varchar2 nvarchar2 tinytext mediumtext longtext""",
    "date": "date",
    "timestamp": """timestamp timestamptz datetime timestamp_tz timestamp_ntz timestamp_ltz datetime2
        timestamp_without_time_zone timestamp_with_time_zone timestamp_s timestamp_ms timestamp_ns
        timestamptz_ns instant""",
    "time": "time timetz time_without_time_zone time_with_time_zone",
    "integer": """integer int int2 int4 int8 smallint bigint tinyint mediumint hugeint serial bigserial
        smallserial long short byteint int16 int32 int64 int96 uint8 uint16 uint32 uint64 ubigint uinteger
        usmallint utinyint uhugeint""",
    "number": "number numeric decimal float float4 float8 double double_precision real money bignumeric half",
    "boolean": "boolean bool bit",
    "object": "object struct record map json jsonb variant super row document",
    "array": "array list repeated",
}
_TYPE_OF = {word: type_ for type_, words in _WORDS.items() for word in words.split()}

_PHYSICAL = re.compile(
    r"\s*([A-Za-z_]\w*(?:\s+\w+)*)\s*(?:[(\[<]([^)\]>].*?)[)\]>])?\s*((?:\[\s*\])*)\s*([\w\s]*)", re.DOTALL
)

_WIDTHS = {
    # Bits of whole numbers, and digits of floating ones, that a database keeps.
    "tinyint": 8, "byteint": 8, "int2": 16, "smallint": 16, "short": 16, "int16": 16, "smallserial": 16,
    "mediumint": 24, "int": 32, "integer": 32, "int4": 32, "int32": 32, "serial": 32, "bigint": 64,
    "int8": 64, "int64": 64, "long": 64, "bigserial": 64, "hugeint": 128, "half": 16, "float4": 32,
    "real": 32, "float": 32, "float8": 64, "double": 64, "double_precision": 64,
}  # fmt: skip


def logical(word: str) -> str:
    """A type of ours by its own name or a database's; "" for one that nobody knows.

    `varchar(10)`, `DECIMAL(9, 2)`, `int[]`, `timestamp with time zone` and `array<string>` are understood.
    """
    base, _, arrays = _parts(word)
    return "array" if arrays else _TYPE_OF.get(base, "")


def length(word: str) -> int | None:
    """The longest text that a database's type holds: 10 for `varchar(10)`, by some written `varchar[10]`."""
    base, sizes, _ = _parts(word)
    return sizes[0] if _TYPE_OF.get(base) == "string" and len(sizes) == 1 else None


def width(word: str) -> tuple[int, ...] | None:
    """How much a type of numbers or texts holds, to compare within one type; None where it does not say."""
    base, sizes, _ = _parts(word)
    if base in ("decimal", "numeric", "number") and sizes:
        scale = sizes[1] if len(sizes) > 1 else 0
        return (sizes[0] - scale, scale)
    if base in _WIDTHS:
        return (_WIDTHS[base],)
    return (sizes[0],) if sizes else None


def _parts(word: str) -> tuple[str, list[int], bool]:
    """The base word in lower case, numbers in parentheses, and whether it is an array of it."""
    found = _PHYSICAL.fullmatch(word)
    if not found:
        return word.strip().lower(), [], False
    inside = found[2] or ""
    tail = found[4].strip()
    base = re.sub(r"\s+", "_", f"{found[1]} {tail}".strip().lower())
    sizes = [int(part) for part in re.findall(r"\d+", inside)] if not re.search("[A-Za-z]", inside) else []
    return base, sizes, bool(found[3])
