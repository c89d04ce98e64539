"""All checks that count for a dataset, together: what is safe to train on, and why the rest is not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from monitor import packs, store
from monitor.errors import UsageError
from monitor.model import DAY, MINUTE, Window, floor_to
from monitor.store import Definition, Store, frozen
from monitor.store.database import reading
from monitor.store.segments import ids
from monitor.trust.counting import Counting, counting
from monitor.trust.findings import Finding, Said, State
from monitor.trust.one import BEFORE, NEVER, judged
from monitor.trust.together import Interval, narrow, together

WEEKS = 28 * DAY
"""How far back is looked where nobody says."""

HARDLY = 0.9
"""A share of a window in which a check was not measured, from which on the others are told by themselves."""


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
class Judged:
    """What every check that counts for a dataset says of a window, of all rows."""

    dataset: str
    window: Window
    counting: Counting
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """The answer: intervals in order that fill the window, and every finding of the checks that count."""

    dataset: str
    window: Window
    counting: Counting
    intervals: tuple[Interval, ...]
    findings: tuple[Finding, ...]
    late: Mapping[str, int] = field(default_factory=dict[str, int])
    """Checks that were not measured in most of the window, with the instant from which on they were:
    what they leave unknown, the others may know."""
    others: "Trust | None" = None
    """The same without those that are late, where there are some and others."""

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
    some = [config.checks[name] for name in _counting(config, asked).checks]
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    _known(store_, [definitions[each.name] for each in some if each.name in definitions], asked.segment)
    return told(heard(config, store_, asked, now), asked.segment)


def heard(
    config: Any, store_: Store, asked: Asked, now: int, between: Callable[[], None] = lambda: None
) -> Judged:
    """What each check says, whatever the segment; `between` is called after each of them. Raises the same."""
    found = _counting(config, asked)
    some = [config.checks[name] for name in found.checks]
    window = asked.window or _settled(some, now)
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    fixed = frozen.recall(store_, [each.id for each in definitions.values()])
    said: list[Said] = []
    for check in some:
        said.append(judged(check, store_, definitions.get(check.name), fixed, window, now, asked.strict))
        between()
    return Judged(asked.dataset, window, found, tuple(said))


def told(all_: Judged, segment: Mapping[str, str]) -> Trust:
    """What they say together, of all rows or of those of a segment; one that no check knows says no more."""
    narrowed = [narrow(each, segment) for each in all_.said]
    late = {each.check: since for each in narrowed if (since := _late(each, all_.window)) is not None}
    found = Trust(
        all_.dataset,
        all_.window,
        all_.counting,
        tuple(together(narrowed)),
        tuple(sorted((one for each in narrowed for one in each.findings), key=_by_time)),
        late,
    )
    kept = tuple(each for each in all_.said if each.check not in late)
    if not late or not kept:
        return found
    counts = {name: why for name, why in all_.counting.checks.items() if name not in late}
    rest = replace(all_, said=kept, counting=replace(all_.counting, checks=counts))
    return replace(found, others=told(rest, segment))


def _late(said: Said, window: Window) -> int | None:
    """From when on a check was measured that was not in most of a window: its end where it never was."""
    unknown = [each for each in said.stretches if each.state == State.UNKNOWN and each.why in (BEFORE, NEVER)]
    if sum(each.window.length for each in unknown) < HARDLY * window.length:
        return None
    known = [each.window.start for each in said.stretches if each.state != State.UNKNOWN]
    return min(known, default=window.end)


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
            known = ", ".join(sorted({each.dimension for each in there if len(each.where) == 1}))
            raise UsageError(
                f"no check that counts is measured by '{dimension}'",
                hint=f"there are {known}" if known else "give one a 'by'",
            )
        if value not in values:
            near = get_close_matches(value, values, 1)
            raise UsageError(
                f"no '{dimension}' is called '{value}'", hint=f"did you mean '{near[0]}'?" if near else ""
            )
