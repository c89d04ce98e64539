"""What goes wrong beside the stream: each kind does what it says, by its size, in its place and time."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pytest

from monitor.simulate import services, texts
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.faults import KINDS, Fault
from monitor.simulate.faults.assistant import ASSISTANT
from monitor.simulate.faults.serving import SERVING
from monitor.simulate.logs import (
    ABANDONED,
    CANARY,
    COMPLETED,
    COPY,
    DIMENSIONS,
    FAILED,
)
from monitor.simulate.pipeline import deliver
from monitor.simulate.population import DIMENSIONS as ALL
from monitor.simulate.population import REGIONS, Shop
from monitor.simulate.rows import joined
from monitor.simulate.traffic import Minute, minutes

MIDNIGHT = 20_777 * DAY_US
BEGIN, END = MIDNIGHT - 4 * MINUTE_US, MIDNIGHT + 4 * MINUTE_US
START, STOP = MIDNIGHT - 3 * MINUTE_US, MIDNIGHT + 2 * MINUTE_US
SHOP = Shop(seed=7, events_per_second=300)
Rows = Any


@pytest.fixture(scope="module")
def traffic() -> list[tuple[Minute, Any]]:
    return [(each, deliver(SHOP, each)) for each in minutes(SHOP, BEGIN, END)]


def made(traffic: list[tuple[Minute, Any]], *faults: Fault) -> dict[str, Rows]:
    parts = [services.deliver(SHOP, minute, stream, faults) for minute, stream in traffic]
    return {name: joined([each[name] for each in parts]) for name in services.DATASETS}


@pytest.fixture(scope="module")
def clean(traffic: list[tuple[Minute, Any]]) -> dict[str, Rows]:
    return made(traffic)


@dataclass(frozen=True)
class Case:
    """A kind at work: which rows of its dataset are hit, told from clean and broken rows that stand alike."""

    kind: str
    size: float
    dataset: str
    hit: Callable[[Rows, Rows], np.ndarray]
    touches: tuple[str, ...]  # columns of the dataset
    where: tuple[tuple[str, str], ...] = ()
    of: Callable[[Rows], np.ndarray] = lambda rows: np.ones(
        len(rows.arrival), np.bool_
    )  # rows that can be hit


def grew(column: str, factor: float) -> Callable[[Rows, Rows], np.ndarray]:
    def hit(one: Rows, two: Rows) -> np.ndarray:
        before, after = getattr(one, column), getattr(two, column)
        return np.isclose(after, factor * before) & (after != before)

    return hit


def later(seconds: float) -> Callable[[Rows, Rows], np.ndarray]:
    return lambda one, two: two.arrival - one.arrival == seconds * SECOND_US


SLOWER = ("responded_at", "arrival")
CASES = [
    Case(
        "feature_loss",
        0.3,
        "requests",
        lambda one, two: (one.missing_features == 0) & (two.missing_features > 0) & two.fallback,
        ("missing_features", "fallback"),
        (("region", "latam"),),
        lambda rows: ~rows.fallback,
    ),
    Case("latency_spike", 1.5, "requests", later(1.5), SLOWER, (("release", "canary"),)),
    Case(
        "serving_errors",
        0.2,
        "requests",
        lambda one, two: (one.status < 500) & (two.status >= 500),
        ("status",),
        (("region", "eu"), ("variant", "treatment")),
    ),
    Case(
        "canary_failure",
        0.4,
        "requests",
        lambda one, two: (one.status < 500) & (two.status >= 500),
        ("status",),
        of=lambda rows: rows.release == CANARY,
    ),
    Case(
        "cache_churn",
        0.5,
        "requests",
        lambda one, two: one.cache_hit & ~two.cache_hit & (two.responded_at - two.event_time > 40_000),
        ("cache_hit", *SLOWER),
        of=lambda rows: rows.cache_hit & (rows.responded_at - rows.event_time > 8_000),
    ),
    Case("rule_bug", 0.25, "requests", lambda one, two: two.rule_hits == two.candidates, ("rule_hits",)),
    Case(
        "rules_ignored",
        0.6,
        "requests",
        lambda one, two: (one.rule_hits > 0) & (two.rule_hits == 0),
        ("rule_hits",),
        of=lambda rows: rows.rule_hits > 0,
    ),
    Case(
        "feature_drift",
        1.7,
        "features",
        grew("value", 1.7),
        ("value",),
        (("feature", "basket_value"),),
    ),
    Case(
        "feature_mismatch",
        0.1,
        "examples",
        lambda one, two: two.value > one.value,
        ("value",),
        (("feature", "item_appeal"),),
    ),
    Case("failed_deployment", 1.0, "deployments", lambda one, two: two.status == FAILED, ("status",)),
    Case("cost_runaway", 3.0, "costs", grew("amount", 3.0), ("amount",), (("component", "serving"),)),
    Case("retraining_runaway", 2.0, "training_runs", grew("cost", 2.0), ("cost",)),
    Case("replay_difference", 0.2, "replays", lambda one, two: one.payload != two.payload, ("payload",)),
    Case("slow_answers", 20, "responses", later(20), ("arrival", "event_time", "took_ms")),
    Case(
        "fallback_storm",
        0.3,
        "responses",
        lambda one, two: (one.fallback_path == 0) & (two.fallback_path == 1),
        ("fallback_path",),
        (("task_type", "gift"),),
    ),
    Case("leak_in_queries", 0.05, "queries", lambda one, two: two.query_text >= texts.LEAK, ("query_text",)),
    Case("leak_in_responses", 0.1, "responses", lambda one, two: two.response >= texts.LEAK, ("response",)),
    Case("leak_in_signals", 0.1, "signals", lambda one, two: two.payload >= texts.LEAK, ("payload",)),
    Case(
        "orphan_signals",
        0.15,
        "signals",
        lambda one, two: (one.query_id != two.query_id) & (one.response_id != two.response_id),
        ("query_id", "response_id"),
        (("device", "ios"), ("region", "us")),
    ),
    Case(
        "untraced_signals",
        0.3,
        "signals",
        lambda one, two: (two.trace_id == 0) & (two.tenant == 0),
        ("trace_id", "tenant"),
        (("app_version", "6.1.0"),),
    ),
    Case(
        "undersampling",
        0.5,
        "signals",
        lambda one, two: one.sampled & ~two.sampled,
        ("sampled",),
        of=lambda rows: rows.sampled,
    ),
    Case("missing_consent", 0.2, "signals", lambda one, two: ~two.consent, ("consent",)),
]
OTHERS = {"unanswered", "hallucination", "blind_copies"}
ALSO = {  # datasets that are made from the broken one
    "feature_drift": {"examples"},
    "slow_answers": {"signals"},
}


def test_every_kind_has_a_case() -> None:
    assert {each.kind for each in CASES} | OTHERS == {each.name for each in (*SERVING, *ASSISTANT)}


def inside(rows: Rows, fault: Fault) -> np.ndarray:
    """Rows in the place and time of a fault."""
    found = (rows.event_time >= fault.start) & (rows.event_time < fault.end)
    for name, value in fault.where:
        found &= getattr(rows, name) == ALL[name].index(value)
    return found


def equal(one: Rows, two: Rows, but: tuple[str, ...] = ()) -> bool:
    columns = (each.name for each in fields(one) if each.name not in but)
    pairs = ((getattr(one, name), getattr(two, name)) for name in columns)
    return all(np.array_equal(*pair, equal_nan=pair[0].dtype.kind == "f") for pair in pairs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_fault_does_what_it_says_and_nothing_else(
    traffic: list[tuple[Minute, Any]], clean: dict[str, Rows], case: Case
) -> None:
    fault = Fault(case.kind, case.size, START, STOP, case.where)
    broken = made(traffic, fault)
    one, two = clean[case.dataset], broken[case.dataset]
    assert equal(one, two, case.touches)
    within = inside(one, fault) & case.of(one)
    hit = case.hit(one, two)
    assert within.any()
    assert not hit[~within & case.of(one)].any()
    changed = np.zeros(len(hit), np.bool_)
    for column in case.touches:
        before, after = getattr(one, column), getattr(two, column)
        changed |= ~((before == after) | ((before != before) & (after != after)))
    assert not changed[~inside(one, fault)].any(), "outside its place and time nothing changes"
    share = case.size if KINDS[case.kind].unit.startswith("share") else 1.0
    n = within.sum()
    assert abs(hit[within].mean() - share) <= 4.5 * np.sqrt(share * (1 - share) / n) + 1e-9
    for name in services.DATASETS:
        if name != case.dataset and name not in ALSO.get(case.kind, ()):
            assert equal(clean[name], broken[name]), name


def test_drifted_features_are_the_same_in_training(traffic: list[tuple[Minute, Any]]) -> None:
    broken = made(traffic, Fault("feature_drift", 3.0, START, STOP))
    served = dict(
        zip(
            zip(broken["features"].request_id.tolist(), broken["features"].feature.tolist(), strict=True),
            broken["features"].value.tolist(),
            strict=True,
        )
    )
    read = broken["examples"]
    keys = zip(read.request_id.tolist(), read.feature.tolist(), strict=True)
    assert [served[key] for key in keys] == read.value.tolist()


def test_unanswered_queries_have_neither_answers_nor_signals(
    traffic: list[tuple[Minute, Any]], clean: dict[str, Rows]
) -> None:
    broken = made(traffic, Fault("unanswered", 0.4, START, STOP, (("region", "apac"),)))
    gone = ~np.isin(clean["responses"].response_id, broken["responses"].response_id)
    asked = clean["queries"]
    silent = np.isin(asked.query_id, clean["responses"].query_id[gone])
    assert set(asked.region[silent].tolist()) == {REGIONS.index("apac")}
    due = np.isin(asked.query_id, clean["responses"].query_id) & (asked.region == REGIONS.index("apac"))
    due &= (asked.event_time >= START) & (asked.event_time < STOP)
    assert silent[due].mean() == pytest.approx(0.4, abs=4.5 * np.sqrt(0.24 / due.sum()) + 0.01)
    assert not np.isin(broken["responses"].query_id, asked.query_id[silent]).any()
    assert np.isin(broken["signals"].response_id, broken["responses"].response_id).all()
    assert equal(clean["queries"], broken["queries"])
    assert len(np.setdiff1d(broken["signals"].signal_id, clean["signals"].signal_id)) == 0


def per_query(rows: dict[str, Rows], kind: int) -> float:
    """The share of queries asked while it lasts that got a signal."""
    asked = rows["queries"]
    now = (asked.event_time >= START) & (asked.event_time < STOP)
    given = rows["signals"].query_id[rows["signals"].event_type == kind]
    return float(np.isin(asked.query_id[now], given).mean())


def test_worse_answers_are_asked_again_and_left(
    traffic: list[tuple[Minute, Any]], clean: dict[str, Rows]
) -> None:
    broken = made(traffic, Fault("hallucination", 1.0, START, STOP))
    good = broken["responses"].good[(broken["responses"].event_time >= START + 30 * SECOND_US)]
    still = broken["responses"].event_time[broken["responses"].good]
    assert not ((still >= START + 30 * SECOND_US) & (still < STOP)).any()
    assert good.any(), "after it, answers are good again"
    assert per_query(broken, COMPLETED) < 0.2 * per_query(clean, COMPLETED)
    assert per_query(broken, COPY) < 0.3 * per_query(clean, COPY)
    assert per_query(broken, ABANDONED) > 2 * per_query(clean, ABANDONED)
    assert len(broken["queries"].query_id) > 1.2 * len(clean["queries"].query_id)
    assert set(clean["queries"].trace_id.tolist()) == set(broken["queries"].trace_id.tolist())


def test_half_as_many_hallucinations_spoil_a_part_of_the_same_answers(
    traffic: list[tuple[Minute, Any]],
) -> None:
    some, all_ = (made(traffic, Fault("hallucination", size, START, STOP)) for size in (0.5, 1.0))
    answered = some["responses"]
    now = (answered.event_time >= START + 30 * SECOND_US) & (answered.event_time < STOP)
    assert np.mean(answered.good[now]) == pytest.approx(0.425, abs=0.06)
    assert len(all_["queries"].query_id) > len(some["queries"].query_id)


def test_blind_copies_say_nothing_of_the_answer(
    traffic: list[tuple[Minute, Any]], clean: dict[str, Rows]
) -> None:
    broken = made(traffic, Fault("blind_copies", 1.0, BEGIN, END + DAY_US))

    def agreement(rows: dict[str, Rows]) -> float:
        answered, given = rows["responses"], rows["signals"]
        marks = [
            np.isin(answered.response_id, given.response_id[given.event_type == k]) for k in (COPY, COMPLETED)
        ]
        return float(np.corrcoef(*marks)[0, 1])

    assert agreement(clean) > 0.2
    assert abs(agreement(broken)) < 0.06
    assert equal(clean["responses"], broken["responses"], ("blind",))


def test_a_fault_grows_over_its_ramp(traffic: list[tuple[Minute, Any]]) -> None:
    broken = made(traffic, Fault("serving_errors", 1.0, START, STOP, (), 4 * MINUTE_US))
    asked = broken["requests"]
    shares = [
        np.mean(asked.status[(asked.event_time >= at) & (asked.event_time < at + MINUTE_US)] >= 500)
        for at in range(START, STOP, MINUTE_US)
    ]
    assert shares == pytest.approx([0.125, 0.375, 0.625, 0.875, 1.0], abs=0.04)


@pytest.mark.parametrize("kind", [each.name for each in (*SERVING, *ASSISTANT)])
def test_a_kind_says_what_it_is(kind: str) -> None:
    assert KINDS[kind].title.endswith(".")
    assert KINDS[kind].codes
    assert KINDS[kind].unit
    assert set(KINDS[kind].segments) <= {"region", "device", "app_version", "variant", *DIMENSIONS}
