"""What is safe to train on, as JSON for schedulers and as text for people."""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor.grammar import show_duration
from monitor.iso import iso, to_second
from monitor.judge import show
from monitor.model import MINUTE, SECOND, Reading, Segment, Window, ceil_to
from monitor.trust.dataset import Trust
from monitor.trust.findings import Finding, State
from monitor.trust.models import Touched
from monitor.trust.together import Interval


def as_json(found: Trust, trained: Sequence[Touched], config: Any) -> dict[str, Any]:
    """One object; times ISO 8601 with Z, shares from 0 to 1."""
    return {
        "state": found.state.value,
        "from": iso(found.window.start),
        "to": iso(found.window.end),
        "safe_share": round(found.safe, 6),
        "shares": {each.value: round(found.share(each), 6) for each in State},
        "late": [_late(name, since, found.window) for name, since in found.late.items()],
        "safe_share_without_late": round(found.others.safe, 6) if found.others else None,
        "intervals": [_interval(each) for each in found.intervals],
        "findings": [_finding(each, config) for each in found.findings],
        "models": [_model(each) for each in trained],
        "checks": [{"check": name, "counts": why} for name, why in found.counting.checks.items()],
        "left_out": [{"check": name, "why": why} for name, why in found.counting.left_out.items()],
    }


def _span(window: Window) -> dict[str, Any]:
    return {"start": iso(window.start), "end": iso(window.end)}


def _late(check: str, since: int, window: Window) -> dict[str, Any]:
    return {"check": check, "measured_since": iso(since) if since < window.end else None}


def _segments(some: Sequence[Segment]) -> list[dict[str, str]]:
    return [{each.dimension: each.value} for each in some]


def _interval(each: Interval) -> dict[str, Any]:
    reasons = [{"check": name, "why": why or "damaged"} for name, why in each.because]
    told = _span(each.window) | {"state": each.state.value, "because": reasons}
    return told | ({"except": _segments(sorted(each.segments))} if each.segments else {})


def _numbers(reading: Reading) -> dict[str, Any]:
    bad = None if reading.good is None or reading.total is None else reading.total - reading.good
    numbers = {"value": reading.value, "good": reading.good, "bad": bad, "total": reading.total}
    return numbers | {"message": reading.message}


def _finding(each: Finding, config: Any) -> dict[str, Any]:
    check = config.checks[each.check]
    parts = [{"segment": {one.dimension: one.value}} | _numbers(said) for one, said in each.parts]
    about = {"check": each.check, "kind": check.kind, "stage": str(check.stage)} | _span(each.window)
    return about | {"segments": parts} | _numbers(each.reading) | {"unit": check.unit}


def _model(each: Touched) -> dict[str, Any]:
    model = each.model
    trained = {
        "from": iso(model.trained.start),
        "to": iso(model.trained.end),
        "assumed": model.assumed or None,
    }
    lengths = {
        "damaged_seconds": each.damaged // SECOND,
        "partly_seconds": each.partly // SECOND,
        "unknown_seconds": (each.unknown + each.outside) // SECOND,
    }
    about = {"model": model.version, "deployed": iso(model.at), "status": model.status or None}
    return (
        about | {"trained_on": trained, "state": each.state.value} | lengths | {"checks": list(each.checks)}
    )


# For people -------------------------------------------------------------------------------------------------

_SIGNS = {State.SAFE: "✓", State.PARTLY: "!", State.DAMAGED: "✗", State.UNKNOWN: "?"}
_WORDS = {
    State.SAFE: "safe",
    State.PARTLY: "safe without",
    State.DAMAGED: "damaged",
    State.UNKNOWN: "not known",
}
MOST = 40
"""Lines of a list: the newest, which are what somebody looks for."""


def lines(found: Trust, trained: Sequence[Touched], config: Any) -> Iterator[str]:
    """A sentence, the intervals, the findings with their numbers, and the models."""
    shares = [f"{show(found.share(each), 'ratio')} {_WORDS[each]}" for each in State if found.share(each)]
    stretch = f"{to_second(found.window.start)} to {to_second(found.window.end)}"
    yield f"{found.dataset}: {show(found.safe, 'ratio')} is safe to train on, {stretch}"
    yield f"of the time {', '.join(shares).replace('safe without', 'safe without some segments')}"
    if found.late:
        yield from _without_late(found)
    yield ""
    yield from _last([_line(each) for each in found.intervals])
    if found.findings:
        yield ""
        yield "why:"
        yield from _last([_why(each, config) for each in found.findings])
    if trained:
        yield ""
        yield "models:"
        yield from _last([_trained(each) for each in trained])
    yield ""
    yield f"counted: {', '.join(f'{name} ({why})' for name, why in found.counting.checks.items())}"
    if found.counting.left_out:
        yield f"left out: {', '.join(f'{name} ({why})' for name, why in found.counting.left_out.items())}"


def _without_late(found: Trust) -> Iterator[str]:
    """What leaves most of it open, and what the others say: a query's past, for one, cannot be had."""
    for name, since in found.late.items():
        begun = f"measured since {to_second(since)} only" if since < found.window.end else "never measured"
        yield f"{name} was {begun}: before, it leaves everything open"
    if found.others:
        safe = show(found.others.safe, "ratio")
        asked = " ".join(f"--without {name}" for name in found.late)
        yield f"by the {len(found.others.counting.checks)} others {safe} is safe: {asked}"


def _last(some: Sequence[str]) -> Iterator[str]:
    if len(some) > MOST:
        yield f"  … {len(some) - MOST} earlier ones: --json has all"
    yield from some[-MOST:]


def _line(each: Interval) -> str:
    without = f" {named(sorted(each.segments))}" if each.state == State.PARTLY else ""
    if each.state == State.UNKNOWN and each.segments:
        without = f", damaged in {named(sorted(each.segments))}"
    reasons: dict[str, list[str]] = {}
    for name, reason in each.because:
        reasons.setdefault(reason, []).append(name)
    why = "; ".join(
        f"{reason}: {', '.join(names)}" if reason else ", ".join(names) for reason, names in reasons.items()
    )
    window = f"{to_second(each.window.start)} … {to_second(each.window.end)}"
    said = f"  {_SIGNS[each.state]} {window}  {lasting(each.window.length):>8}  {_WORDS[each.state]}{without}"
    return f"{said}  ({why})" if why else said


def named(some: Sequence[Segment]) -> str:
    """Segments in words."""
    return ", ".join(f"{each.dimension} = {each.value}" for each in some)


def lasting(length: int) -> str:
    """A length of time, to the minute."""
    return show_duration(ceil_to(length, MINUTE))


def _why(each: Finding, config: Any) -> str:
    window = f"{to_second(each.window.start)} … {to_second(each.window.end)}"
    return f"  {each.check}, {window}: {_counted(each.reading, config.checks[each.check].unit)}" + "".join(
        f"; {segment.dimension} = {segment.value}: {_counted(said, config.checks[each.check].unit)}"
        for segment, said in each.parts
    )


def _counted(reading: Reading, unit: str) -> str:
    if reading.good is None or reading.total is None:
        return reading.message
    return f"{show(reading.value, unit)}, {reading.total - reading.good:,.0f} of {reading.total:,.0f} bad"


def _trained(each: Touched) -> str:
    model = each.model
    on = f"{to_second(model.trained.start)} … {to_second(model.trained.end)}"
    assumed = f" (assumed: {model.assumed})" if model.assumed else ""
    said = [
        f"{lasting(length)} {word}"
        for length, word in (
            (each.damaged, "of it damaged"),
            (each.partly, "of it damaged in some segments"),
            (each.unknown + each.outside, "of it not known"),
        )
        if length
    ]
    sign, words = _SIGNS[each.state], ", ".join(said) or "all of it safe"
    return f"  {sign} {model.version}, deployed {to_second(model.at)}, trained on {on}{assumed}: {words}"
