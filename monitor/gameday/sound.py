"""Whether a scenario can be what it says: units, instants, what is broken twice, what is expected."""

from collections.abc import Sequence
from math import inf
from typing import Any, cast

from monitor.config.faults import Faults
from monitor.config.runbooks import packaged
from monitor.config.words import nearest
from monitor.config.yaml import Tree
from monitor.gameday.segments import Where
from monitor.grammar import duration
from monitor.model import DAY, SECOND
from monitor.simulate.faults.kind import Kind

At = tuple[str | int, ...]
"""Where something stands in a file."""

SPANS = {"seconds": 1.0, "days": DAY / SECOND}
"""Units that a duration comes to, and how many seconds they are."""


def size_in_unit(kind: Kind, written: Any, size: float) -> float | str:
    """A size in its kind's unit, where a duration was read as seconds; else why it is no such size."""
    if isinstance(written, str) and written.endswith("%"):
        return size if kind.unit.startswith("share") else f"is no share: its unit is '{kind.unit}'"
    if isinstance(written, str):
        return size / SPANS[kind.unit] if kind.unit in SPANS else f"is no time: its unit is '{kind.unit}'"
    return size


def example(kind: Kind) -> str:
    """A size of a kind, for people."""
    return (
        "such as 5%"
        if kind.unit.startswith("share")
        else "such as 90s"
        if kind.unit in SPANS
        else "such as 3"
    )


def watched_for(written: str) -> float:
    """How long a scenario is watched, in microseconds; for ever where what is written is no time."""
    try:
        return duration(written)
    except ValueError:
        return inf


def broken_twice(spans: Sequence[tuple[str, Where, int, int | None]], at: int) -> int | None:
    """Which fault before it breaks the same in the same place at the same time; None where none does.

    Spans are a kind, a place, when it begins and how long it lasts (None: to the end).
    """
    kind, where, start, lasts = spans[at]
    for number, (other, place, begin, length) in enumerate(spans[:at]):
        if (other, frozenset(place)) != (kind, frozenset(where)):
            continue
        ended = length is not None and begin + length <= start
        over = lasts is not None and start + lasts <= begin
        if not (ended or over):
            return number
    return None


def expectations(data: Any, tree: Tree, at: At, faults: Faults) -> None:
    """Note checks and runbooks that there are not."""
    given: Any = cast(dict[str, Any], data).get("expect")
    if not isinstance(given, dict):
        return
    expect = cast(dict[str, Any], given)
    runbook, names = expect.get("runbook"), expect.get("checks")
    if isinstance(runbook, str) and runbook not in packaged():
        hint = nearest(runbook, packaged())
        faults.add(tree, (*at, "expect", "runbook"), f"unknown runbook '{runbook[:60]}'", hint)
    if isinstance(names, list):
        known = known_checks()
        for number, name in enumerate(cast(list[Any], names)):
            if isinstance(name, str) and name not in known:
                where = (*at, "expect", "checks", number)
                faults.add(tree, where, f"unknown check '{name[:60]}'", nearest(name, sorted(known)))


def known_checks() -> frozenset[str]:
    """The names of the checks that watch the simulated shop."""
    from ruamel.yaml import YAML

    from monitor.config.packs import sections
    from monitor.simulate.watched import watched

    shop: dict[str, Any] = YAML(typ="safe", pure=True).load(watched(0))
    return frozenset(shop["checks"]).union(*(sections(pack) for pack in shop["use"]))
