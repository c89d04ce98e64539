"""Every check that is declared: on or off, and why; and which columns of which dataset they look at."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.grammar import ColumnName, DatasetName, marked
from monitor.judge import show
from monitor.model import Outcome
from monitor.objectives.burning import Standing, standings
from monitor.store import Store, history
from monitor.views.apart import Apart
from monitor.views.titles import OUTCOMES, about, ago, title

LATELY = 10
"""Outcomes that are shown of each check."""
SIGNS = {
    Outcome.PASS: "●",
    Outcome.WARN: "▲",
    Outcome.FAIL: "■",
    Outcome.NO_DATA: "◆",
    Outcome.ERROR: "◆",
}
FILTERS = ("outcome", "stage", "dataset", "owner", "kind")
"""By what the catalogue can be narrowed."""

_COLUMN = re.compile(r"Column\(name='([^']+)'\)")
_KEYS = re.compile(r"Repeated\(key=\(([^)]*)\)")
_KEY = re.compile(r"'([^']+)'")
_FRAGMENT = re.compile(r"Fragment\(sql='(.*?)'\)")
_QUOTED = re.compile(r'"([^"]+)"')
_PARTNER = re.compile(r"Partner(?:Delay)?\(dataset='([^']+)', on=\((.*?)\), after")
_PAIR = re.compile(r"\('([^']+)', '([^']+)'\)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the catalogue. `off` says why a check is not measured; "" where it is. `of` says whether
    its value is of what is looked at or of everything; "" where nothing is picked.
    """

    check: str
    title: str
    about: str
    kind: str
    dataset: str
    stage: str
    owner: str
    tags: tuple[str, ...]
    urgency: str
    outcome: str
    value: str
    measured: str
    off: str
    lately: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """A dataset, how many checks look at it, and how many at each of its columns.

    `bare` are columns with a word of Weir's that nothing looks at.
    """

    dataset: str
    checks: int
    columns: Mapping[str, int]
    bare: tuple[str, ...]

    @property
    def looked(self) -> str:
        """The columns with how many checks look at each, as a text."""
        return ", ".join(f"{name} ({count})" for name, count in self.columns.items()) or "–"


def entries(config: Any, store: Store, part: Apart, off: Mapping[str, str], now: int) -> list[Entry]:
    """Every check, as a part has it: first those that are on, the most urgent first, then those that are off,
    by name.
    """
    lately = history.outcomes(store, config.pipeline, LATELY)
    on = [
        replace(
            _on(config.checks[each.row.name], each, now),
            lately=_signs(lately.get(each.row.name, ())),
            of=_of(part, each.row.name),
        )
        for each in standings(part.board, now)
        if each.row.name in config.checks
    ]
    declared: Mapping[str, Any] = {name: each.check for name, each in config.off.items()}
    return on + [_off(name, declared.get(name), why) for name, why in sorted(off.items())]


def _of(part: Apart, check: str) -> str:
    if not part.name:
        return ""
    return part.known[check].value if check in part.known else "everything"


def _signs(outcomes: Sequence[Outcome]) -> str:
    return "".join(SIGNS[each] for each in outcomes)


def _on(check: Any, each: Standing, now: int) -> Entry:
    row = each.row
    said = row.total.reading if row.total else None
    return Entry(
        row.name,
        title(check),
        about(check),
        row.kind,
        check.main_dataset,
        row.stage,
        row.owner,
        check.tags,
        each.urgency.value,
        "stale" if each.stale and row.success is not None else OUTCOMES[row.outcome],
        show(said.value, row.unit) if said and said.value is not None else "–",
        ago(row.success, now),
        "" if row.enabled else "switched off",
    )


def _off(name: str, check: Any, why: str) -> Entry:
    shown = name.replace("-", " ").capitalize()
    said = about(check) if check is not None else ""
    kind = check.kind if check is not None else ""
    return Entry(name, shown, said, kind, "", "", "", (), "off", "off", "–", "never", why)


def found(some: Sequence[Entry], text: str) -> list[Entry]:
    """The entries in which every word of a text occurs."""
    words = text.casefold().split()

    def holds(entry: Entry) -> bool:
        parts = (entry.check, entry.title, entry.about, entry.kind, entry.dataset, entry.stage, entry.owner)
        where = " ".join((*parts, *entry.tags, entry.outcome, entry.off)).casefold()
        return all(word in where for word in words)

    return [entry for entry in some if holds(entry)]


def choices(some: Sequence[Entry]) -> dict[str, list[str]]:
    """What may be chosen of each filter, by its name: what the entries have."""
    return {name: sorted({getattr(each, name) for each in some} - {""}) for name in FILTERS}


def chosen(some: Sequence[Entry], wanted: Mapping[str, Sequence[str]]) -> list[Entry]:
    """The entries that have one of the wanted values of every filter; an empty one wants all."""
    return [
        each
        for each in some
        if all(not values or getattr(each, name) in values for name, values in wanted.items())
    ]


def coverage(config: Any, store: Store) -> list[Covered]:
    """What is looked at, by dataset."""
    canonical = history.canonical(store, config.pipeline)
    looked: dict[str, Counter[str]] = {name: Counter() for name in config.datasets}
    checks: Counter[str] = Counter()
    for check in config.checks.values():
        if not check.enabled:
            continue
        by_dataset = columns(check, canonical.get(check.name, ""))
        for name, some in by_dataset.items():
            if name in looked:
                checks[name] += 1
                looked[name].update(some)
    rows: list[Covered] = []
    for name, dataset in config.datasets.items():
        words, mine = dict(dataset.columns), looked[name]
        bare = tuple(word for word, column in words.items() if not mine[column] and not mine[word])
        rows.append(Covered(name, checks[name], dict(mine.most_common()), bare))
    return rows


def columns(check: Any, canonical: str) -> dict[str, set[str]]:
    """The columns that a check looks at, by dataset: by what it measures, and by its parameters."""
    main = check.main_dataset
    found: dict[str, set[str]] = {main: {column for dim in check.by for column in dim}}
    for dataset in _datasets(check):
        found.setdefault(dataset, set())
    found[main].update(_COLUMN.findall(canonical), *(_KEY.findall(keys) for keys in _KEYS.findall(canonical)))
    for sql in _FRAGMENT.findall(canonical):
        found[main].update(_QUOTED.findall(sql.replace('\\"', '"')))
    for dataset, pairs in _PARTNER.findall(canonical):
        for ours, theirs in _PAIR.findall(pairs):
            found[main].add(ours)
            found.setdefault(dataset, set()).add(theirs)
    for _, marker, name in marked(check.params):
        if isinstance(marker, ColumnName) and not marker.of:
            found[main].add(name)
    return found


def _datasets(check: Any) -> set[str]:
    return {name for _, marker, name in marked(check.params) if isinstance(marker, DatasetName)}
