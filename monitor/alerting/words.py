"""Sentences with their numbers filled in, for alerts that Weir sends itself."""

import math

from monitor.alerting.evaluate import Moment, number, number_at, worst
from monitor.alerting.model import Figure, Sentence, Worst


def spoken(said: Sentence, moment: Moment) -> str:
    """A sentence as it reads at a moment; `?` for a number that is not known then."""
    return "".join(part if isinstance(part, str) else _said(part, moment) for part in said)


def _said(part: Figure | Worst, moment: Moment) -> str:
    if isinstance(part, Figure):
        return _shown(part.shown, number(part.of, moment))
    segment = worst(part.ratio, part.large, moment)
    if segment is None:
        return ""
    if part.reading is not None:
        reads = _shown(part.shown, number_at(part.reading, segment, moment))
        return f"{part.before}{segment[1]} {segment[2]}, which reads {reads}{part.after}"
    share, events = (number_at(gauge, segment, moment) for gauge in (part.ratio, part.events))
    where = f"{segment[1]} {segment[2]}, {_shown('percent', share)} of {_shown('count', events)} events"
    return f"{part.before}{where}{part.after}"


def _shown(shown: str, value: float | None) -> str:
    """As Prometheus's templates show it (template/template.go, version 2.42), but for the infinities."""
    if value is None or math.isnan(value):
        return "?"
    if shown == "left":  # a budget that is overspent has nothing left, and no less
        return _shown("percent", max(value, 0.0))
    if math.isinf(value):
        return "∞"
    if shown == "percent":
        return f"{value * 100:.4g}%"
    if shown == "count":
        return f"{value:.0f}"
    return _duration(value) if shown == "duration" else f"{value:.4g}"


def _duration(seconds: float) -> str:
    """`humanizeDuration`: from days to seconds, or four digits of less than a minute."""
    if abs(seconds) < 60:
        return f"{seconds:.4g}s" if seconds == 0 or abs(seconds) >= 1 else f"{seconds * 1000:.4g}ms"
    parts = int(abs(seconds))
    units = [(parts // 86_400, "d"), (parts // 3600 % 24, "h"), (parts // 60 % 60, "m"), (parts % 60, "s")]
    while not units[0][0]:
        units.pop(0)
    return ("-" if seconds < 0 else "") + " ".join(f"{number}{unit}" for number, unit in units)
