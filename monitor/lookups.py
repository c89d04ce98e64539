"""Which rows a measure looks up by their key: what several look up can be read once for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.expr import HasPartner, Repeated
from monitor.model import Measure, Window

Key = tuple[str, tuple[str, ...]]
"""A dataset, and the columns of it that are a key."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Rows of a dataset by their key, from `before` a measure's window to `after` it, in microseconds."""

    key: Key
    before: int
    after: int

    def reach(self, window: Window) -> Window:
        """What is read for a window."""
        return Window(window.start - self.before, window.end + self.after)


def lookups(dataset: str, measure: Measure) -> tuple[Lookup, ...]:
    """Those of a measure over a dataset; none where it sees no rows but its own, or sees more than keys."""
    node = measure.aggregate.where
    if isinstance(node, Repeated):
        return (Lookup((dataset, node.key), node.look_back, 0),)
    if isinstance(node, HasPartner):
        mine, hers = zip(*node.on, strict=True)
        return (
            Lookup((dataset, mine), 0, 0),
            Lookup((node.dataset, hers), -node.after, node.within + 1),
        )
    return ()


def hull(some: Sequence[Window]) -> Window:
    """From the first instant to the last; empty of none."""
    return Window(min(w.start for w in some), max(w.end for w in some)) if some else Window(0, 0)


def near(some: Iterable[Window], gap: int = 0) -> tuple[Window, ...]:
    """Windows in order, joined where they touch or no more than a gap lies between them."""
    merged: list[Window] = []
    for each in sorted(some):
        if merged and each.start <= merged[-1].end + gap:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return tuple(merged)
