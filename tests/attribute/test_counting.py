"""By which columns a trouble is looked at, and which are themselves what is broken."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from monitor.attribute.cells import Cells, Count, cells, over
from monitor.attribute.mix import as_counts, risen
from monitor.attribute.screening import itself, telling
from monitor.model import MINUTE
from tests.attribute.test_attributing import FAILS, NOW, START, moment, rows, told, where
from tests.pipelines import Pipeline, micros

FAULT = micros("2026-11-20T12:04Z")


def changed(lake: Pipeline, change: Any, checks: dict[str, Any]) -> Any:
    """A tick over rows of which those since the fault are changed; `change` gives what is new of a row."""
    some = [row | (change(row) if row["t"] >= moment(FAULT) else {}) for row in rows()]
    lake.rows("events", some, time="t", key="id", lateness="1m")
    return lake.tick(NOW, checks).ticked.causes


def test_a_column_whose_values_are_missing_is_no_place(lake: Pipeline):
    check = FAILS | {"good": "app_version is not null", "by": ["region"]}
    causes = changed(lake, lambda row: {"app_version": None} if row["id"] % 3 == 0 else {}, {"named": check})
    assert (where(causes["named"]), causes["named"].everywhere) == ([], True)


def test_where_values_are_missing_is_told_by_the_other_columns(lake: Pipeline):
    check = FAILS | {"good": "app_version is not null", "by": ["region"]}
    lost = lambda row: {"app_version": None} if (row["region"], row["id"] // 12 % 3) == ("latam", 0) else {}  # noqa: E731
    assert where(changed(lake, lost, {"named": check})["named"]) == [{"region": "latam"}]


def test_a_contract_is_broken_where_it_is_and_not_by_what(lake: Pipeline):
    columns = {"region": {"type": "string", "required": True}, "device": {"enum": ["ios", "web"]}}
    check = {"kind": "schema", "dataset": "events", "every": "1m", "window": "5m", "fail": "< 99%"}
    checks = {"kept": check | {"contract": {"columns": columns}}}
    broken = lambda row: {"device": "tv"} if (row["region"], row["id"] // 12 % 2) == ("na", 0) else {}  # noqa: E731
    assert where(changed(lake, broken, checks)["kept"]) == [{"region": "na"}]


def test_robots_are_not_told_by_what_they_do(lake: Pipeline):
    checks = {"people": FAILS | {"good": "not is_bot", "by": ["region"]}}
    some = [row | {"is_bot": False, "event_type": "click" if row["id"] % 2 else "view"} for row in rows()]
    robots = [row | {"is_bot": True, "event_type": "view"} for row in some if row["t"] >= moment(FAULT)]
    lake.rows("events", some + robots, time="t", key="id", lateness="1m")
    cause = lake.tick(NOW, checks).ticked.causes["people"]
    assert (where(cause), cause.everywhere) == ([], True)


DRIFT = {
    "kind": "drift",
    "dataset": "events",
    "column": "device",
    "baseline": {"last": "1h"},
    "every": "5m",
    "window": "10m",
    "min_events": 100,
    "fail": "> 0.1",
}


@pytest.mark.parametrize("hit", [{}, {"region": "emea"}, {"region": "na", "app_version": "6.3"}])
def test_a_drift_is_where_the_mix_of_values_has_changed(lake: Pipeline, hit: dict[str, str]):
    by_web = lambda row: {"device": "web"} if hit.items() <= row.items() else {}  # noqa: E731
    check = DRIFT | {"fail": "> 0.01"}
    lake.rows("events", [row | by_web(row) if row["t"] >= moment(FAULT) else row for row in rows()], time="t",
              key="id", lateness="1m")  # fmt: skip
    for minute in range(0, 20, 5):
        causes = lake.tick(f"2026-11-20T12:{minute:02}Z", {"mix": check}).ticked.causes
    cause = lake.tick(NOW, {"mix": check}).ticked.causes["mix"]
    assert (where(cause), cause.everywhere, cause.of) == ([hit] if hit else [], not hit, "change")
    assert abs(cause.since - FAULT) <= 2 * MINUTE
    assert causes


def test_kinds_with_steps_of_their_own_are_counted_too(lake: Pipeline):
    some = [{**row, "consent": True, "user_id": row["id"] % 500} for row in rows()]
    for row in some:
        row["consent"] = not (row["t"] >= moment(FAULT) and row["region"] == "latam" and row["id"] // 12 % 2)
    lake.rows("events", some, time="t", key="id", lateness="1m")
    check = {"kind": "consent", "dataset": "events", "every": "5m", "window": "10m", "fail": "< 99%"}
    cause = lake.tick(NOW, {"agreed": check}).ticked.causes["agreed"]
    assert where(cause) == [{"region": "latam"}]


def test_a_few_users_with_many_rows_are_no_segment(lake: Pipeline):
    """Five users of two regions: by rows no chance, by users it is."""
    some = [{**row, "consent": True, "user_id": f"{row['region']}{row['id'] // 12 % 60}"} for row in rows()]
    refused = {"na3", "na17", "na31", "emea8", "emea44"}
    for row in some:
        row["consent"] = not (row["t"] >= moment(FAULT) and row["user_id"] in refused)
    lake.rows("events", some, time="t", key="id", lateness="1m")
    check = {"kind": "consent", "dataset": "events", "every": "5m", "window": "10m", "fail": "< 99.9%"}
    assert where(lake.tick(NOW, {"agreed": check}).ticked.causes["agreed"]) == []


def test_columns_of_other_checks_of_the_dataset_are_looked_at(lake: Pipeline):
    some = [{**row, "shelf": f"s{row['id'] // 5 % 4}"} for row in rows()]
    for row in some:
        row["ok"] = row["ok"] and not (row["t"] >= moment(FAULT) and row["shelf"] == "s2")
    lake.rows("events", some, time="t", key="id", lateness="1m")
    apart = {"kind": "volume", "dataset": "events", "by": ["shelf"], "every": "1m"}
    cause = lake.tick(NOW, {"basket": FAILS, "rows": apart}).ticked.causes["basket"]
    assert where(cause) == [{"shelf": "s2"}]


def one(dim: str, counts: dict[str, tuple[float, float, float, float]]) -> Cells:
    return cells((dim,), {(value,): Count(*each) for value, each in counts.items()})


def test_dimensions_are_screened_by_how_unlike_their_values_are():
    alike = one("alike", {"x": (1000, 10, 1000, 60), "y": (1000, 10, 1000, 60)})
    unlike = one("unlike", {"x": (1000, 10, 1000, 10), "y": (1000, 10, 1000, 110)})
    single = one("single", {"x": (2000, 20, 2000, 120)})
    assert telling([alike, single, unlike], False, 1) == ("unlike",)
    assert telling([alike, single, unlike], False, 5) == ("alike", "unlike")
    gone = one("gone", {"x": (1000, 0, 1000, 0), "y": (1000, 0, 10, 0)})
    assert telling([alike, gone], True, 1) == ("gone",)


@pytest.mark.parametrize(
    "value, broken",
    [
        ((0, 0, 100, 100), True),
        ((50, 50, 400, 400), True),
        ((400, 4, 400, 400), False),
        ((0, 0, 100, 50), False),
    ],
)
def test_values_that_are_always_bad_are_what_is_broken(value: Any, broken: bool):
    assert itself(one("a", {"x": (4000, 0, 4000, 0), "y": value}), "a") is broken


def test_cells_over_fewer_dimensions_are_sums():
    of = cells(("a", "b"), {(a, b): Count(1, 2, 3, 4) for a in "xy" for b in "pqr"})
    summed = over(of, ["a"])
    assert summed.values == (("x", "y"),)
    assert np.array_equal(summed.n1, [9, 9])


def test_the_column_that_drifted_most_and_its_bins_that_grew():
    before = {"bins0": {"a": 500, "b": 500}, "bins1": {"p": 900, "q": 100}}
    since = {"bins0": {"a": 255, "b": 245}, "bins1": {"p": 250, "q": 250}}
    assert risen(before, since) == (1, frozenset({"q"}))
    assert as_counts(since, 1, frozenset({"q"})) == {"total": 500, "bad": 250}
    assert risen({}, {}) == (0, frozenset())


def delayed(leg: str) -> Iterator[dict[str, Any]]:
    for row in rows():
        late = timedelta(seconds=60 if row["t"] >= moment(FAULT) else 0)
        received = row["t"] + timedelta(seconds=1) + (late if leg == "received" else timedelta())
        stored = received + timedelta(seconds=1) + (late if leg == "stored" else timedelta())
        available = stored + timedelta(seconds=1) + (late if leg == "available" else timedelta())
        lost = leg == "never" and late
        yield row | {"received": received, "stored": stored, "available": None if lost else available}


WHOLE = {"kind": "latency", "dataset": "events", "from": "t", "to": "available", "threshold": "10s"}
TIMED = {"every": "1m", "window": "5m"}


@pytest.mark.parametrize(
    "leg, stage, check",
    [
        ("received", "capture", "way"),
        ("stored", "store", "storing"),
        ("available", "feature", "way"),
        ("never", "feature", "way"),
    ],
)
def test_late_rows_lose_their_time_on_one_leg_of_the_way(lake: Pipeline, leg: str, stage: str, check: str):
    columns = {"received_at": "received", "stored_at": "stored", "available_at": "available"}
    lake.rows("events", list(delayed(leg)), time="t", key="id", lateness="1m", columns=columns)
    storing = {**WHOLE, **TIMED, "from": "received", "to": "stored", "stage": "store", "every": "1h"}
    checks = {"way": WHOLE | TIMED | {"fail": "> 10s", "stage": "feature"}, "storing": storing}
    cause = lake.tick(NOW, checks).ticked.causes["way"]
    assert (cause.origin.stage, cause.origin.check) == (stage, check)
    assert bool(cause.origin.leg) is (check == "way")
    assert START
    assert cause.everywhere


def test_a_single_leg_is_the_check_itself(lake: Pipeline):
    lake.rows("events", list(delayed("received")), time="t", key="id", lateness="1m")
    check = WHOLE | TIMED | {"to": "received", "fail": "> 10s", "stage": "ingest"}
    cause = lake.tick(NOW, {"way": check}).ticked.causes["way"]
    assert (cause.origin.check, cause.origin.stage, cause.origin.leg) == ("way", "ingest", ())


def test_without_declared_edges_a_loss_before_explains_what_is_missing(lake: Pipeline):
    sent = list(rows(region="na"))
    lake.rows("sent", sent, time="t", key="id", lateness="1m")
    lake.rows("events", [row for row in sent if row["ok"]], time="t", key="id", lateness="1m")
    lost = {
        "kind": "match",
        "left": "sent",
        "right": "events",
        "key": "id",
        "within": "1s",
        "stage": "ingest",
    }
    checks = {
        "loss": lost | TIMED | {"fail": "< 99%"},
        "volume": {"kind": "volume", "dataset": "events", "fail": "< 280", "stage": "store"} | TIMED,
        "apart": FAILS | {"stage": "serve"},
    }
    causes = lake.tick(NOW, checks).ticked.causes
    assert causes["volume"].origin.check == "loss"
    assert told
