"""Sentences as Prometheus expands their templates (template/template.go, 2.42): its formats, not ours."""

import math

from monitor.alerting.evaluate import Moment, number, number_at, worst
from monitor.alerting.model import Figure, Sentence, Worst

LARGE, SMALL = ("", "k", "M", "G", "T", "P", "E", "Z", "Y"), ("", "m", "u", "n", "p", "f", "a", "z", "y")


def expanded(said: Sentence, moment: Moment) -> str:
    """A sentence as it reads in Prometheus at a moment."""
    return "".join(part if isinstance(part, str) else _part(part, moment) for part in said)


def _part(part: Figure | Worst, moment: Moment) -> str:
    if isinstance(part, Figure):
        value = number(part.of, moment)
        return "?" if value is None else shown(part.shown, value)
    segment = worst(part.ratio, part.large, moment)
    if segment is None:
        return ""
    if part.reading is not None:
        read = number_at(part.reading, segment, moment)
        reads = "" if read is None else shown(part.shown, read)
        return f"{part.before}{segment[1]} {segment[2]}, which reads {reads}{part.after}"
    share, events = (number_at(gauge, segment, moment) for gauge in (part.ratio, part.events))
    counted = "" if events is None else shown("count", events)
    where = f"{segment[1]} {segment[2]}, {shown('percent', share or 0.0)} of {counted} events"
    return f"{part.before}{where}{part.after}"


def shown(how: str, value: float) -> str:
    """A number by one of Prometheus's functions."""
    if how == "percent":
        return f"{_digits(value * 100)}%"
    if how == "left":
        return shown("percent", max(value, 0.0))
    if how == "count":
        return f"{value:.0f}" if math.isfinite(value) else _digits(value)
    return _duration(value) if how == "duration" else _scaled(value)


def _digits(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return f"{value:.4g}" if math.isfinite(value) else f"{'+' if value > 0 else '-'}Inf"


def _scaled(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return _digits(value)
    if abs(value) < 1:
        return _small(value)
    steps = 0
    while steps < 8 and abs(value) >= 1000:
        value /= 1000
        steps += 1
    return f"{_digits(value)}{LARGE[steps]}"


def _small(value: float) -> str:
    steps = 0
    while steps < 8 and abs(value) < 1:
        value *= 1000
        steps += 1
    return f"{_digits(value)}{SMALL[steps]}"


def _duration(value: float) -> str:
    if not math.isfinite(value):
        return _digits(value)
    if value == 0:
        return "0s"
    if abs(value) < 1:
        return f"{_small(value)}s"
    sign, whole = "-" if value < 0 else "", int(abs(value))
    days, hours, minutes, seconds = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else f"{sign}{_digits(abs(value))}s"
