"""Which packs of ready checks fit to the datasets that were found, and how much of each would be on."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from monitor import kinds
from monitor.config import packs
from monitor.discover.columns import Described
from monitor.discover.entries import Entries, entry
from monitor.fragments import parse_expression


def fitting(datasets: Sequence[Described]) -> dict[str, tuple[str, ...]]:
    """The packs of which something fits, each with the checks that do, by their datasets and columns."""
    known = {each.name: {*each.words, *each.seen.columns, "occurred_at"} for each in datasets}
    timed = {each.name for each in datasets if each.time.value}
    found: dict[str, tuple[str, ...]] = {}
    for pack in packs.names():
        names = tuple(n for n, data in packs.sections(pack).items() if _fits(data, known, timed))
        if names:
            found[pack] = names
    return found


def use(datasets: Sequence[Described]) -> Entries:
    """The key `use`, with how many checks each pack brings."""
    found = fitting(datasets)
    if not found:
        return ()
    why = ", ".join(f"{name}: {len(checks)}" for name, checks in found.items())
    return entry("use", tuple(found), f"ready checks for these datasets ({why}); see `weir plan`")


def _fits(data: Mapping[str, Any], known: Mapping[str, set[str]], timed: set[str]) -> bool:
    return any(_allowed(whole, known, timed) for _, whole in packs.variants(data, {}))


def _allowed(whole: Mapping[str, Any], known: Mapping[str, set[str]], timed: set[str]) -> bool:
    """Whether a variant has its datasets, with a time, and the columns that it names."""
    kind = kinds.load(str(whole["kind"]))
    main: Any = whole.get(kind.main)
    stages = cast(list[str], main if isinstance(main, list) else [main])
    names = {*stages, *(str(whole[key]) for key in ("right", "dead_letters", "exposures") if key in whole)}
    if kind.name == "value" or not names <= timed:
        return False
    columns = known[stages[0]]
    return {*_columns(whole), *whole.get("needs", ())} <= columns and _key(whole, known, names)


_NAMES = frozenset(
    """
    from to item over group unit score label query flag agent actor session text position column stratum
    cohort task before variant experiment distance amount""".split()  # noqa: SIM905
)
"""Keys of packaged checks that name one column of their dataset."""


def _columns(whole: Mapping[str, Any]) -> set[str]:
    named = {str(whole[key]).split(".")[0] for key in _NAMES if isinstance(whole.get(key), str)}
    if whole["kind"] == "signal":
        named -= {str(whole.get("amount", "")).split(".")[0]}
    named |= {str(each) for each in whole.get("columns", ())}
    metric: Mapping[str, Any] = whole.get("metric") or {}
    texts = [whole.get("where"), whole.get("good"), whole.get("bad"), whole.get("click"), metric.get("good")]
    for text in texts:
        named |= _of(str(text)) if text else set()
    return named | {str(each) for each in metric.get("p95", ())}


def _of(sql: str) -> set[str]:
    from sqlglot import exp

    return {column.name for column in parse_expression(sql, "duckdb").find_all(exp.Column)}


def _key(whole: Mapping[str, Any], known: Mapping[str, set[str]], names: set[str]) -> bool:
    """A key that is named must be in every dataset that it joins."""
    key = whole.get("key")
    columns = [key] if isinstance(key, str) else key
    return not columns or all(str(column) in known[name] for column in columns for name in names)
