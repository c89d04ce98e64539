"""What a change of a contract breaks, and for whom.

A change breaks *producers* where rows that kept the old contract may break the new one: a promise is new or
narrower. It breaks *consumers* where rows that keep the new contract may break what the old one let them
rely on: a column is gone or has another type, or a promise was dropped or widened. Removed, renamed and
retyped columns break both. This is backward and forward compatibility as schema registries have it
(Confluent; Avro 1.11, schema resolution).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from monitor.contracts.model import Column, Contract, Table, Value, walk
from monitor.contracts.types import logical, width

Side = Literal["producers", "consumers"]
BOTH: tuple[Side, ...] = ("producers", "consumers")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what happened to which column of which table, in words, and whom it breaks.

    `kind` is one of column_removed, column_renamed, column_added, table_removed, table_added, type_changed,
    type_narrowed, type_widened, and `RULE_added`, `_removed`, `_narrowed`, `_widened`, `_changed` for
    required, unique, enum, pattern, format, range and length.
    """

    kind: str
    table: str
    column: str
    text: str
    breaks: tuple[Side, ...] = ()


def diff(old: Contract, new: Contract) -> list[Change]:
    """Every difference, in the order of the old contract's columns, what is new last."""
    changes: list[Change] = []
    for before, after in _paired(old.tables, new.tables):
        if after is None and before is not None:
            changes.append(Change("table_removed", before.name, "", f"table '{before.name}' is gone", BOTH))
        elif before is None and after is not None:
            changes.append(Change("table_added", after.name, "", f"table '{after.name}' is new"))
        elif before is not None and after is not None:
            changes += _tables(before, after)
    return changes


def _paired(old: tuple[Table, ...], new: tuple[Table, ...]) -> Iterator[tuple[Table | None, Table | None]]:
    """Tables of a name; two contracts of one table each are about the same one."""
    if len(old) == len(new) == 1:
        yield old[0], new[0]
        return
    left = list(new)
    for before in old:
        after = next((each for each in left if set(each.names) & set(before.names)), None)
        if after:
            left.remove(after)
        yield before, after
    yield from ((None, after) for after in left)


def _tables(old: Table, new: Table) -> Iterator[Change]:
    yield from _columns(old.name or new.name, dict(walk(old.columns)), dict(walk(new.columns)))
    for key in sorted(set(new.keys) - set(old.keys)):
        name = ",".join(key)
        yield Change("unique_added", new.name, name, f"'{name}' must be unique now", ("producers",))
    for key in sorted(set(old.keys) - set(new.keys)):
        name = ",".join(key)
        yield Change("unique_removed", new.name, name, f"'{name}' may repeat now", ("consumers",))


def _columns(table: str, old: dict[str, Column], new: dict[str, Column]) -> Iterator[Change]:
    gone, fresh = [name for name in old if name not in new], [name for name in new if name not in old]
    renamed = dict(_renamed(old, new, gone, fresh))
    for name, before in old.items():
        if name in new:
            yield from _column(table, name, before, new[name])
        elif name in renamed:
            to = renamed[name]
            said = f"column '{name}' is called '{to}' now"
            yield Change("column_renamed", table, name, said, BOTH)
            yield from _column(table, to, before, new[to])
        elif not _below(name, gone):
            yield Change("column_removed", table, name, f"column '{name}' is gone", BOTH)
    for name in fresh:
        if name not in renamed.values() and not _below(name, fresh):
            yield _added(table, name, new)


def _below(name: str, names: list[str]) -> bool:
    """Whether an object that holds it is among them: then that says it all."""
    return any(name.startswith(f"{each}.") for each in names)


def _added(table: str, name: str, new: dict[str, Column]) -> Change:
    """A new column breaks producers where they must fill it; a member only where its object is there."""
    if new[name].required:
        return Change("column_added", table, name, f"column '{name}' is new and required", ("producers",))
    return Change("column_added", table, name, f"column '{name}' is new")


def _renamed(
    old: dict[str, Column], new: dict[str, Column], gone: list[str], fresh: list[str]
) -> Iterator[tuple[str, str]]:
    """Columns that came with the id of one that went, or else with its type and nearly its name."""
    left = list(fresh)
    for name in gone:
        by_id = next((to for to in left if old[name].id and new[to].id == old[name].id), None)
        found = by_id or next((to for to in left if _alike(name, old[name], to, new[to])), None)
        if found:
            left.remove(found)
            yield name, found


def _alike(name: str, old: Column, to: str, new: Column) -> bool:
    if (old.id and new.id) or old.type != new.type or name.rpartition(".")[0] != to.rpartition(".")[0]:
        return False
    one, other = (each.replace("_", "").replace("-", "").lower() for each in (name, to))
    return one == other or one in other or other in one or SequenceMatcher(None, one, other).ratio() >= 0.75


def _column(table: str, name: str, old: Column, new: Column) -> Iterator[Change]:
    def change(kind: str, text: str, *breaks: Side) -> Change:
        return Change(kind, table, name, f"'{name}' {text}", breaks)

    yield from _types(change, old, new)
    for flag, added, removed in (
        ("required", "is required now", "may be missing now"),
        ("unique", "must be unique now", "may repeat now"),
    ):
        before, after = getattr(old, flag), getattr(new, flag)
        if after and not before:
            yield change(f"{flag}_added", added, "producers")
        elif before and not after:
            yield change(f"{flag}_removed", removed, "consumers")
    yield from _enums(change, old.enum, new.enum)
    for rule in ("pattern", "format"):
        yield from _forms(change, rule, getattr(old, rule), getattr(new, rule))
    yield from _ends(change, "range", _range(old), _range(new))
    yield from _ends(change, "length", _lengths(old), _lengths(new))


def _types(change: Any, old: Column, new: Column) -> Iterator[Change]:
    before, after = old.type or logical(old.physical), new.type or logical(new.physical)
    if before != after:
        said = f"was {before or 'of any type'} and is {after or 'of any type'}"
        if (before, after) == ("integer", "number") or (before and not after):
            yield change("type_widened", said, "consumers")
        elif (before, after) == ("number", "integer") or not before:
            yield change("type_narrowed", said, "producers")
        else:
            yield change("type_changed", said, *BOTH)
        return
    was, now = width(old.physical), width(new.physical)
    if old.physical == new.physical or was is None or now is None or was == now or _is_text(old, new):
        return
    said = f"was {old.physical} and is {new.physical}"
    wider = len(was) == len(now) and all(a <= b for a, b in zip(was, now, strict=True))
    yield change(*(("type_widened", said, "consumers") if wider else ("type_narrowed", said, "producers")))


def _is_text(old: Column, new: Column) -> bool:
    """The size of a text is its length, which is compared as such."""
    return logical(old.physical) == logical(new.physical) == "string"


def _enums(change: Any, old: tuple[Value, ...] | None, new: tuple[Value, ...] | None) -> Iterator[Change]:
    if old is None and new is not None:
        yield change("enum_added", f"must be one of {_listed(new)} now", "producers")
    elif old is not None and new is None:
        yield change("enum_removed", "may have any value now", "consumers")
    elif old is not None and new is not None:
        gone = [each for each in old if each not in new]
        fresh = [each for each in new if each not in old]
        if gone:
            yield change("enum_narrowed", f"may not be {_listed(gone)} any more", "producers")
        if fresh:
            yield change("enum_widened", f"may be {_listed(fresh)} now", "consumers")


def _listed(values: Any) -> str:
    shown = ", ".join(f"'{each}'" for each in values[:6])
    return shown + (" …" if len(values) > 6 else "")


def _forms(change: Any, rule: str, old: str, new: str) -> Iterator[Change]:
    """Which of two patterns lets more pass, nobody can tell in general: a change breaks both."""
    if old == new:
        return
    if not old:
        yield change(f"{rule}_added", f"must have the {rule} '{new}' now", "producers")
    elif not new:
        yield change(f"{rule}_removed", f"need not have the {rule} '{old}' any more", "consumers")
    else:
        yield change(f"{rule}_changed", f"had the {rule} '{old}' and has '{new}'", *BOTH)


End = tuple[Any, bool] | None
"""A limit, and whether it itself is outside."""


def _range(column: Column) -> tuple[End, End]:
    return (
        _tighter(column.minimum, column.exclusive_minimum, max),
        _tighter(column.maximum, column.exclusive_maximum, min),
    )


def _tighter(inside: Value | None, outside: Value | None, pick: Any) -> End:
    if inside is None or outside is None:
        return None if inside is outside else (inside, False) if inside is not None else (outside, True)
    try:
        return (outside, True) if pick(inside, outside) == outside else (inside, False)
    except TypeError:
        return inside, False


def _lengths(column: Column) -> tuple[End, End]:
    low, high = column.min_length, column.max_length
    return (None if low is None else (low, False), None if high is None else (high, False))


def _ends(change: Any, rule: str, old: tuple[End, End], new: tuple[End, End]) -> Iterator[Change]:
    if old == new:
        return
    moves = {_moved(old[0], new[0], 1), _moved(old[1], new[1], -1)} - {""}
    said = f"had the {rule} {_shown(*old)} and has {_shown(*new)}"
    if moves == {"narrowed"}:
        yield change(f"{rule}_added" if old == (None, None) else f"{rule}_narrowed", said, "producers")
    elif moves == {"widened"}:
        yield change(f"{rule}_removed" if new == (None, None) else f"{rule}_widened", said, "consumers")
    else:
        yield change(f"{rule}_changed", said, *BOTH)


def _moved(old: End, new: End, inwards: int) -> str:
    """Where an end went; `inwards` is 1 for the lower one. What cannot be compared counts as both."""
    if old == new:
        return ""
    if old is None or new is None:
        return "narrowed" if old is None else "widened"
    try:
        further = (new > old) if inwards > 0 else (new[0], not new[1]) < (old[0], not old[1])
    except TypeError:
        return "changed"
    return "narrowed" if further else "widened"


def _shown(low: End, high: End) -> str:
    left = "" if low is None else f"{'> ' if low[1] else ''}{low[0]}"
    right = "" if high is None else f"{'< ' if high[1] else ''}{high[0]}"
    return f"{left}..{right}" if left or right else "any"
