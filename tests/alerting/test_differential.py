"""Whole rule sets, evaluated by promtool and by Weir: the same states; and any change of a rule is seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitor import names
from monitor.alerting.model import Alert
from monitor.alerting.rules import rules
from monitor.alerting.states import State
from monitor.alerting.terms import Compare, Either, Without
from monitor.alerting.witness import Cell, Witness, failing, holding
from tests.alerting.mutants import mutants
from tests.alerting.promtool import GONE, Series, Value, disagreement, lives
from tests.alerting.test_rules import LINKS, shop

__all__ = ["shop"]
pytestmark = pytest.mark.prometheus

MINUTES = 30
MOVING = {names.CREATED, names.LAST_SUCCESS, names.WATERMARK}


class Many(list[Alert]):
    """Alerts that are not all printed where a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} alerts>"


@pytest.fixture(scope="module")
def alerts(tmp_path_factory: pytest.TempPathFactory) -> list[Alert]:
    """The alerts of checks that explain, prove and hold back one another."""
    of = shop.__wrapped__(tmp_path_factory.mktemp("shop"))  # type: ignore[attr-defined]
    kept = {name: of.checks[name] for name in ("sent", "stored", "loss", "basket", "mix")}
    composite = of.composites["loss-with-real-impact"]
    quick = composite.model_copy(update={"every": ("loss", "basket")})
    return Many(rules(replace(of, checks=kept, composites={"both": quick}), LINKS).alerts)


def worth(alerts: Sequence[Alert]) -> dict[Cell, list[float]]:
    """For every series that a rule looks at: values next to its bounds."""
    found: dict[Cell, set[float]] = {}
    for alert in alerts:
        for witness in (*holding(alert.when, 60.0 * MINUTES), *failing(alert.when, 60.0 * MINUTES)):
            for cell, value in witness.items():
                found.setdefault(cell, set()).update(set() if value is None else {value})
    return {cell: sorted(values) for cell, values in sorted(found.items())}


def series(chance: Random, cells: Mapping[Cell, Sequence[float]]) -> list[Series]:
    """One or two instances, scraped at moments of their own, with gaps; series that are born late or go."""
    found: list[Series] = []
    for instance in chance.choice([("a",), ("a", "b"), ("a", "b")]):
        late = chance.random() < 0.5
        for (metric, labels), values in cells.items():
            some = [*values, values[-1] if values else 1.0, 0.0]
            flat = _moving(chance) if metric in MOVING else _flat(chance, some)
            # Every half minute a slot: one of two is scraped.
            slots: list[Value] = [
                each for value in flat for each in ((None, value) if late else (value, None))
            ]
            found.append(Series(metric, {**dict(labels), "instance": instance}, slots))
    return found


def _flat(chance: Random, values: Sequence[float]) -> list[Value]:
    """Stretches of one value, of none, or of a series that is said to be gone."""
    flat: list[Value] = []
    while len(flat) < MINUTES:
        value = chance.choice([None, GONE]) if chance.random() < 0.3 else chance.choice(values)
        flat += [value] * chance.randint(3, 14)
    return flat[:MINUTES]


def _moving(chance: Random) -> list[Value]:
    """An instant that follows the clock until it stands still, and may go on later."""
    stops, again = chance.randint(0, MINUTES), chance.randint(0, 2 * MINUTES)
    return [60.0 * (minute if minute < stops or minute >= again else stops) for minute in range(MINUTES)]


# From one number each, since an example has thousands; without shrinking, since each asks promtool.
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(seed=st.integers(0, 2**32))
def test_states_agree_at_every_evaluation(any_promtool: Path, tmp_path: Path, alerts: list[Alert], seed: int):
    some = series(Random(seed), worth(alerts))
    quick = [replace(alert, wait=alert.wait // 4) for alert in alerts]
    assert disagreement(str(any_promtool), tmp_path, quick, some, interval=30) == ""


# Mutants ----------------------------------------------------------------------------------------------------

STAGE = 2
"""Minutes for which each way in which a rule holds, or does not, is shown."""
FAR = 1e5
"""Seconds that no story here reaches."""


def gauntlet(alert: Alert) -> list[Series]:
    """Every way in which a rule holds and does not, one after the other; what is held ends in between."""
    ways, between = _ways(core(alert)), {}
    if core(alert) is not alert.when:
        between = {("weir_check_deleted_timestamp_seconds", (("check", "loss"), ("pipeline", "shop"))): 1.0}
    stages: list[Witness] = [each for way in ways for each in (between, {**dict.fromkeys(between), **way})]
    cells = sorted({cell for stage in stages for cell in stage})
    return [
        Series(*_named(cell), [stage.get(cell) for stage in stages for _ in range(STAGE)]) for cell in cells
    ]


def core(alert: Alert) -> Any:
    """What makes an alert fire, without what holds it."""
    held = isinstance(alert.when, Either) and isinstance(alert.when.of[-1], Without)
    return alert.when.of[0] if isinstance(alert.when, Either) and held else alert.when


def with_core(alert: Alert, term: Any) -> Alert:
    """The same alert that fires for another reason."""
    if core(alert) is alert.when:
        return replace(alert, when=term)
    assert isinstance(alert.when, Either)
    return replace(alert, when=Either((term, *alert.when.of[1:])))


def _named(cell: Cell) -> tuple[str, dict[str, str]]:
    return cell[0], dict(cell[1])


def _ways(term: Any) -> list[Witness]:
    return [*holding(term, FAR), *failing(term, FAR)]


def standing(alert: Alert) -> list[Series]:
    """What a rule looks at is fresh at first, and then stands still until it is too old."""
    limit = alert.when.right if isinstance(alert.when, Compare) else 3 * 60.0
    assert isinstance(limit, float)
    found: list[Series] = []
    for cell in sorted({cell for way in _ways(alert.when) for cell in way}):
        moving: list[Value] = [60.0 * min(minute, 3) - limit + 600.0 for minute in range(20)]
        still: list[Value] = [60.0] * 20
        found.append(Series(*_named(cell), moving if cell[0] in MOVING else still))
    return found


def states(alert: Alert, some: Sequence[Series]) -> list[Any]:
    """Where an alert stands minute by minute, if it finds nothing older than a minute."""
    short = [replace(one, values=[GONE if value is None else value for value in one.values]) for one in some]
    until = (len(some[0].values) - 1) * 60
    return [said[0][1] for _, said in lives([alert], short, 60, 60, until)]


def named(alerts: Sequence[Alert], name: str, about: str) -> Alert:
    mine = (a for a in alerts if a.name == name and about in a.labels.values())
    return replace(next(mine), wait=0)


STORIES = [
    ("BudgetBurn", "loss", gauntlet),
    ("SegmentBurn", "loss", gauntlet),
    ("IngestionFailing", "loss", gauntlet),
    ("IngestionFailing", "stored", gauntlet),
    ("CheckFailing", "basket", gauntlet),
    ("SegmentFailing", "basket", gauntlet),
    ("CheckAnomalous", "mix", gauntlet),
    ("CheckStale", "loss", standing),
    ("WatermarkLag", "events", standing),
]


@pytest.mark.parametrize("name, about, story", STORIES)
def test_no_mutant_survives(alerts: list[Alert], name: str, about: str, story: Any):
    alert = named(alerts, name, about)
    some = story(alert)
    right = states(alert, some)
    assert State.FIRING in right
    assert State.INACTIVE in right
    every = [(what, with_core(alert, term)) for what, term in mutants(core(alert))]
    survivors = [what for what, mutant in every if states(mutant, some) == right]
    assert every
    assert [what for what in survivors if EDGE not in what] == []


EDGE = "<= Gauge(metric='weir_check_interval_seconds'"
"""The last instant at which a check is fresh lies beyond these stories; `CheckStale` has the same edge."""


@pytest.mark.parametrize("wrong", ["bound", "window", "comparison", "gone"])
def test_promtool_sees_a_mutant(promtool: Path, tmp_path: Path, alerts: list[Alert], wrong: str):
    alert = named(alerts, "BudgetBurn", "loss")
    some = gauntlet(alert)
    some = [replace(one, values=[GONE if value is None else value for value in one.values]) for one in some]
    assert disagreement(str(promtool), tmp_path, [alert], some) == ""
    about = "weir_slo_bad_tail_probability" if wrong == "gone" else "weir_slo_bad_ratio"
    mutant = next(term for what, term in mutants(core(alert)) if what.startswith(wrong) and about in what)
    assert disagreement(str(promtool), tmp_path, [alert], some, rendered=[with_core(alert, mutant)]) != ""
