"""What a reading holds beyond its value: shares beside the baseline's, figures over time, rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.board import CheckRow
from monitor.model import TOTAL
from monitor.store import Stored
from monitor.views.titles import percent

LABELS = {
    "entropy": "entropy",
    "coverage": "share of the catalogue that is shown",
    "gini": "Gini coefficient",
    "top_share": "share of the most shown",
    "top_10": "share of the ten most shown",
    "effective_items": "effective number of items",
    "inverse_simpson": "inverse Simpson index",
    "mean": "mean",
    "sd": "standard deviation",
    "missing": "missing",
    "p_value": "p-value",
    "p50": "median",
    "p95": "95th percentile",
    "p99": "99th percentile",
}
BESIDE = ("baseline_", "effective_n", "effective_baseline_n", "expected", "e_value", "past_windows")
"""How names begin of numbers that only serve others."""
RULES = {
    "agents": "the user agent is a known robot's",
    "flag": "the data say so",
    "rate": "more clicks than a person makes",
    "regular": "clicks as regular as a clock's",
    "robots_txt": "fetched robots.txt",
    "unexposed": "clicked what was never shown",
    "dwell": "stayed no time at all",
}


@dataclass(frozen=True, slots=True)
class Share:
    """A bin's share of the rows now and in the baseline, and what it adds to the statistic."""

    name: str
    now: float
    baseline: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A distribution beside its baseline. `of` names the segment, "all" is the total."""

    of: str
    column: str
    bins: tuple[Share, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A segment's part in a drift: by its share of the rows (`mix`), and its own distribution (`within`)."""

    dimension: str
    segment: str
    contribution: float
    mix: float
    within: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that tells robots: what it says, and the rows that it held for; None where it is off."""

    name: str
    about: str
    rows: int | None


def shapes(row: CheckRow) -> tuple[Shape, ...]:
    """The distributions that a check looked at last: the total's, then the segments'."""
    some = [("all", row.total), *((f"{s.dimension} {s.value}", each) for s, each in row.segments.items())]
    return tuple(
        _shape(name, stored.reading.detail)
        for name, stored in some
        if stored and stored.reading.detail.get("bins")
    )


def _shape(name: str, detail: Mapping[str, Any]) -> Shape:
    bins = [Share(str(b["bin"]), b["share"], b["baseline_share"], b["contribution"]) for b in detail["bins"]]
    column = str(detail.get("column", ""))
    return Shape(name, column, tuple(bins), _said(detail))


def _said(detail: Mapping[str, Any]) -> str:
    rows = f"{detail.get('n', 0):,.0f} rows beside {detail.get('baseline_n', 0):,.0f} of the baseline"
    parts = [rows]
    if detail.get("mean") is not None and detail.get("baseline_mean") is not None:
        parts.append(f"mean {detail['mean']:.4g}, it was {detail['baseline_mean']:.4g}")
    if detail.get("missing") or detail.get("baseline_missing"):
        now, then = percent(detail.get("missing")), percent(detail.get("baseline_missing"))
        parts.append(f"missing {now}, it was {then}")
    parts += [f"new: {_named(detail['new'])}"] if detail.get("new") else []
    parts += [f"gone: {_named(detail['vanished'])}"] if detail.get("vanished") else []
    return "; ".join(parts)


def _named(some: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(each["category"]) for each in some)


def explained(row: CheckRow) -> tuple[Explained, ...]:
    """By segment, what it adds to the total's drift."""
    found: Mapping[str, Any] = row.total.reading.detail.get("explained", {}) if row.total else {}
    return tuple(
        Explained(dim, str(each["segment"]), each["contribution"], each["mix"], each["within"])
        for dim, some in found.items()
        for each in some
    )


def figures(history: Sequence[Stored]) -> dict[str, tuple[tuple[int, float], ...]]:
    """The numbers of the details over time that move, by what they are called, the well-known ones first."""
    found: dict[str, list[tuple[int, float]]] = {}
    for each in history:
        for name, value in each.reading.detail.items():
            plain = isinstance(value, int | float) and not isinstance(value, bool)
            if plain and not name.startswith(BESIDE):
                found.setdefault(LABELS.get(name, name.replace("_", " ")), []).append(
                    (each.window.end, value)
                )
    moving = {name: some for name, some in found.items() if len({value for _, value in some}) > 1}
    known = [*LABELS.values()]
    order = sorted(moving, key=lambda name: (known.index(name) if name in known else len(known), name))
    return {name: tuple(moving[name]) for name in order}


def rules(row: CheckRow) -> tuple[Rule, ...]:
    """The rules of a check of robots, those that held for the most rows first, those that are off last."""
    detail: Mapping[str, Any] = row.total.reading.detail if row.total and row.kind == "bots" else {}
    held = [(name, int(each.get("rows", 0))) for name, each in detail.get("rules", {}).items()]
    held.sort(key=lambda pair: -pair[1])
    on = [Rule(name, RULES.get(name, ""), rows) for name, rows in held]
    return (*on, *(Rule(name, RULES.get(name, ""), None) for name in detail.get("off", ())))


def affected(row: CheckRow) -> str:
    """The segment whose distribution drifted most, as `shapes` calls it; "all" where none is worse."""
    worst, name = -1.0, "all"
    for segment, stored in row.segments.items():
        value = stored.reading.judged if stored.reading.judged is not None else stored.reading.value
        if segment != TOTAL and value is not None and stored.reading.detail.get("bins") and value > worst:
            worst, name = value, f"{segment.dimension} {segment.value}"
    return name
