"""A game day as one JSON object, and as text."""

from collections.abc import Iterator
from typing import Any

from monitor.gameday.clean import Clean
from monitor.gameday.expected import stage_of
from monitor.gameday.run import Result
from monitor.gameday.score import Score, rates
from monitor.gameday.segments import shown, values_of
from monitor.model import MINUTE
from monitor.simulate.faults import KINDS


def as_json(result: Result) -> dict[str, Any]:
    """The object of `weir gameday --json`."""
    return {
        "faults": [each.as_json() for each in result.scores],
        "clean": {
            "days": sum(each.days for each in result.clean),
            "seeds": [each.seed for each in result.clean],
            "pages": sum(each.pages for each in result.clean),
            "tickets": sum(each.tickets for each in result.clean),
        },
        "seconds": round(result.seconds, 1),
    }


def as_text(result: Result) -> Iterator[str]:
    """Lines: a fault each, what else was said, the clean weeks, and the shares that were right."""
    if result.scores:
        yield f"{'fault':26} {'×':>6}  {'where':30} {'told after':>12}  by"
    for each in result.scores:
        yield from _fault(each)
    for name, why in result.failed:
        yield f"{name}: not played, {why}"
    yield from (line for each in result.clean for line in _clean(each))
    if result.scores:
        yield _rates(result)
    yield f"{result.seconds:.0f} s"


def _fault(score: Score) -> Iterator[str]:
    where = shown(tuple((score.segment or {}).items()))
    after = f"{score.minutes:.1f} min" if score.minutes is not None else "never"
    told = score.told
    by = f"{told.severity}, {told.name} of {told.about}" if told else _nobody(score)
    yield f"{score.fault:26} {score.severity:6.3g}  {where:30} {after:>12}  {by}{_wrong(score)}"
    for each in score.noise:
        yield f"{'':8}noise: {each.severity}, {each.name} of {each.about}: {each.summary}"


def _nobody(score: Score) -> str:
    return (
        "nobody, who should have been told" if score.missed else "nobody: it is no worse than its threshold"
    )


def _wrong(score: Score) -> str:
    if not score.detected:
        return ""
    stage = stage_of(score.told) if score.told else ""
    wrong = [
        (score.stage_right, f"stage {stage or 'none'}"),
        (score.segment_right, f"segment {places(score)}"),
        (score.runbook_right, "runbook"),
        (score.routed_right, "page or ticket"),
        (score.fault_right is not False, "model or system"),
        (score.trusted is None or score.trusted.right, f"trust, {rows_told(score)}"),
    ]
    said = ", ".join(what for right, what in wrong if not right)
    return f"  (wrong: {said})" if said else ""


def places(score: Score) -> str:
    """The segments that were named, for people."""
    return ", ".join(shown(each) for each in sorted(score.named)) or shown(())


def rows_told(score: Score) -> str:
    """What `weir trust` says of the rows, for people; "" where it was not asked."""
    of = score.trusted
    if of is None:
        return ""
    kept = f" and {1 - of.sound:.0%} of the hour before" if of.sound < 1 else ""
    return f"{of.damaged:.0%} of the broken time{kept} called damaged in {of.dataset}"


def _clean(clean: Clean) -> Iterator[str]:
    yield (
        f"{clean.days:g} clean days, seed {clean.seed}: {_count(clean.pages, 'page')}, "
        f"{_count(clean.tickets, 'ticket')}"
    )
    for each in clean.fired:
        hours = (each.at - clean.start) / (60 * MINUTE)
        yield f"{'':8}hour {hours:.1f}: {each.severity}, {each.name} of {each.about}: {each.summary}"


def _count(number: int, what: str) -> str:
    return f"no {what}" if not number else f"{number} {what}" + "s" * (number > 1)


def _rates(result: Result) -> str:
    found = rates(result.scores)
    said = f"{_count(len(result.scores), 'fault')}: {found['detected']:.0%} detected"
    if not found["detected"]:
        return said
    held = [each.fault_right for each in result.scores if each.fault_right is not None]
    model = f"; of {len(held)} model or system right {sum(held) / len(held):.0%}" if held else ""
    return (
        f"{said}; of these right {', '.join(f'{name} {found[name]:.0%}' for name in list(found)[1:])}{model}"
    )


def kinds() -> Iterator[str]:
    """For each kind of fault what it is, the unit of its size, and where it can be; then values."""
    for name, kind in KINDS.items():
        where = f"where: {', '.join(kind.segments)}" if kind.segments else "everywhere alone"
        yield f"{name:20} {', '.join(kind.codes):12} {kind.title}"
        yield f"{'':33} size: {kind.unit}; {where}"
    yield "\nvalues:"
    for name in dict.fromkeys(each for kind in KINDS.values() for each in kind.segments):
        yield f"{name:20} {', '.join(values_of(name))}"
