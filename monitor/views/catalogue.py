"""Every check that is declared: on or off, and why; and which columns of which dataset they look at."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.board import Board
from monitor.judge import show
from monitor.objectives.burning import Standing, standings
from monitor.store import Store, history
from monitor.views.titles import OUTCOMES, about, ago, title

_COLUMN = re.compile(r"Column\(name='([^']+)'\)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the catalogue. `off` says why a check is not measured; "" where it is."""

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


@dataclass(frozen=True, slots=True)
class Covered:
    """A dataset, how many checks look at it, and how many at each of its columns.

    `bare` are columns with a word of Weir's that nothing looks at.
    """

    dataset: str
    checks: int
    columns: Mapping[str, int]
    bare: tuple[str, ...]


def entries(config: Any, board: Board, off: Mapping[str, str], now: int) -> list[Entry]:
    """Every check: first those that are on, the most urgent first, then those that are off, by name."""
    on = [_on(config.checks[each.row.name], each, now) for each in standings(board, now)]
    declared: Mapping[str, Any] = {name: each.check for name, each in config.off.items()}
    return on + [_off(name, declared.get(name), why) for name, why in sorted(off.items())]


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


def coverage(config: Any, store: Store) -> list[Covered]:
    """What is looked at, by dataset."""
    canonical = history.canonical(store, config.pipeline)
    looked: dict[str, Counter[str]] = {name: Counter() for name in config.datasets}
    checks: Counter[str] = Counter()
    for check in config.checks.values():
        if not check.enabled:
            continue
        checks[check.main_dataset] += 1
        looked[check.main_dataset].update(set(_COLUMN.findall(canonical.get(check.name, ""))))
    rows: list[Covered] = []
    for name, dataset in config.datasets.items():
        words = dict(dataset.columns)
        mine = looked[name]
        bare = tuple(word for word, column in words.items() if not mine[column] and not mine[word])
        rows.append(Covered(name, checks[name], dict(mine.most_common()), bare))
    return rows
