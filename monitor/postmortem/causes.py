"""What attribution said of an incident's checks while it lasted: segments, stage, what went out, at fault."""

from collections.abc import Iterator, Sequence

from monitor.attribute.cause import Cause, Share, read
from monitor.iso import to_second
from monitor.judge import show
from monitor.model import Window
from monitor.store import Store, attributions

FAULTS = {
    "model": "the model: what was served came through as usual",
    "system": "the system: paths, services or data, not what the model chose",
}
UNTOLD = "cannot be told: nothing that is measured sets the model and the system apart"


def causes(store: Store, pipeline: str, checks: Sequence[str], span: Window) -> tuple[Cause, ...]:
    """What was found last of every trouble of some checks that touches a stretch, in order of time."""
    found = [
        read(each.content)
        for check in checks
        for each in attributions.during(store, pipeline, check, span.start, span.end)
    ]
    return tuple(sorted(found, key=lambda each: (each.since, each.at, each.check)))


def told(cause: Cause) -> Iterator[tuple[str, str]]:
    """Facts by what they are of, each in a few words."""
    yield "said", f"{to_second(cause.at)}, of what is bad since {to_second(cause.since)}"
    origin = cause.origin
    other = f", seen first by {origin.check} since {to_second(origin.since)}"
    yield "began at", f"stage {origin.stage}{other if origin.check != cause.check else ''}{_lost(cause)}"
    yield "where", _where(cause)
    if cause.event is None:
        yield "went out or was changed shortly before", "nothing that is recorded"
    else:
        yield "went out or was changed shortly before", f"{cause.event.what}, {to_second(cause.event.at)}"
    yield "at fault", FAULTS.get(cause.fault, UNTOLD)


def _lost(cause: Cause) -> str:
    if cause.origin.lost_at:
        return f", most of it did not reach {cause.origin.lost_at}"
    return f", between {' and '.join(cause.origin.leg)}" if cause.origin.leg else ""


def _where(cause: Cause) -> str:
    if cause.segments:
        return ", ".join(named(each) for each in cause.segments)
    return "everywhere alike" if cause.everywhere else "no segment stands out"


def named(share: Share) -> str:
    """`region = eu and device = ios`."""
    return " and ".join(f"{name} = {value}" for name, value in share.where)


def row(share: Share, of: str) -> tuple[str, ...]:
    """A segment with its share of the change, its rows since then, the bad ones, and how many are usual."""
    numbers = (f"{each:,.0f}" for each in (share.bad, share.rows, share.usual))
    return named(share), f"{show(share.share, 'ratio')} of the {of}", *numbers
