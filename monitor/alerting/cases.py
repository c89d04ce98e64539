"""What the alerts of a configuration must say of given gauges: cases for `promtool test rules`.

For every alert there is a case in which it fires, for each way in which it can, and cases in which it just
does not, one for each condition that it has; burns also go on where their data stops, and tickets wait where
a page explains them. Cases of different series share a group: promtool evaluates all rules for each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor import names
from monitor.alerting.embedded import Indexed, Samples, Standing, evaluate
from monitor.alerting.evaluate import Moment
from monitor.alerting.model import Alert
from monitor.alerting.rules_held import held_by
from monitor.alerting.states import Life, State
from monitor.alerting.witness import Cell, Witness, failing, holding
from monitor.model import HOUR, MINUTE, SECOND

STEP = 4 * MINUTE
"""How often rules are evaluated: as seldom as Prometheus still takes samples for one piece, to be fast."""

LADDER = (12 * MINUTE, 64 * MINUTE, 4 * HOUR, 12 * HOUR)
"""How long a group lasts: the first that is longer than its alerts wait."""

FROZEN = frozenset({"BudgetBurn", "SegmentBurn", "IngestionFailing"})


@dataclass(frozen=True, slots=True)
class Stage:
    """From an instant on, in microseconds, every series has one value, None for none at all."""

    start: int
    witness: Witness


@dataclass(slots=True)
class Group:
    """Gauges over time, what they are about, and the names of the alerts that are asked for at the end.

    Two stories about one check are kept apart: together, one alert's could hide what is wrong with another's.
    """

    kind: str
    end: int
    stages: list[Stage] = field(default_factory=list[Stage])
    asked: set[str] = field(default_factory=set[str])
    about: set[str] = field(default_factory=set[str])

    def add(self, name: str, stages: Sequence[Stage]) -> None:
        """Take further gauges."""
        both = zip(self.stages, stages, strict=True)
        self.stages = [Stage(mine.start, {**mine.witness, **other.witness}) for mine, other in both]
        self.asked.add(name)
        self.about |= _about(stages)


def _about(stages: Sequence[Stage]) -> set[str]:
    """The checks and datasets that gauges speak of; "" is the pipeline."""
    labels = [dict(labels) for stage in stages for _, labels in stage.witness]
    return {next((each[name] for name in SUBJECTS if each.get(name)), "") for each in labels}


@dataclass(frozen=True, slots=True)
class Case:
    """A group that is ready: which of the alerts that are asked for fire at its end, as things are then."""

    group: Group
    firing: Mapping[str, Sequence[Alert]]
    moment: Moment


def cases(alerts: Sequence[Alert]) -> list[Case]:
    """Every case of a configuration's alerts, in a stable order."""
    groups: list[Group] = []
    for alert in alerts:
        for kind, end, stages in _of_alert(alert, alerts):
            _place(groups, alert.name, kind, end, stages)
    return [_judged(group, alerts) for group in groups]


def _place(groups: list[Group], name: str, kind: str, end: int, stages: Sequence[Stage]) -> None:
    about = _about(stages)
    for group in groups:
        if (group.kind, group.end) == (kind, end) and not group.about & about:
            group.add(name, stages)
            return
    groups.append(Group(kind, end, list(stages), {name}, about))


def _of_alert(alert: Alert, alerts: Sequence[Alert]) -> Iterator[tuple[str, int, list[Stage]]]:
    end, soon = _end(alert.wait), LADDER[0]
    if alert.name == "Explained":
        yield from _explained(alert, alerts, end)
        return
    fires = holding(alert.when, end / SECOND)
    for witness in fires:
        yield "fires", end, [Stage(0, witness)]
    for witness in failing(alert.when, soon / SECOND):
        yield "is silent", soon, [Stage(0, witness)]
    if alert.name in FROZEN and fires:
        gone = dict.fromkeys(fires[0])
        yield "goes on without data", end, [Stage(0, fires[0]), Stage(STEP, gone)]


def _end(wait: int) -> int:
    """An instant of evaluation after an alert has waited."""
    return next((end for end in LADDER if end > wait), _after(wait))


def _after(wait: int) -> int:
    return (wait // STEP + 2) * STEP


def _explained(alert: Alert, alerts: Sequence[Alert], end: int) -> Iterator[tuple[str, int, list[Stage]]]:
    """The page first, then the ticket; and the other way round."""
    page, ticket = held_by(alert, alerts)
    first, then = (holding(each.when, end / SECOND) for each in (page, ticket))
    agree = ((a, b) for a in first for b in then if all(a.get(cell, v) == v for cell, v in b.items()))
    pair = next(agree, None)
    if pair is None:
        return
    both = {**pair[0], **pair[1]}
    last = max(end, _end(page.wait + _after(ticket.wait)), _end(ticket.wait + _after(page.wait)))
    for kind, one in (("waits behind a page", pair[0]), ("was there before the page", pair[1])):
        alone = {cell: one.get(cell) for cell in both}
        yield kind, last, [Stage(0, alone), Stage(STEP, both)]


# What they say ----------------------------------------------------------------------------------------------


def _judged(group: Group, alerts: Sequence[Alert]) -> Case:
    """Evaluated where something changes: in between nothing does."""
    near = [alert for alert in alerts if _near(alert, group)]
    lives: dict[str, Life] = {}
    samples: Samples = {}
    said: list[Standing] = []
    for now in [*(stage.start for stage in group.stages), group.end]:
        samples = _samples(group, now)
        said = evaluate(near, samples, lives, now)
        lives = {each.key: each.life for each in said}
    firing = [each.alert for each in said if each.life.state == State.FIRING]
    named = {name: [alert for alert in firing if alert.name == name] for name in sorted(group.asked)}
    seen = Indexed(samples)
    moment = Moment(group.end / SECOND, seen.series, lambda name, labels: False, find=seen.find)
    return Case(group, named, moment)


def _near(alert: Alert, group: Group) -> bool:
    """Whether an alert can fire: of what a group says nothing about only silence can be told."""
    about = next((alert.labels[name] for name in SUBJECTS if name in alert.labels), "")
    asked = alert.name in group.asked or "Explained" in group.asked
    return asked and (not about or about in group.about or alert.name == "SliMissing")


SUBJECTS = (names.SLO, names.CHECK, names.DATASET)


def _samples(group: Group, now: int) -> Samples:
    stage = [each for each in group.stages if each.start <= now][-1]
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for (metric, labels), value in stage.witness.items():
        if value is not None:
            found.setdefault(metric, []).append((dict(labels), value))
    return found


def values(group: Group, cell: Cell) -> str:
    """A series for promtool: a value and how often it repeats, `_` for none, `stale` where it ends."""
    said: list[str] = []
    ends = [*(stage.start for stage in group.stages[1:]), group.end + STEP]
    before: float | None = None
    for stage, end in zip(group.stages, ends, strict=True):
        value, times = stage.witness.get(cell), (end - stage.start) // STEP
        if value is not None:
            said.append(f"{value!r}+0x{times - 1}")
        elif before is not None:
            said += ["stale", f"_x{times - 1}"]
        else:
            said.append(f"_x{times}")
        before = value
    return " ".join(said)


def cells(group: Group) -> list[Cell]:
    """Every series that a group has at some time, in order."""
    return sorted(
        {cell for stage in group.stages for cell, value in stage.witness.items() if value is not None}
    )
