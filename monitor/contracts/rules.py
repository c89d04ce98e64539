"""Each promise of a contract as a condition that a row breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.contracts.model import Column, Table, Tolerance, Value
from monitor.expr import (
    All,
    AnyOf,
    Compare,
    Expr,
    IsNull,
    Lacking,
    Length,
    Literal,
    Maybe,
    Member,
    MemberType,
    Not,
    NotTrue,
    Once,
    OneOf,
    Parsed,
    Regex,
    Repeated,
)

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

FORMATS = {
    # Forms by name: what an address or an identifier looks like, not whether it exists.
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$",
    "hostname": rf"^{_LABEL}(\.{_LABEL})*$",
    "ipv4": rf"^({_OCTET}\.){{3}}{_OCTET}$",
    "ipv6": r"^[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}$",
    "byte": r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
}

_JAVA = (
    # Letters of a Java date format and what they stand for, the longest first.
    ("yyyy", "[0-9]{4}"), ("uuuu", "[0-9]{4}"), ("yy", "[0-9]{2}"), ("MM", "(0[1-9]|1[0-2])"),
    ("dd", "(0[1-9]|[12][0-9]|3[01])"), ("HH", "([01][0-9]|2[0-3])"), ("hh", "(0[1-9]|1[0-2])"),
    ("mm", "[0-5][0-9]"), ("ss", "[0-5][0-9]"), ("SSSSSS", "[0-9]{6}"), ("SSS", "[0-9]{3}"),
    ("a", "[AaPp][Mm]"),
    ("XXX", "(Z|[+-][0-9]{2}:[0-9]{2})"), ("XX", "(Z|[+-][0-9]{4})"), ("X", "(Z|[+-][0-9]{2})"),
    ("Z", "(Z|[+-][0-9]{2}:?[0-9]{2})"), ("M", "(1[0-2]|[1-9])"), ("d", "(3[01]|[12][0-9]|[1-9])"),
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("date", "timestamp", "time")
_DOCUMENTS = ("object", "array")


@dataclass(frozen=True, slots=True)
class Rule:
    """A promise by its name, `column.rule`, and the condition of a row that breaks it."""

    name: str
    broken: Expr


@dataclass(frozen=True, slots=True)
class _Value:
    """Where the values of a column, or of a member of a document, are found."""

    raw: Expr
    text: Expr

    def typed(self, type_: str) -> Expr:
        return Parsed(self.raw, type_)


def rules(table: Table, look_back: int) -> list[Rule]:
    """Every rule that a row of a table can break, the columns' own first, then the keys.

    `look_back`, in microseconds, is how far back an earlier row of the same key counts.
    """
    found = [rule for column in table.columns for rule in _of_column(column)]
    singles = [(each.name,) for each in table.columns if each.unique]
    keys = dict.fromkeys([*singles, *table.keys])
    return found + [Rule(f"{','.join(key)}.unique", Repeated(key, look_back, lenient=True)) for key in keys]


def tolerated(table: Table, look_back: int) -> list[tuple[Rule, Tolerance]]:
    """Rules that some rows may break, with how many."""
    found = [((each.name,), tolerance) for each in table.columns for tolerance in each.tolerances]
    return [
        (Rule(f"{','.join(names) or table.name}.{each.metric}", _counted(names, each, look_back)), each)
        for names, each in [*found, *table.tolerances]
    ]


def _counted(names: tuple[str, ...], tolerance: Tolerance, look_back: int) -> Expr:
    raw = Maybe(names[0])
    words = OneOf(Parsed(raw, "text"), tuple(_word(each) for each in tolerance.values if each is not None))
    if tolerance.metric == "duplicateValues":
        return Repeated(names, look_back, lenient=True)
    if tolerance.metric == "nullValues":
        return Once(IsNull(raw))
    if tolerance.metric == "missingValues":
        return Once(AnyOf((IsNull(raw), words)))
    form = Regex(Parsed(raw, "text"), tolerance.pattern)
    valid = ((words,) if tolerance.values else ()) + ((form,) if tolerance.pattern else ())
    return Once(All((NotTrue(IsNull(raw)), NotTrue(All(valid)))))


def _of_column(column: Column) -> Iterator[Rule]:
    raw, name = Maybe(column.name), column.name
    value = _Value(raw, Parsed(raw, "text"))
    if column.required:
        yield Rule(f"{name}.missing", Lacking(name))
        yield Rule(f"{name}.required", Once(All((Not(Lacking(name)), IsNull(raw)))))
    there = NotTrue(IsNull(raw))
    if column.type in _DOCUMENTS:
        parsed = Parsed(raw, "json")
        yield Rule(f"{name}.json", All((Once(there), IsNull(parsed))))
        yield Rule(f"{name}.type", All((NotTrue(IsNull(parsed)), IsNull(value.typed(column.type)))))
        for member in column.fields:
            yield from _of_member(member, value.typed("object"), (member.name,), name)
        return
    if column.type:
        yield Rule(
            f"{name}.type", Once(All((there, IsNull(value.typed(column.type)), *_unless(column, value))))
        )
    for rule, broken in _of_value(column, value):
        yield Rule(f"{name}.{rule}", Once(broken))


def _unless(column: Column, value: _Value) -> tuple[Expr, ...]:
    """A text in the contract's own format of dates is one too."""
    form = java(column.format) if column.type in _TIMES and column.format else ""
    return (NotTrue(Regex(value.text, form)),) if form else ()


def _of_member(member: Column, document: Expr, path: tuple[str, ...], above: str) -> Iterator[Rule]:
    name, said = f"{above}.{member.name}", MemberType(document, path)
    text = Member(document, path)
    value = _Value(text, text)
    if member.required:
        holder = MemberType(document, path[:-1])
        inside = Compare("=", holder, Literal("object")) if path[:-1] else NotTrue(IsNull(document))
        yield Rule(f"{name}.required", All((inside, IsNull(said))))
    if member.type:
        yield Rule(f"{name}.type", All((NotTrue(IsNull(said)), NotTrue(_is_of(member, said, value)))))
    for rule, broken in _of_value(member, value):
        yield Rule(f"{name}.{rule}", broken)
    for inner in member.fields:
        yield from _of_member(inner, document, (*path, inner.name), name)


def _is_of(member: Column, said: Expr, value: _Value) -> Expr:
    """JSON knows numbers and strings; whole numbers and times are forms of them."""
    kind = "number" if member.type == "integer" else "string" if member.type in _TIMES else member.type
    parts: tuple[Expr, ...] = (Compare("=", said, Literal(kind)),)
    if member.type == "integer" or member.type in _TIMES:
        form = java(member.format) if member.format and member.type in _TIMES else ""
        parsed = NotTrue(IsNull(value.typed(member.type)))
        parts += (AnyOf((parsed, Regex(value.text, form))) if form else parsed,)
    return All(parts)


def _of_value(column: Column, value: _Value) -> Iterator[tuple[str, Expr]]:
    if column.enum is not None:
        yield "enum", _outside(column, value)
    if column.pattern:
        yield "pattern", Not(Regex(value.text, column.pattern))
    if column.format in FORMATS and column.type in ("", "string"):
        yield "format", Not(Regex(value.text, FORMATS[column.format]))
    limits = tuple(_beyond(column, value))
    if limits:
        yield "range", AnyOf(limits)
    sizes = ((column.min_length, "<"), (column.max_length, ">"))
    lengths = tuple(Compare(op, Length(value.text), Literal(n)) for n, op in sizes if n is not None)
    if lengths and column.type in ("", "string", *_TIMES):
        yield "length", AnyOf(lengths)


def _outside(column: Column, value: _Value) -> Expr:
    """Not one of the allowed values; numbers compare as numbers, whatever they are written like."""
    allowed = column.enum or ()
    numeric = [each for each in allowed if isinstance(each, int | float) and not isinstance(each, bool)]
    if column.type in ("", "integer", "number") and len(numeric) == len(allowed):
        number = value.typed("number")
        return All(tuple(Compare("<>", number, Literal(each)) for each in numeric))
    return Not(OneOf(value.text, tuple(map(_word, allowed))))


def _word(value: Value | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _beyond(column: Column, value: _Value) -> Iterator[Expr]:
    limits = (
        ("<", column.minimum),
        (">", column.maximum),
        ("<=", column.exclusive_minimum),
        (">=", column.exclusive_maximum),
    )
    for op, limit in limits:
        if limit is not None:
            type_, literal = _comparable(column, limit)
            yield Compare(op, value.typed(type_), Literal(literal))


def _comparable(column: Column, limit: Value) -> tuple[str, Any]:
    """What a limit is compared with, and the limit as that. Raises ValueError for another text."""
    if not isinstance(limit, str):
        return "number", limit
    if column.type == "time":
        return "time", limit
    try:
        moment = datetime.fromisoformat(limit)
    except ValueError:
        raise ValueError(
            f"column '{column.name}': the limit '{limit}' is neither a number nor a date"
        ) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    type_ = column.type if column.type in ("date", "timestamp") else "timestamp"
    return type_, (aware - EPOCH) // timedelta(microseconds=1)


def java(format_: str) -> str:
    """The form of texts in a Java date format (`dd/MM/yyyy HH:mm`), as a regular expression."""
    form, rest = "", format_
    while rest:
        letters, stands = next(((each, by) for each, by in _JAVA if rest.startswith(each)), ("", ""))
        quoted = rest[0] == "'" and "'" in rest[1:]
        if letters:
            form, rest = form + stands, rest[len(letters) :]
        elif quoted:
            word, _, rest = rest[1:].partition("'")
            form += _literal(word or "'")
        else:
            form, rest = form + _literal(rest[0]), rest[1:]
    return f"^{form}$"


def _literal(text: str) -> str:
    return "".join(
        f"[{each}]" if each in ".+*?()|{}$" else "\\" + each if each in "[]\\^" else each for each in text
    )
