"""The second rendering of alerts: evaluated by Weir itself, over the same gauges, where no Prometheus is.

States are values: the caller keeps them, so that a restart goes on where it stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.alerting.evaluate import Moment, holds
from monitor.alerting.model import Alert
from monitor.alerting.states import Life, State, step
from monitor.alerting.terms import Gauge, Labels
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
    """Under it doubles are told."""
    return alert.key


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
    """Samples by metric, and by the labels that a gauge asks for: there are a few sets of them."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._of: dict[tuple[str, ...], dict[tuple[str, ...], list[tuple[Mapping[str, str], float]]]] = {}

    def series(self, metric: str) -> Sequence[tuple[Mapping[str, str], float]]:
        """Every series of a metric."""
        return self._samples.get(metric, ())

    def find(self, gauge: Gauge) -> Sequence[tuple[Mapping[str, str], float]]:
        """The series of a gauge's metric that have all of its labels; one that is not there is empty."""
        names = tuple(name for name, _ in gauge.labels)
        index = self._of.get((gauge.metric, *names))
        if index is None:
            index = self._of[gauge.metric, *names] = self._indexed(gauge.metric, names)
        return index.get(tuple(value for _, value in gauge.labels), ())

    def _indexed(
        self, metric: str, names: Sequence[str]
    ) -> dict[tuple[str, ...], list[tuple[Mapping[str, str], float]]]:
        found: dict[tuple[str, ...], list[tuple[Mapping[str, str], float]]] = {}
        for each in self.series(metric):
            labels = each[0]
            found.setdefault(tuple([labels.get(name, "") for name in names]), []).append(each)
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
