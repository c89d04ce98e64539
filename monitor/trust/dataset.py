"""All checks that count for a dataset, together: what is safe to train on, and why the rest is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from monitor import packs, store
from monitor.errors import UsageError
from monitor.model import DAY, MINUTE, PAIR, Window, floor_to
from monitor.store import Definition, Store, frozen
from monitor.store.database import reading
from monitor.store.segments import ids
from monitor.trust.counting import Counting, counting
from monitor.trust.findings import Finding, State
from monitor.trust.one import judged
from monitor.trust.together import Interval, narrow, together

WEEKS = 28 * DAY
"""How far back is looked where nobody says."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be told. `window` is None for four weeks up to where everything has settled; `segment` are
    values by dimension, all of which rows have; `also` and `without` are checks; `strict`: warnings count.
    """

    dataset: str
    window: Window | None = None
    segment: Mapping[str, str] = field(default_factory=dict[str, str])
    also: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Trust:
    """The answer: intervals in order that fill the window, and every finding of the checks that count."""

    dataset: str
    window: Window
    counting: Counting
    intervals: tuple[Interval, ...]
    findings: tuple[Finding, ...]

    def share(self, state: State) -> float:
        """The share of time that is in a state."""
        length = sum(each.window.length for each in self.intervals if each.state == state)
        return length / self.window.length if self.window.length else 0.0

    @property
    def safe(self) -> float:
        """The share that is safe: of time, and of its rows where some segments are to be left out."""
        kept = sum(
            each.window.length * (1 - each.rows)
            for each in self.intervals
            if each.state in (State.SAFE, State.PARTLY)
        )
        return kept / self.window.length if self.window.length else 0.0

    @property
    def state(self) -> State:
        """Of the whole: damaged before damaged in part, before not known."""
        found = {
            State.PARTLY if each.damaged and each.state != State.DAMAGED else each.state
            for each in self.intervals
        }
        order = (State.DAMAGED, State.PARTLY, State.UNKNOWN, State.SAFE)
        return next((each for each in order if each in found), State.UNKNOWN)


def as_measured(config: Any, store_: Store) -> Any:
    """The configuration with its packaged checks as they were bound to live tables."""
    return packs.seen(config, store.settings(store_, config.pipeline))


def usual(config: Any, asked: Asked, now: int) -> Window:
    """Four weeks up to where every check that counts has had its time, and a tick to say so.

    Raises UsageError where none counts.
    """
    return _settled([config.checks[name] for name in _counting(config, asked).checks], now)


def _counting(config: Any, asked: Asked) -> Counting:
    found = counting(config, asked.dataset, asked.also, asked.without)
    if not found.checks:
        raise UsageError(
            f"no check counts for the dataset '{asked.dataset}'",
            hint="declare one of it, or name one: --check",
        )
    return found


def trust(config: Any, store_: Store, asked: Asked, now: int) -> Trust:
    """What of a dataset is safe to train on, as the store knows it at `now`, in microseconds.

    `config` is one that `as_measured` gave. Raises UsageError where no check counts, or none knows the
    segment; StoreError.
    """
    found = _counting(config, asked)
    some = [config.checks[name] for name in found.checks]
    window = asked.window or _settled(some, now)
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    _known(store_, [definitions[each.name] for each in some if each.name in definitions], asked.segment)
    fixed = frozen.recall(store_, [each.id for each in definitions.values()])
    said = [
        judged(check, store_, definitions.get(check.name), fixed, window, now, asked.strict) for check in some
    ]
    narrowed = [narrow(each, asked.segment) for each in said]
    return Trust(
        asked.dataset,
        window,
        found,
        tuple(together(narrowed)),
        tuple(sorted((one for each in narrowed for one in each.findings), key=_by_time)),
    )


def _by_time(finding: Finding) -> tuple[Window, str]:
    return finding.window, finding.check


def _settled(some: Sequence[Any], now: int) -> Window:
    ends = [
        floor_to(now - each.settle - each.lateness - each.every, each.bucket or each.every or MINUTE)
        for each in some
    ]
    return Window(min(ends) - WEEKS, min(ends))


def _known(store_: Store, definitions: Sequence[Definition], segment: Mapping[str, str]) -> None:
    """Raises UsageError for a segment that no check has."""
    if not segment:
        return
    with reading(store_) as connection:
        there = {one for each in definitions for one in ids(connection, each.id) if one.dimension}
    for dimension, value in segment.items():
        values = sorted({each.value for each in there if each.dimension == dimension})
        if not values:
            known = ", ".join(sorted({each.dimension for each in there if PAIR not in each.dimension}))
            raise UsageError(
                f"no check that counts is measured by '{dimension}'",
                hint=f"there are {known}" if known else "give one a 'by'",
            )
        if value not in values:
            near = get_close_matches(value, values, 1)
            raise UsageError(
                f"no '{dimension}' is called '{value}'", hint=f"did you mean '{near[0]}'?" if near else ""
            )
