"""Pairs of datasets whose rows belong together: emitted and stored events, exposures and their outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from monitor.discover import nice
from monitor.discover.checks import OBJECTIVE, Proposed, ended, window
from monitor.discover.columns import Described
from monitor.discover.entries import Entries, Entry, bound, entry
from monitor.discover.pace import Pace
from monitor.discover.sample import NEVER, Numbers
from monitor.discover.words import PAIRS
from monitor.grammar import show_duration
from monitor.model import MINUTE

ENOUGH = 50
"""Rows that must be due before the share of those with a partner is believed."""
SAME = 0.5
"""Share of common keys above which datasets of unknown parts belong together."""
USUAL = 0.8
"""Below it a partner is the exception, as a click is for an exposure, and no bound is set."""
JOINING = ("exposure_id", "event_id", "request_id", "query_id", "trace_id", "order_id")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two datasets, the columns that join them, and the place of each left row's partner (-1: none)."""

    left: Described
    right: Described
    on: tuple[str, str]
    called: str
    places: Numbers

    @property
    def found(self) -> Numbers:
        return self.places >= 0


def matches(datasets: Sequence[Described], paces: Mapping[str, Pace]) -> list[Proposed]:
    """Checks of what should have a partner, each pair in one direction."""
    dead = next((each for each in datasets if each.role == "dead_letters"), None)
    return [_check(pair, paces, dead) for pair in _pairs(datasets)]


def _pairs(datasets: Sequence[Described]) -> Iterator[Pair]:
    done: set[frozenset[str]] = set()
    # Where several play a part, the one that is called so comes last and stays.
    by_role = {each.role: each for each in sorted(datasets, key=lambda each: each.name == each.role)}
    known = [(by_role[a], by_role[b], word) for a, b, word in PAIRS if a in by_role and b in by_role]
    other = [(a, b, "matched") for a, b in permutations(datasets, 2) if _related(a, b)]
    for left, right, called in known + other:
        both = frozenset((left.name, right.name))
        pair = None if both in done else _pair(left, right, called)
        if pair and (called != "matched" or pair.found.sum() >= max(SAME * len(pair.found), 1)):
            done.add(both)
            yield pair


def _related(left: Described, right: Described) -> bool:
    """Whether one may hold the outcomes of the other: a part that says so, or one row for one row."""
    if not left.time.value or not left.key.value or len(left.key.value) != 1:
        return False
    if left.role == "outcomes" or right.role in ("emitted", "exposures", "requests"):
        return False
    return right.role == "outcomes" or (right.key.value == left.key.value and not right.time.value)


def _pair(left: Described, right: Described, called: str) -> Pair | None:
    if not left.time.value:
        return None
    on = _joined(left, right)
    if on is None:
        return None
    places = partners(left.seen.hashes[on[0]], right.seen.hashes[on[1]])
    pair = Pair(left, right, on, called, places)
    whole = left.seen.whole and right.seen.whole
    return None if whole and left.seen.rows and not pair.found.any() else pair


def _joined(left: Described, right: Described) -> tuple[str, str] | None:
    """The columns by which rows belong together: one that both have, a key of either first."""
    pairs = [
        (name, name) for name in (*left.key.value, *right.key.value) if _has(left, name) and _has(right, name)
    ]
    pairs += [(left.words[w], right.words[w]) for w in JOINING if w in left.words and w in right.words]
    for ours, theirs in pairs:
        same = left.seen.columns[ours].family == right.seen.columns[theirs].family
        if same and _has(left, ours) and _has(right, theirs):
            return ours, theirs
    return None


def _has(described: Described, column: str) -> bool:
    return column in described.seen.hashes


def partners(left: Numbers, right: Numbers) -> Numbers:
    """For each left hash the place of a right one that equals it; -1 for none."""
    if not len(right):
        return np.full(len(left), -1)
    order: Numbers = np.argsort(right, kind="stable")
    ranked = right[order]
    at: Numbers = np.searchsorted(ranked, left)
    inside: Numbers = np.minimum(at, len(ranked) - 1)
    return np.where((ranked[inside] == left) & (left != NEVER), order[inside], -1)


def _check(pair: Pair, paces: Mapping[str, Pace], dead: Described | None) -> Proposed:
    left, right, pace = pair.left, pair.right, paces[pair.left.name]
    keys = entry("left", left.name) + entry("right", right.name) + _key(pair)
    within, times = _within(pair)
    if dead and left.role == "emitted" and _joined(left, dead) == (pair.on[0], pair.on[0]):
        keys += entry("dead_letters", dead.name, "lost rows that are there are counted beside the loss")
    settle = (within or right.lateness.value) + max(left.lateness.value, right.lateness.value)
    keys += times + window(left, pace, settle) + _bound(pair, within) + ended(pace)
    keys += entry("slo", OBJECTIVE, "an objective, once you have one", off=True)
    name = f"{left.name}-{pair.called}" if pair.called != "matched" else f"{left.name}-in-{right.name}"
    return Proposed(name[:100], "match", left.name, keys)


def _key(pair: Pair) -> Entries:
    ours, theirs = pair.on
    if ours == theirs:
        return entry("key", ours)
    return entry("key", (Entry(ours, theirs),), flow=True)


def _within(pair: Pair) -> tuple[int, Entries]:
    """How far apart partners may be, in microseconds; nothing where the right side has no time."""
    if not pair.right.time.value:
        return 0, ()
    apart = _apart(pair)
    if not len(apart):
        return pair.right.lateness.value, ()
    farthest = float(np.quantile(np.abs(apart), 0.999))
    within = nice.up(1.5 * farthest, MINUTE)
    why = f"99.9% of sampled pairs lie within {nice.about(farthest)}"
    keys = entry("within", show_duration(within), why)
    if farthest and (apart >= 0).mean() > 0.999:
        keys += entry("after", "0s", "the partner comes later")
    return within, keys


def _apart(pair: Pair) -> Numbers:
    ours = pair.left.instants[pair.found]
    theirs = pair.right.instants[pair.places[pair.found]]
    both = (ours != NEVER) & (theirs != NEVER)
    return theirs[both] - ours[both]


def _bound(pair: Pair, within: int) -> Entries:
    """A bound for the share with a partner, of left rows whose partner the sample would show."""
    due = _due(pair, within)
    if due.sum() < ENOUGH:
        return entry("fail", bound("< 99%"), "too few pairs in the sample to know what is usual", off=True)
    found = float(pair.found[due].mean())
    why = f"{nice.share(found)} of {int(due.sum()):,} sampled rows have one"
    if found < USUAL:
        return entry("fail", bound(f"< {nice.share(nice.down(found * 50) / 100)}"), why, off=True)
    return entry("fail", bound(f"< {nice.share(min(nice.objective(1 - found), 0.99))}"), why)


def _due(pair: Pair, within: int) -> Any:
    ours = pair.left.instants
    due = ours != NEVER
    newest = pair.left.moments[-1:]
    late = within + max(pair.left.lateness.value, pair.right.lateness.value)
    if len(newest):
        due &= ours <= newest[0] - (late if pair.right.time.value else 0)
    theirs = pair.right.moments
    if pair.right.time.value and len(theirs) and not pair.right.seen.whole:
        due &= (ours >= theirs[0] + within) & (ours <= theirs[-1] - within)
    return due
