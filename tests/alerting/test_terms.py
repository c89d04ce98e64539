"""Terms mean the same in PromQL, as promtool computes it, and in Weir's own evaluation."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitor.alerting.model import Alert
from monitor.alerting.promql import promql
from monitor.alerting.terms import (
    Age,
    Both,
    Compare,
    Either,
    Firing,
    Gauge,
    Missing,
    Somewhere,
    Term,
    Without,
)
from tests.alerting.promtool import GONE, SECOND, Series, Value, disagreement

pytestmark = pytest.mark.prometheus

SHOP = ("pipeline", "shop")
LABELS = {"pipeline": "shop", "slo": "loss", "severity": "page"}
MINE = tuple(sorted(LABELS.items()))


def ratio(window: str) -> Gauge:
    return Gauge("ratio", (SHOP, ("slo", "loss"), ("window", window)))


def part(window: str) -> Gauge:
    return Gauge("part", (SHOP, ("slo", "loss"), ("window", window)), ("dimension", "value"))


DONE = Gauge("done", (SHOP, ("check", "loss")))
INTERVAL = Gauge("every", (SHOP, ("check", "loss")), factor=3)
BURNING = Both((Compare(ratio("5m"), ">", 0.5), Compare(ratio("1h"), ">", 0.5)))
FRESH = Compare(Age(DONE), "<=", INTERVAL)
TERMS: dict[str, Term] = {
    "compare": Compare(ratio("5m"), ">", 0.5),
    "not equal": Compare(ratio("5m"), "!=", 0.5),
    "both": BURNING,
    "either": Either((Compare(ratio("5m"), ">=", 1), Compare(ratio("1h"), "<", 0.25))),
    "without": Without(Compare(ratio("5m"), ">", 0.5), Compare(ratio("1h"), ">", 0.5)),
    "old": Compare(Age(DONE), ">", INTERVAL),
    "missing": Missing(DONE),
    "segments": Somewhere(Both((Compare(part("5m"), ">", 0.5), Compare(part("1h"), ">", 0.5)))),
    "held": Either((BURNING, Without(Firing("Burn", MINE), FRESH))),
    "three": Both((Compare(ratio("5m"), ">", 0), Compare(ratio("1h"), ">", 0), FRESH)),
    "nested": Without(Either((BURNING, Missing(DONE))), Both((FRESH, Missing(ratio("1h"))))),
}


def samples(low: int = 0, high: int = 4) -> st.SearchStrategy[Value]:
    numbers = st.integers(low, high).map(lambda quarter: quarter / 4)
    return st.one_of(numbers, numbers, numbers, st.none(), st.just(GONE))


@st.composite
def series(draw: st.DrawFn, length: int = 25) -> list[Series]:
    """Two instances of every gauge, or one or none, with gaps; instants that come and stop."""
    found: list[Series] = []
    for instance in draw(st.sampled_from([("a",), ("a", "b"), ()])):
        more = {"pipeline": "shop", "instance": instance}
        for window in ("5m", "1h"):
            own = more | {"slo": "loss", "window": window}
            found.append(Series("ratio", own, _runs(draw, samples(), length)))
            for value in ("x", "y"):
                labels = own | {"dimension": "d", "value": value}
                found.append(Series("part", labels, _runs(draw, samples(), length)))
        stood = draw(st.integers(0, length))
        done = [float(60 * min(minute, stood)) for minute in range(length)]
        found.append(Series("done", more | {"check": "loss"}, done))
        found.append(Series("every", more | {"check": "loss"}, [60.0] * length))
    return found


def _runs(draw: st.DrawFn, values: st.SearchStrategy[Value], length: int) -> list[Value]:
    """Stretches of one value: what flickers at every scrape never fires."""
    pieces = draw(st.lists(st.tuples(values, st.integers(1, 9)), min_size=1, max_size=8))
    flat = [value for value, times in pieces for _ in range(times)]
    return (flat * length)[:length]


# Without shrinking: each example asks promtool.
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(some=series(), wait=st.sampled_from([0, 60, 180]), keep=st.sampled_from([0, 120]))
def test_states_agree_at_every_evaluation(
    any_promtool: Path, tmp_path: Path, some: list[Series], wait: int, keep: int
):
    alerts = [
        Alert("Burn" if name == "held" else f"A{number}", LABELS, term, wait * SECOND, keep * SECOND)
        for number, (name, term) in enumerate(TERMS.items())
    ]
    assert disagreement(str(any_promtool), tmp_path, alerts, some) == ""


def test_a_term_is_readable():
    assert promql(TERMS["held"]) == (
        "(\n"
        '  max by (pipeline) (ratio{pipeline="shop", slo="loss", window="5m"}) > 0.5\n'
        "  and\n"
        '  max by (pipeline) (ratio{pipeline="shop", slo="loss", window="1h"}) > 0.5\n'
        ")\n"
        "or\n"
        "(\n"
        '  max by (pipeline) (ALERTS{alertname="Burn", alertstate="firing", pipeline="shop", severity="page",'
        ' slo="loss"})\n'
        "  unless\n"
        '  (time() - max by (pipeline) (done{pipeline="shop", check="loss"}))'
        ' <= 3 * max by (pipeline) (every{pipeline="shop", check="loss"})\n'
        ")"
    )
