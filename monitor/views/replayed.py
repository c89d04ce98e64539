"""Replays: whether what is stored comes out of the raw log again, and whether twice the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.judge import show
from monitor.model import DAY
from monitor.replay import record
from monitor.store import Store
from monitor.views.span import instant

DAYS = 28
"""How far back replays are shown: as far as `weir replay --list` does."""
MOST = 50
"""Replays that are listed: the newest ones."""
STATES = {"pass": "good", "fail": "bad", "no_data": "unknown"}
WORDS = {"pass": "fine", "fail": "failing", "no_data": "nothing to replay"}


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay as a page shows it; `at` and `window` in microseconds, the window None for a whole table."""

    at: int
    by: str
    dataset: str
    window: tuple[int, int] | None
    outcome: str
    state: str
    identical: str
    wanted: str
    rows: str
    second: str
    old: str


@dataclass(frozen=True, slots=True)
class Replays:
    """The newest replay of each dataset, all of them with the newest first, and what was never replayed."""

    newest: tuple[Replay, ...]
    every: tuple[Replay, ...]
    never: tuple[str, ...]


def replays(config: Any, store: Store, now: int, first: str = "") -> Replays:
    """The replays of four weeks; those of the dataset `first` come first. Raises StoreError."""
    found = [_replay(each) for each in record.kept(store, config.pipeline, now - DAYS * DAY)][::-1]
    newest: dict[str, Replay] = {}
    for each in found:
        newest.setdefault(each.dataset, each)
    shown = sorted(newest.values(), key=lambda each: (each.dataset != first, each.dataset))
    never = tuple(name for name, each in config.datasets.items() if each.replay and name not in newest)
    return Replays(tuple(shown), tuple(found[:MOST]), never)


def _replay(line: Any) -> Replay:
    detail: Mapping[str, Any] = line.detail
    begun, ended = instant(detail["from"]), instant(detail["to"])
    return Replay(
        at=line.at,
        by=line.actor,
        dataset=line.subject,
        window=None if begun is None or ended is None else (begun, ended),
        outcome=WORDS.get(detail["outcome"], str(detail["outcome"])),
        state=STATES.get(detail["outcome"], "unknown"),
        identical="–" if detail["value"] is None else show(detail["value"], "ratio"),
        wanted=show(detail["objective"], "ratio"),
        rows=_rows(detail),
        second=_second(detail),
        old=_old(detail),
    )


def _rows(detail: Mapping[str, Any]) -> str:
    """`9,990 of 10,000 identical, 7 different, 3 missing`."""
    if detail["outcome"] == "no_data":
        return "no rows"
    said = [f"{detail['identical']:,} of {detail['replayed']:,} identical"]
    said += [f"{detail[word]:,} {word}" for word in ("different", "missing", "extra") if detail[word]]
    return ", ".join(said)


def _second(detail: Mapping[str, Any]) -> str:
    """Whether it is idempotent."""
    if detail["outcome"] == "no_data":
        return "–"
    return "changed nothing" if detail["idempotent"] else f"changed {detail['changed_by_second']:,} rows"


def _old(detail: Mapping[str, Any]) -> str:
    old = detail["old_versions"]
    if not old["replayed"]:
        return "none in it"
    return f"{show(old['identical'] / old['replayed'], 'ratio')} of {old['replayed']:,} rows"
