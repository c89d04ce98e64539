"""The second rendering of alerts: evaluated by Weir itself, over the same gauges, where no Prometheus is.

States are values: the caller keeps them, so that a restart goes on where it stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from monitor.alerting.evaluate import Moment, holds
from monitor.alerting.model import Alert
from monitor.alerting.states import Life, State, step
from monitor.alerting.terms import Labels
from monitor.alerting.words import spoken
from monitor.model import SECOND

Samples = Mapping[str, Sequence[tuple[Mapping[str, str], float]]]
"""What /metrics shows: by name, every series with its labels and value."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as it stands after an evaluation, and what it says now."""

    alert: Alert
    life: Life
    summary: str

    @property
    def key(self) -> str:
        return key(self.alert)


def key(alert: Alert) -> str:
    """The same for the same name and labels, whatever its rule becomes: under it doubles are told."""
    text = "\x1f".join([alert.name, *(f"{name}={value}" for name, value in alert.own)])
    return sha256(text.encode()).hexdigest()[:32]


def evaluate(
    alerts: Sequence[Alert], samples: Samples, lives: Mapping[str, Life], now: int
) -> list[Standing]:
    """Every alert's next state at an instant in microseconds, in order.

    `lives` are the last evaluation's, by key. Alerts that are gone have no next state: they are resolved.
    """
    fired = [alert for alert in alerts if lives.get(key(alert), Life()).state == State.FIRING]

    def firing(name: str, labels: Labels) -> bool:
        wanted = set(labels)
        return any(alert.name == name and wanted <= set(alert.own) for alert in fired)

    moment = Moment(now / SECOND, lambda metric: samples.get(metric, ()), firing)
    found: list[Standing] = []
    for alert in alerts:
        life = step(lives.get(key(alert), Life()), holds(alert.when, moment), now, alert.wait, alert.keep)
        said = spoken(alert.summary, moment) if life.state != State.INACTIVE else ""
        found.append(Standing(alert, life, said))
    return found
