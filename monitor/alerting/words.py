"""Sentences with their numbers filled in, for alerts that Weir sends itself."""

import math

from monitor.alerting.evaluate import Moment, number
from monitor.alerting.model import Figure, Sentence
from monitor.grammar import show_duration
from monitor.model import SECOND


def spoken(said: Sentence, moment: Moment) -> str:
    """A sentence as it reads at a moment; `?` for a number that is not known then."""
    return "".join(_shown(part, moment) if isinstance(part, Figure) else part for part in said)


def _shown(figure: Figure, moment: Moment) -> str:
    value = number(figure.of, moment)
    if value is None or math.isnan(value):
        return "?"
    if math.isinf(value):
        return "nothing" if figure.shown == "percent" and value < 0 else "∞"
    if figure.shown == "percent":
        return f"{value * 100:.4g}%"
    if figure.shown == "count":
        return f"{value:,.0f}"
    return show_duration(round(value) * SECOND) if figure.shown == "duration" else f"{value:.4g}"
