"""A postmortem as Markdown, for people to finish, and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor.attribute.cause import as_json as cause_json
from monitor.iso import iso, to_second
from monitor.judge import show
from monitor.model import HOUR, MINUTE, SECOND, Reading
from monitor.postmortem import causes
from monitor.postmortem.gathered import Postmortem
from monitor.postmortem.loss import Loss, Part
from monitor.postmortem.timeline import named, timeline
from monitor.store.alarms import Incident
from monitor.trust.models import Touched

MOST = 10
"""Segments of a check that are listed, the worst."""


def markdown(found: Postmortem, config: Any) -> str:
    """The whole document; times are UTC."""
    incident = found.incident
    head = [
        f"# Incident {incident.id}: {_title(incident)}",
        "",
        _text(incident.summary) or named(incident),
        "",
    ]
    parts = [*head, *_short(found, config), *_times(found), *_timeline(found), *_causes(found)]
    parts += [*_lost(found, config), *_models(found), *_alerts(found), *_open(found)]
    return "\n".join(parts).rstrip() + "\n"


def _title(incident: Incident) -> str:
    return named(incident).removeprefix("the ")


def _text(text: str) -> str:
    """Words from elsewhere, on one line and without what Markdown would take for its own."""
    flat = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in flat)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _row(*columns)
    yield _row(*("---" for _ in columns))
    yield from (_row(*each) for each in rows)
    yield ""


def lasting(length: int | None) -> str:
    """A length of time as people say it: 45 s, 12 min, 3 h 20 min, 2 d 4 h."""
    if length is None:
        return "–"
    if length < 2 * MINUTE:
        return f"{length // SECOND} s"
    minutes = round(length / MINUTE)
    if length < 2 * HOUR:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


# In short ---------------------------------------------------------------------------------------------------


def _short(found: Postmortem, config: Any) -> Iterator[str]:
    incident = found.incident
    yield from (
        f"- {each.check}: {_cost(each, config.checks[each.check].unit)}, {_when(each)}{_where(each)}"
        for each in found.losses
        if each.check in found.checks
    )
    yield f"- noticed {lasting(incident.fired_at - found.begin)} after it began{_over(found)}"
    if found.models:
        spoiled = ", ".join(_text(each.model.version) for each in found.models)
        yield f"- trained on some of it: {spoiled}"
    labels = incident.labels
    facts = [
        ("stage", labels.get("stage", "")),
        ("owner", labels.get("owner", "")),
        ("pipeline", found.pipeline),
    ]
    yield f"- {', '.join(f'{name} {_text(value)}' for name, value in facts if value)}"
    if found.causes:
        yield f"- found by Weir: {_text(found.causes[-1].sentence)}"
    yield ""


def _over(found: Postmortem) -> str:
    if found.mitigate is None:
        return f"; it goes on, as of {to_second(found.now)}"
    return f", over {lasting(found.mitigate)} after that"


def _cost(loss: Loss, unit: str) -> str:
    if loss.bad is None:
        return loss.reading.message
    share = loss.bad / loss.reading.total if loss.reading.total else 0.0
    return f"{loss.bad:,.0f} of {loss.reading.total:,.0f} rows bad ({show(share, 'ratio')})"


def _when(loss: Loss) -> str:
    return f"{to_second(loss.window.start)} to {to_second(loss.window.end)} ({lasting(loss.window.length)})"


def _where(loss: Loss) -> str:
    causes = [f"{each.segment.dimension} = {_text(each.segment.value)}" for each in loss.parts if each.causes]
    return f", in {', '.join(causes)}" if causes else ""


# Times ------------------------------------------------------------------------------------------------------


def _times(found: Postmortem) -> Iterator[str]:
    incident = found.incident
    yield "## Times"
    yield ""
    began = [("bad data begins", found.begin)] if found.begin < incident.onset else []
    marks = [
        *began,
        ("onset, as the alert dates it", incident.onset),
        ("detected", incident.fired_at),
        ("somebody told", found.notified),
        ("acknowledged", incident.acknowledged_at),
        ("over", incident.resolved_at),
    ]
    rows = [
        (name, to_second(at), lasting(max(0, at - found.begin))) if at is not None else (name, "–", "–")
        for name, at in marks
    ]
    yield from _table(("what", "when", "after it began"), rows)
    first = lasting(incident.fired_at - found.begin)
    yield (
        f"Time to detect: {lasting(found.detect)} from the onset, {first} from the first bad data."
        f" Time to mitigate: {lasting(found.mitigate)} from the alert."
    )
    yield ""


def _timeline(found: Postmortem) -> Iterator[str]:
    yield "## Timeline"
    yield ""
    yield from _table(("when", "what"), [(to_second(each.at), _text(each.what)) for each in timeline(found)])


# What Weir found --------------------------------------------------------------------------------------------


def _causes(found: Postmortem) -> Iterator[str]:
    """What attribution said: which segments, where it began, after what, model or system."""
    yield "## What Weir found"
    yield ""
    if not found.causes:
        yield "Nothing was found that explains it: no row of the time was told apart while it lasted."
        yield ""
    for each in found.causes:
        yield f"**{each.check}**: {_text(each.sentence)}." if each.sentence else f"**{each.check}**"
        yield ""
        yield from (f"- {name}: {_text(said)}" for name, said in causes.told(each))
        yield ""
        if each.segments:
            rows = [tuple(map(_text, causes.row(one, each.of))) for one in each.segments[:MOST]]
            yield from _table(("segment", "its share", "bad", "of", "bad as before"), rows)


# Data -------------------------------------------------------------------------------------------------------


def _lost(found: Postmortem, config: Any) -> Iterator[str]:
    yield "## Data lost"
    yield ""
    if not found.losses:
        yield "None that is counted."
        yield ""
    for each in found.losses:
        yield from _loss(each, config.checks[each.check])
    yield from (f"- {_text(note)}" for note in found.notes)
    if found.notes:
        yield ""


def _loss(loss: Loss, check: Any) -> Iterator[str]:
    about = f": {_text(check.description)}" if check.description else ""
    yield f"### {loss.check}"
    yield ""
    yield f"{check.kind} of {check.main_dataset}, stage {check.stage}{about}"
    yield ""
    yield f"- {_cost(loss, check.unit)}, event time {_when(loss)}"
    if loss.usual and loss.usual.value is not None:
        read, before = (show(each.value, check.unit) for each in (loss.reading, loss.usual))
        yield f"- it read {read}; as long before, {before}"
    if loss.spent is not None:
        yield f"- that took {show(loss.spent, 'ratio')} of the error budget of {check.slo.label}"
    if loss.grid > max(MINUTE, check.bucket):
        yield f"- only rollups of {lasting(loss.grid)} are left: the ends are no finer"
    yield ""
    if loss.parts:
        rows = [_part(each, check.unit) for each in loss.parts[:MOST]]
        yield from _table(("segment", "reads", "bad", "of", "why"), rows)


def _part(part: Part, unit: str) -> tuple[str, ...]:
    reading = part.reading
    return (
        f"{part.segment.dimension} = {_text(part.segment.value)}",
        show(reading.value, unit),
        _number(_bad(reading)),
        _number(reading.total),
        "without it the rest is well" if part.causes else "overlaps, or bad as well",
    )


def _bad(reading: Reading) -> float | None:
    return None if reading.good is None or reading.total is None else reading.total - reading.good


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _models(found: Postmortem) -> Iterator[str]:
    yield "## Models trained on it"
    yield ""
    if not found.datasets:
        yield "No dataset is spoiled for training by what failed."
        yield ""
        return
    yield f"Spoiled for training: {', '.join(found.datasets)} (`weir trust {found.datasets[0]}`)."
    yield ""
    if not found.models:
        yield "No model is known that was trained on it."
        yield ""
        return
    rows = [_model(each) for each in found.models]
    yield from _table(("model", "deployed", "trained on", "of it damaged"), rows)


def _model(each: Touched) -> tuple[str, ...]:
    model = each.model
    assumed = f" (assumed: {model.assumed})" if model.assumed else ""
    on = f"{to_second(model.trained.start)} to {to_second(model.trained.end)}{assumed}"
    return _text(model.version), to_second(model.at), on, lasting(each.damaged)


def _alerts(found: Postmortem) -> Iterator[str]:
    yield "## Alerts at the same time"
    yield ""
    if not found.others:
        yield "None."
        yield ""
        return
    rows = [
        (str(each.id), _title(each), to_second(each.fired_at), _ended(each.resolved_at))
        for each in found.others
    ]
    yield from _table(("incident", "what", "fired", "over"), rows)


def _ended(at: int | None) -> str:
    return "–" if at is None else to_second(at)


def _open(found: Postmortem) -> Iterator[str]:
    """What no machine knows."""
    yield "## Cause, and what is to be done"
    yield ""
    yield "To be written by whoever was there:"
    yield ""
    for line in (
        "what broke, and why",
        "what helped, and what got in the way",
        "the data: mend it and `weir backfill --restate`, or leave it out of training",
        "the models above: train them again, or say why not",
        "what keeps it from happening again, by whom and until when",
    ):
        yield f"- [ ] {line}"


# JSON -------------------------------------------------------------------------------------------------------


def row(incident: Incident) -> dict[str, Any]:
    """An incident of a list."""
    return {
        "id": incident.id,
        "alert": incident.name,
        "severity": incident.severity,
        "labels": dict(incident.labels),
        "onset": iso(incident.onset),
        "fired": iso(incident.fired_at),
        "acknowledged": iso(incident.acknowledged_at),
        "acknowledged_by": incident.acknowledged_by,
        "resolved": iso(incident.resolved_at),
        "summary": incident.summary,
    }


def as_json(found: Postmortem) -> dict[str, Any]:
    """One object; times ISO 8601 with Z, lengths in seconds."""
    mitigate = None if found.mitigate is None else found.mitigate / SECOND
    return {
        "pipeline": found.pipeline,
        "incident": row(found.incident),
        "began": iso(found.begin),
        "detect_seconds": found.detect / SECOND,
        "mitigate_seconds": mitigate,
        "told": iso(found.notified),
        "timeline": [{"at": iso(each.at), "kind": each.kind, "what": each.what} for each in timeline(found)],
        "causes": [{"check": each.check} | dict(cause_json(each, iso)) for each in found.causes],
        "lost": [_lost_json(each) for each in found.losses],
        "datasets": list(found.datasets),
        "models": [_model_json(each) for each in found.models],
        "alerts": [row(each) for each in found.others],
        "notes": list(found.notes),
    }


def _numbers(reading: Reading) -> dict[str, Any]:
    return {"value": reading.value, "good": reading.good, "bad": _bad(reading), "total": reading.total}


def _lost_json(each: Loss) -> dict[str, Any]:
    parts = [
        {"segment": {one.segment.dimension: one.segment.value}, "cause": one.causes} | _numbers(one.reading)
        for one in each.parts
    ]
    usual = each.usual.value if each.usual else None
    span = {"check": each.check, "start": iso(each.window.start), "end": iso(each.window.end)}
    more = {"usual": usual, "budget_spent": each.spent, "resolution_seconds": each.grid / SECOND}
    return span | _numbers(each.reading) | more | {"segments": parts}


def _model_json(each: Touched) -> dict[str, Any]:
    model = each.model
    on = {"from": iso(model.trained.start), "to": iso(model.trained.end), "assumed": model.assumed or None}
    about = {"model": model.version, "deployed": iso(model.at), "trained_on": on}
    return about | {"damaged_seconds": each.damaged / SECOND}
