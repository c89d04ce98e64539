"""From a failing tick to a cause: segments, where and when it began, after what, and who is at fault."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from monitor import deployments
from monitor.attribute.cause import Cause
from monitor.iso import iso
from monitor.model import MINUTE
from monitor.shown.report import as_json
from monitor.store import attributions
from monitor.store.deployments import Marked
from tests.pipelines import Pipeline, Result, micros

START = "2026-11-20T10:00Z"
FAULT = "2026-11-20T12:04Z"
NOW = "2026-11-20T12:20Z"
REGIONS, DEVICES, APPS = ("na", "emea", "latam"), ("ios", "web"), ("6.2", "6.3")
PLACES = list(product(REGIONS, DEVICES, APPS))

OK = {"kind": "ratio", "dataset": "events", "good": "ok", "by": ["region"], "every": "1m", "window": "5m"}
FAILS = OK | {"fail": "< 99%", "stage": "ingest"}


def rows(until: str = "2026-11-20T12:21Z", **bad: str) -> Iterator[dict[str, Any]]:
    """A row a second: one in 400 is bad anywhere, and from the fault on every other one where it hits."""
    start, fault, end = (micros(each) for each in (START, FAULT, until))
    for number in range((end - start) // 1_000_000):
        region, device, app = PLACES[number * 7 % len(PLACES)]
        place = {"region": region, "device": device, "app_version": app}
        hit = bool(bad) and start + number * 1_000_000 >= fault and bad.items() <= place.items()
        ok = number % 400 != 399 and not (hit and number // len(PLACES) % 2 == 0)
        at = micros(START) + number * 1_000_000
        yield {"t": moment(at), "id": number, "ok": ok} | place


def moment(at: int) -> Any:
    from tests.pipelines import EPOCH

    return EPOCH + timedelta(microseconds=at)


def told(pipeline: Pipeline, checks: dict[str, Any], **bad: str) -> Result:
    pipeline.rows("events", list(rows(**bad)), time="t", key="id", lateness="1m")
    return pipeline.tick(NOW, checks)


def where(cause: Cause) -> list[dict[str, str]]:
    return [dict(each.where) for each in cause.segments]


def test_one_segment_is_named_with_its_contribution(pipeline: Pipeline):
    cause = told(pipeline, {"basket": FAILS}, region="latam").ticked.causes["basket"]
    assert where(cause) == [{"region": "latam"}]
    assert cause.segments[0].share > 0.95
    assert abs(cause.since - micros(FAULT)) <= MINUTE
    assert cause.sentence == (
        "Since 12:04, 100% of the bad events come from region latam; it began at basket (ingest): "
        "the system is at fault, not the model"
    )


def test_a_pair_is_named_though_the_check_has_no_such_dimension(lake: Pipeline):
    cause = told(lake, {"basket": FAILS}, region="emea", app_version="6.3").ticked.causes["basket"]
    assert where(cause) == [{"region": "emea", "app_version": "6.3"}]
    assert "region emea on app 6.3" in cause.sentence


def test_what_is_everywhere_is_in_no_segment(lake: Pipeline):
    lake.rows("events", [row | {"ok": row["ok"] and row["id"] % 5 > 0} if row["t"] >= moment(micros(FAULT))
                         else row for row in rows()], time="t", key="id", lateness="1m")  # fmt: skip
    cause = lake.tick(NOW, {"basket": FAILS}).ticked.causes["basket"]
    assert (where(cause), cause.everywhere) == ([], True)
    assert "spread over all segments alike" in cause.sentence


def test_where_nothing_fails_nothing_is_asked(lake: Pipeline, monkeypatch: pytest.MonkeyPatch):
    asked: list[Any] = []
    monkeypatch.setattr("monitor.scan.run", lambda *_: asked.append(1))
    monkeypatch.setattr(attributions, "newest", lambda *_: asked.append(2))
    said = told(lake, {"basket": OK | {"fail": "< 90%"}})
    assert (said.outcomes, said.ticked.causes, asked) == ({"basket": "pass"}, {}, [])


def test_an_explanation_that_goes_wrong_costs_no_reading(
    lake: Pipeline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr("monitor.tick.attributed", lambda *_: 1 / 0)
    said = told(lake, {"basket": FAILS}, region="latam")
    assert said.outcomes == {"basket": "fail"}
    assert said.ticked.causes == {}
    assert "no causes: ZeroDivisionError in test_attributing.py" in caplog.text


def test_a_budget_that_burns_is_explained_before_a_bound_breaks(lake: Pipeline):
    check = OK | {"slo": {"objective": "99.5%", "window": "28d"}}
    said = told(lake, {"basket": check}, region="na", device="web")
    assert said.outcomes["basket"] != "fail"
    assert where(said.ticked.causes["basket"]) == [{"region": "na", "device": "web"}]


def test_a_segment_that_fails_by_itself_is_explained_though_the_whole_does_not(lake: Pipeline):
    check = OK | {"fail": "< 85%", "stage": "ingest"}
    said = told(lake, {"basket": check}, region="latam", device="web")
    assert said.outcomes["basket"] == "pass"
    assert said.segments("basket")["latam"].outcome == "fail"
    assert where(said.ticked.causes["basket"]) == [{"region": "latam", "device": "web"}]


def test_missing_rows_are_found_where_they_were(lake: Pipeline):
    fault = moment(micros(FAULT))
    kept = [row for row in rows() if row["t"] < fault or (row["region"], row["device"]) != ("na", "ios")]
    lake.rows("events", kept, time="t", key="id", lateness="1m")
    check = {"kind": "volume", "dataset": "events", "every": "1m", "window": "5m", "fail": "< 260"}
    cause = lake.tick(NOW, {"volume": check | {"by": "region"}}).ticked.causes["volume"]
    assert where(cause) == [{"region": "na", "device": "ios"}]
    assert (cause.of, cause.segments[0].bad) == ("missing rows", 0)


def test_the_trouble_began_upstream(lake: Pipeline):
    checks = {
        "stored": FAILS,
        "between": OK | {"upstream": ["stored"]},
        "trained": FAILS | {"stage": "train", "upstream": ["between"]},
        "apart": FAILS | {"stage": "label"},
    }
    causes = told(lake, checks, region="latam").ticked.causes
    found = {name: (cause.origin.check, cause.origin.stage) for name, cause in causes.items()}
    assert found == {
        "stored": ("stored", "ingest"),
        "trained": ("stored", "ingest"),
        "apart": ("apart", "label"),
    }


def test_what_went_out_before_is_told_and_what_came_after_is_not(lake: Pipeline):
    for at, what in (("11:30", "old 1"), ("12:01", "ingest 2"), ("12:07", "later 3")):
        deployments.mark(lake.store, "test", Marked(micros(f"2026-11-20T{at}Z"), what, "ada", micros(NOW)))
    cause = told(lake, {"basket": FAILS}, region="latam").ticked.causes["basket"]
    assert cause.event
    assert cause.event.what == "ingest 2"
    assert "3 min after ingest 2 was deployed" in cause.sentence


def test_a_check_that_is_defined_anew_explains_itself_alone(lake: Pipeline):
    lake.rows("events", list(rows(region="latam")), time="t", key="id", lateness="1m")
    lake.tick("2026-11-20T11:50Z", {"basket": FAILS, "other": FAILS})
    anew = {"basket": FAILS, "other": FAILS | {"good": "ok and id >= 0"}}
    lake.tick("2026-11-20T11:55Z", anew)
    causes = lake.tick(NOW, anew).ticked.causes
    assert causes["basket"].event is None
    assert causes["other"].event
    assert causes["other"].event.what == "the check other"


def test_quality_on_damaged_rows_is_no_fault_of_the_model(lake: Pipeline):
    quality = FAILS | {"stage": "serve", "tags": ["quality"]}
    causes = told(lake, {"stored": FAILS, "liked": quality}, region="latam").ticked.causes
    assert {name: each.fault for name, each in causes.items()} == {"stored": "system", "liked": "system"}
    assert causes["liked"].origin.check == "stored"
    lake.close()
    assert lake.tick(NOW, {"liked": quality}).ticked.causes["liked"].fault == "model"


def test_a_cause_is_kept_and_the_same_tick_again_says_the_same(lake: Pipeline):
    once = told(lake, {"basket": FAILS}, region="latam")
    revision = lake.store.revision()
    again = lake.tick(NOW, {"basket": FAILS})
    assert again.ticked.causes == once.ticked.causes
    assert lake.store.revision() == revision + 1  # the tick's own run
    kept = attributions.newest(lake.store, "test", 0)["basket"]
    assert (kept.since, kept.at) == (once.ticked.causes["basket"].since, micros(NOW))


def test_a_trouble_that_lasts_stays_one(lake: Pipeline):
    told(lake, {"basket": FAILS}, region="latam")
    for minute in (10, 12, 15, 20):
        lake.tick(f"2026-11-20T12:{minute}Z", {"basket": FAILS})
    start, end = micros(START), micros("2026-11-20T13:00Z")
    assert len(attributions.during(lake.store, "test", "basket", start, end)) == 1


def test_the_reading_has_it_as_json(lake: Pipeline):
    said = told(lake, {"basket": FAILS}, region="latam").ticked
    total, *others = as_json(said.config, said, iso)["readings"]
    told_ = total["detail"]["attribution"]
    assert told_["segments"][0]["segment"] == {"region": "latam"}
    assert told_["origin"]["stage"] == "ingest"
    assert told_["since"] == "2026-11-20T12:04:00Z"
    assert not any("attribution" in each["detail"] for each in others)


def test_a_source_that_fails_leaves_what_can_be_told(lake: Pipeline, monkeypatch: pytest.MonkeyPatch):
    from monitor.errors import SourceError

    def refuses(*_: Any) -> Any:
        raise SourceError("no")

    monkeypatch.setattr("monitor.attribute.attributing.evidence.evidence", refuses)
    cause = told(lake, {"basket": FAILS}, region="latam").ticked.causes["basket"]
    assert (where(cause), cause.origin.check) == ([{"region": "latam"}], "basket")  # as its readings say


def test_what_cannot_be_counted_is_told_by_the_readings_of_segments(lake: Pipeline):
    late = [row for row in rows() if row["region"] != "latam" or row["t"] < moment(micros(FAULT))]
    lake.rows("events", late, time="t", key="id", lateness="1m")
    check = {"kind": "freshness", "dataset": "events", "by": ["region"], "every": "1m", "fail": "> 5m"}
    noticed = {"kind": "freshness", "dataset": "events", "over": "region", "every": "1m", "fail": "> 5m"}
    said = lake.tick(NOW, {"fresh": check, "cohorts": noticed})
    assert said.segments("fresh")["latam"].outcome == "fail"
    cause = said.ticked.causes["cohorts"]
    assert abs(cause.since - micros(FAULT)) <= 2 * MINUTE
    assert "with cohorts (store)" in cause.sentence
    assert said.ticked.causes == {"cohorts": cause}


def test_the_bad_one_of_several_segments_is_named():
    from monitor.attribute.parts import explain_parts
    from monitor.judging.measured import Said
    from monitor.model import Outcome, Reading, Segment, Window

    def part(value: str, outcome: Outcome, **numbers: float) -> Said:
        return Said("c", Segment("region", value), Window(0, 1), Reading(outcome=outcome, **numbers))

    well = [part("na", Outcome.PASS), part("emea", Outcome.PASS)]
    (only,) = explain_parts([*well, part("latam", Outcome.FAIL)]).segments
    assert (only.where, only.share) == ((("region", "latam"),), 0.0)
    counted = [part("na", Outcome.PASS, good=90, total=100), part("apac", Outcome.FAIL, good=10, total=40)]
    assert [each.share for each in explain_parts(counted).segments] == [0.75]
    assert explain_parts([part("na", Outcome.FAIL), part("emea", Outcome.FAIL)]).everywhere
    assert not explain_parts([]).everywhere


@pytest.mark.parametrize("how", [{"key": "id", "within": "1s"}, {"count": {"left": "*", "right": "*"}}])
def test_what_is_lost_between_two_tables_is_told_by_the_columns_that_both_have(
    lake: Pipeline, how: dict[str, Any]
):
    sent = [{**row, "only_sent": 1} for row in rows(region="na", device="ios")]
    stored = [row for row in rows(region="na", device="ios") if row["ok"]]
    lake.rows("sent", sent, time="t", key="id", lateness="1m")
    lake.rows("events", stored, time="t", key="id", lateness="1m")
    check = {"kind": "match", "left": "sent", "right": "events", "every": "1m", "window": "5m"} | how
    cause = lake.tick(NOW, {"loss": check | {"fail": "< 99%"}}).ticked.causes["loss"]
    assert where(cause) == [{"region": "na", "device": "ios"}]
    assert "of the loss is region na on device ios" in cause.sentence
