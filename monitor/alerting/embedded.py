"""The second rendering of alerts: evaluated by Weir itself, over the same gauges, where no Prometheus is.

States are values: the caller keeps them, so that a restart goes on where it stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from monitor.alerting.evaluate import Moment, holds
from monitor.alerting.model import Alert
from monitor.alerting.states import Life, State, step
from monitor.alerting.terms import Gauge, Labels
from monitor.alerting.words import spoken
from monitor.model import SECOND
from monitor.names import CHECK, SLO

Samples = Mapping[str, Sequence[tuple[Mapping[str, str], float]]]
"""What /metrics shows: by name, every series with its labels and value."""


SUBJECTS = (SLO, CHECK)


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
    """Every alert's next state at an instant in microseconds, in order, as Prometheus evaluates a group.

    `lives` are the last evaluation's, by key. Alerts that are gone have no next state: they are resolved.
    """
    known = {key(alert): lives.get(key(alert), Life()) for alert in alerts}
    standing = _Standing({(alert.name, alert.own): key(alert) for alert in alerts}, known)
    every = Indexed(samples)
    moment = Moment(now / SECOND, every.series, standing.firing, standing.onset, every.find)
    found: list[Standing] = []
    for alert in alerts:
        mine = key(alert)
        known[mine] = life = step(known[mine], holds(alert.when, moment), now, alert.wait, alert.keep)
        said = spoken(alert.summary, moment) if life.state != State.INACTIVE else ""
        found.append(Standing(alert, life, said))
    return found


class Indexed:
    """Samples by metric, and by what most gauges name: one objective, or one check."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._of: dict[str, dict[tuple[str, str], list[tuple[Mapping[str, str], float]]]] = {}

    def series(self, metric: str) -> Sequence[tuple[Mapping[str, str], float]]:
        """Every series of a metric."""
        return self._samples.get(metric, ())

    def find(self, gauge: Gauge) -> Sequence[tuple[Mapping[str, str], float]]:
        """The series of a gauge's metric that have its objective or its check."""
        subject = next((pair for pair in gauge.labels if pair[0] in SUBJECTS and pair[1]), None)
        if subject is None:
            return self.series(gauge.metric)
        if gauge.metric not in self._of:
            self._of[gauge.metric] = self._indexed(gauge.metric)
        return self._of[gauge.metric].get(subject, ())

    def _indexed(self, metric: str) -> dict[tuple[str, str], list[tuple[Mapping[str, str], float]]]:
        found: dict[tuple[str, str], list[tuple[Mapping[str, str], float]]] = {}
        for labels, value in self.series(metric):
            for name in SUBJECTS:
                if name in labels:
                    found.setdefault((name, labels[name]), []).append((labels, value))
        return found


@dataclass(frozen=True, slots=True)
class _Standing:
    """The lives of alerts while they are evaluated, found by name and labels."""

    keys: Mapping[tuple[str, Labels], str]
    lives: Mapping[str, Life]

    def firing(self, name: str, labels: Labels) -> bool:
        return self._life(name, labels).state == State.FIRING

    def onset(self, name: str, labels: Labels) -> float | None:
        active = self._life(name, labels).active_at
        return None if active is None else float(active // SECOND)

    def _life(self, name: str, labels: Labels) -> Life:
        return self.lives.get(self.keys.get((name, tuple(sorted(labels))), ""), Life())
