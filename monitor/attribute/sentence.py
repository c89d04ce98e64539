"""A cause in one plain sentence: what alerts, runbooks and pages say of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.attribute.cause import Cause, Event, Share
from monitor.model import DAY, HOUR, MINUTE, MISSING, OTHER, SECOND

SAID = {"app_version": "app", "model_version": "model", "user_agent": "agent", "schema_version": "schema"}
"""What people call a dimension."""

LONGEST = 80
"""Characters of a value or of what was deployed: they come from data, and stand in a sentence."""


def sentence(cause: Cause) -> str:
    """`Since 12:04, 96% of the loss is region latam on app 6.3.0; it began at ingestion-success (ingest),
    3 min after ranker-20261110 was deployed: the system is at fault, not the model`. Times are UTC.
    """
    since = _clock(cause.since, cause.at)
    hit = _hit(cause)
    if hit:
        return f"Since {since}, {hit}; it began {_began(cause, 'at')}{_fault(cause.fault)}"
    return f"It began at {since} {_began(cause, 'with')}{_fault(cause.fault)}"


def _hit(cause: Cause) -> str:
    """Where it is; "" where nothing was counted by segment."""
    if cause.segments and not any(each.share for each in cause.segments):
        are = "is" if len(cause.segments) == 1 else "are"
        return f"only {' and '.join(map(named, cause.segments))} {are} bad"
    if cause.segments:
        rest = ", and the rest is spread over all segments" if cause.everywhere else ""
        return _segments(cause.segments, cause.of) + rest
    if cause.everywhere:
        return f"the {cause.of} {'are' if _plural(cause.of) else 'is'} spread over all segments alike"
    return "no segment stands out" if cause.excess else ""


def _segments(some: Sequence[Share], of: str) -> str:
    first, *others = (f"{_percent(each.share)}" for each in some)
    is_ = "come from" if _plural(of) else "is"
    said = [f"{first} of the {of} {is_} {named(some[0])}"]
    said += [f"{share} {named(each)}" for share, each in zip(others, some[1:], strict=True)]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def named(share: Share) -> str:
    """`region latam on app 6.3.0`."""
    return " on ".join(_value(dimension, value) for dimension, value in share.where)


def _value(dimension: str, value: str) -> str:
    dimension = SAID.get(dimension, dimension.replace("_", " "))
    if value == MISSING:
        return f"no {dimension}"
    return f"other values of {dimension}" if value == OTHER else f"{dimension} {clipped(value)}"


def clipped(text: str) -> str:
    """A text from data, short enough and in one line."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _plural(of: str) -> bool:
    return of.endswith("s") and of not in ("loss", "surplus")


def _percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def _began(cause: Cause, word: str) -> str:
    origin = cause.origin
    where = f", before {origin.lost_at}" if origin.lost_at else ""
    where = f", from {' to '.join(map(clipped, origin.leg))}" if origin.leg else where
    return f"{word} {origin.check} ({origin.stage}{where}){_after(cause.event, origin.since)}"


def _after(event: Event | None, since: int) -> str:
    if event is None:
        return ""
    gap = since - event.at
    when = "just as" if gap < MINUTE else f"{_gap(gap)} after"
    done = "was deployed" if event.kind == "deployment" else "was changed"
    return f", {when} {clipped(event.what)} {done}"


def _gap(gap: int) -> str:
    if gap < HOUR:
        return f"{gap // MINUTE} min"
    minutes = gap % HOUR // MINUTE
    return f"{gap // HOUR} h" + (f" {minutes} min" if minutes else "")


def _fault(fault: str) -> str:
    if fault == "system":
        return ": the system is at fault, not the model"
    return ": the model is at fault, no check of its path is in trouble" if fault == "model" else ""


def _clock(at: int, now: int) -> str:
    """The time of day; with the date where that is another one."""
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    return moment.strftime("%H:%M" if at // DAY == now // DAY else "%Y-%m-%d %H:%M")
