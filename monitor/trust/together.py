"""What all checks say together, of all rows or of those of a segment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from monitor.model import Segment, Window
from monitor.trust.findings import Said, State, Stretch, joined

NOTHING = "no row was there"


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time. `segments` are to be left out where the state is `partly`, which takes the share
    `rows` of its rows; `because` are checks, each with why it is not known, or "" where it found damage.
    """

    window: Window
    state: State
    segments: frozenset[Segment] = frozenset()
    because: tuple[tuple[str, str], ...] = ()
    rows: float = 0.0

    @property
    def damaged(self) -> bool:
        """Whether damage is known in it, also where something else is not known."""
        return any(not why for _, why in self.because)


def narrow(said: Said, segment: Mapping[str, str]) -> Said:
    """The same of the rows of some segment alone: damage elsewhere is none of theirs."""
    if not segment:
        return said
    stretches = joined(_narrowed(each, segment) for each in said.stretches)
    findings = [each for each in said.findings if not each.parts or touched(each.segments, segment)]
    return replace(said, stretches=tuple(stretches), findings=tuple(findings))


def _narrowed(each: Stretch, segment: Mapping[str, str]) -> Stretch:
    if each.state != State.PARTLY:
        return each
    mine = touched(each.segments, segment)
    if not mine:
        return replace(each, state=State.SAFE, segments=frozenset())
    if any(dict(one.where).items() <= segment.items() for one in mine):
        return replace(each, state=State.DAMAGED, segments=frozenset())
    return replace(each, segments=mine)


def touched(segments: Iterable[Segment], segment: Mapping[str, str]) -> frozenset[Segment]:
    """Those that rows of a segment may be in."""
    return frozenset(
        one for one in segments if all(segment.get(name, value) == value for name, value in one.where)
    )


def together(said: Sequence[Said]) -> Iterator[Interval]:
    """Intervals of what all checks say: one that found damage outweighs what is not known."""
    edges = sorted(
        {at for each in said for one in each.stretches for at in (one.window.start, one.window.end)}
    )
    at = [0] * len(said)
    last: Interval | None = None
    for start, end in pairwise(edges):
        here: list[tuple[Said, Stretch]] = []
        for number, each in enumerate(said):
            while each.stretches[at[number]].window.end <= start:
                at[number] += 1
            here.append((each, each.stretches[at[number]]))
        new = _interval(Window(start, end), here)
        if last and replace(new, window=last.window) == last:
            last = replace(last, window=Window(last.window.start, end))
            continue
        if last:
            yield last
        last = new
    if last:
        yield last


def _interval(window: Window, here: Sequence[tuple[Said, Stretch]]) -> Interval:
    damaged = [(said.check, "") for said, each in here if each.state == State.DAMAGED]
    unknown = [(said.check, each.why) for said, each in here if each.state == State.UNKNOWN]
    partly = [(said, each) for said, each in here if each.state == State.PARTLY]
    segments = frozenset(one for _, each in partly for one in each.segments)
    because = [(said.check, "") for said, _ in partly]
    if damaged:
        return Interval(window, State.DAMAGED, segments, tuple(damaged + because + unknown), 1.0)
    if unknown:
        return Interval(window, State.UNKNOWN, segments, tuple(unknown + because), 1.0)
    if all(each.empty for _, each in here):
        return Interval(
            window, State.UNKNOWN, because=tuple((said.check, NOTHING) for said, _ in here), rows=1.0
        )
    if not partly:
        return Interval(window, State.SAFE)
    return Interval(window, State.PARTLY, segments, tuple(because), _rows(window, partly))


def _rows(window: Window, partly: Sequence[tuple[Said, Stretch]]) -> float:
    """The share of rows in the segments that are left out; overlaps count twice, so that it is no less."""
    shares: dict[frozenset[Segment], float] = {}
    for said, each in partly:
        over = [one.rows for one in said.findings if one.window.start <= window.start < one.window.end]
        shares[each.segments] = max(shares.get(each.segments, 0.0), *over, 0.0)
    return min(1.0, sum(shares.values()))
