"""The exporter on boards made by hand: what a scrape shows, what it leaves out, that Prometheus reads it."""

import logging
import subprocess
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition, parser
from prometheus_client.parser import text_string_to_metric_families

from monitor.board import Board, Burn, CheckRow, SegmentBurns, SloRow
from monitor.exporter import BOUNDS, FAMILIES, BoardCollector, Health, cumulative, label
from monitor.histogram import log_bucket
from monitor.model import DAY, HOUR, MINUTE, SECOND, TOTAL, Outcome, Reading, Segment, Window
from monitor.store.counters import Counter
from monitor.store.probed import Probed
from monitor.store.readings import Stored
from monitor.store.runs import Run
from monitor.store.watermarks import Watermark

AT = 1_700_000_000 * SECOND
HEALTH = Health(version="1.2.3", config_hash="abcdef", deliveries=(("page", "delivered", 2),))


def stored(value: float | None, outcome: Outcome = Outcome.PASS, segment: Segment = TOTAL) -> Stored:
    said = Reading(value=value, good=9, total=10, outcome=outcome)
    return Stored("loss", 1, 1, segment, AT, Window(AT - MINUTE, AT), said)


def check(**changes: Any) -> CheckRow:
    row = CheckRow(
        name="loss",
        kind="ratio",
        unit="ratio",
        stage="ingest",
        owner="team",
        severity="page",
        runbook="ratio",
        every=5 * MINUTE,
        window=5 * MINUTE,
        enabled=True,
        total=stored(0.9),
        segments={},
        run=Run("loss", AT, AT + SECOND, AT + 3 * SECOND, Outcome.PASS, "", 0, 1),
        runs={Outcome.PASS: 7},
        success=AT,
        counter=None,
        slo=None,
    )
    return replace(row, **changes)


def board(*checks: CheckRow, datasets: tuple[Watermark, ...] = (), **more: Any) -> Board:
    return Board("shop", 1, AT, checks, datasets, **more)


def slo(**changes: Any) -> SloRow:
    row = SloRow(
        objective=0.99,
        window=28 * DAY,
        settled=AT,
        good=995,
        total=1000,
        bad_ratio=0.005,
        budget_left=0.5,
        measured=0.75,
    )
    return replace(row, **changes)


def registry(some: Board, most: int = 20_000, health: Health = HEALTH) -> CollectorRegistry:
    collector, made = BoardCollector(most), CollectorRegistry()
    made.register(collector)
    collector.publish(some, health)
    return made


Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(some: Board, **options: Any) -> Samples:
    """Every line of a scrape as {(name, labels without the pipeline): value}; the pipeline is on each."""
    found: Samples = {}
    for family in text_string_to_metric_families(generate_latest(registry(some, **options)).decode()):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("pipeline") == "shop"
            assert sample.timestamp is None
            key = sample.name, frozenset(labels.items())
            assert key not in found
            found[key] = sample.value
    return found


def named(found: Samples, name: str) -> dict[tuple[str, ...], float]:
    """The lines of one name by their label values, sorted by label name."""
    return {
        tuple(value for _, value in sorted(labels)): number
        for (sample, labels), number in found.items()
        if sample == name
    }


def test_a_reading_and_every_outcome():
    found = samples(board(check()))
    assert named(found, "weir_reading") == {("loss", "ingest"): 0.9}
    assert named(found, "weir_check_outcome") == {
        ("loss", outcome): float(outcome == "pass")
        for outcome in ("pass", "warn", "fail", "no_data", "error")
    }
    assert named(found, "weir_check_runs_total")["loss", "pass"] == 7
    assert named(found, "weir_check_runs_total")["loss", "error"] == 0


def test_times_are_seconds():
    found = samples(board(check(every=90 * SECOND)))
    assert named(found, "weir_check_last_success_timestamp_seconds") == {("loss",): 1_700_000_000}
    assert named(found, "weir_check_last_start_timestamp_seconds") == {("loss",): 1_700_000_001}
    assert named(found, "weir_check_duration_seconds") == {("loss",): 2}
    assert named(found, "weir_check_interval_seconds") == {("loss",): 90}


@pytest.mark.parametrize("value", [None, nan])
def test_unknown_is_absent_and_never_zero(value: float | None):
    silent = check(total=stored(value, Outcome.NO_DATA), success=None, run=None, slo=slo(bad_ratio=value))
    found = samples(board(silent))
    for name in ("weir_reading", "weir_slo_bad_ratio", "weir_check_last_success_timestamp_seconds"):
        assert named(found, name) == {}
    assert named(found, "weir_check_outcome")["loss", "no_data"] == 1


def test_check_that_never_ran_has_no_outcome_and_is_new_rather_than_stale():
    new = check(total=None, run=None, runs={}, success=None)
    found = samples(board(new))
    assert set(named(found, "weir_check_outcome").values()) == {0}
    assert named(found, "weir_check_interval_seconds") == {}, "what is due is held against a success"
    tried = replace(new, runs={Outcome.ERROR: 1})
    assert named(samples(board(tried)), "weir_check_interval_seconds") == {("loss",): 300}


def test_failed_run_is_an_error_whatever_was_read_before():
    found = samples(board(check(run=Run("loss", AT, AT, AT, Outcome.ERROR, "SourceDown", 0, 1))))
    assert named(found, "weir_check_outcome") == {
        ("loss", outcome): float(outcome == "error")
        for outcome in ("pass", "warn", "fail", "no_data", "error")
    }


def test_disabled_check_can_raise_no_alert():
    assert not [key for key in samples(board(check(enabled=False))) if ("check", "loss") in key[1]]


def test_objective_shows_its_window():
    found = samples(board(check(slo=slo())))
    assert named(found, "weir_slo_bad_ratio") == {("loss", "28d"): 0.005}
    assert named(found, "weir_slo_events") == {("loss", "28d"): 1000}
    assert named(found, "weir_slo_objective_ratio") == {("loss",): 0.99}
    assert named(found, "weir_slo_error_budget_remaining_ratio") == {("loss",): 0.5}
    assert named(found, "weir_slo_measured_ratio") == {("loss",): 0.75}
    assert named(found, "weir_slo_settled_timestamp_seconds") == {("loss",): 1_700_000_000}
    # labels by name: owner, severity, slo, stage
    assert named(found, "weir_slo_info") == {("team", "page", "loss", "ingest"): 1}


def test_segments_have_their_own_name():
    some = {Segment("region", name): stored(0.5, segment=Segment("region", name)) for name in ("eu", "us")}
    found = samples(board(check(segments=some)))
    assert named(found, "weir_segment_reading") == {
        ("loss", "region", "eu"): 0.5,
        ("loss", "region", "us"): 0.5,
    }
    assert named(found, "weir_reading") == {("loss", "ingest"): 0.9}


def test_datasets():
    marks = (Watermark("events", AT, AT - MINUTE, 1, 2, 3, 4), Watermark("empty", AT, None))
    found = samples(board(datasets=marks))
    assert named(found, "weir_watermark_timestamp_seconds") == {("events",): 1_699_999_940}
    assert {key: n for key, n in named(found, "weir_odd_time_rows").items() if key[0] == "events"} == {
        ("events", "no_time"): 1,
        ("events", "ancient"): 2,
        ("events", "future"): 3,
    }
    assert named(found, "weir_late_rows_total") == {("events",): 4, ("empty",): 0}


def test_own_health():
    found = samples(board(), health=replace(HEALTH, reloaded=False, leader=True, clock_trusted=False))
    assert named(found, "weir_build_info") == {("1.2.3",): 1}
    assert named(found, "weir_config_info") == {("abcdef",): 1}
    assert named(found, "weir_config_last_reload_successful") == {(): 0}
    assert named(found, "weir_leader") == {(): 1}
    assert named(found, "weir_clock_trusted") == {(): 0}


def test_delays_as_a_histogram():
    delays = {log_bucket(us): n for us, n in ((0, 2), (SECOND, 3), (40 * SECOND, 4), (2 * DAY, 1))}
    found = samples(board(check(counter=Counter({"delays": delays, "sum": 7 * SECOND}, 0))))
    buckets = {float(le): n for (_, le), n in named(found, "weir_delay_seconds_bucket").items()}
    assert sorted(buckets) == [*BOUNDS, float("inf")]
    assert [buckets[le] for le in (0.001, 0.5, 1, 30, 60, 86_400, float("inf"))] == [2, 2, 5, 5, 9, 9, 10]
    assert named(found, "weir_delay_seconds_count") == {("loss",): 10}
    assert named(found, "weir_delay_seconds_sum") == {("loss",): 7}


def test_delay_of_exactly_a_bound_is_under_it():
    for place, bound in enumerate(BOUNDS):
        counted = cumulative({log_bucket(round(bound * SECOND)): 1})
        assert [n for _, n in counted] == [0] * place + [1] * (len(BOUNDS) + 1 - place)


def test_counters_of_events():
    counter = Counter({"good": 95, "total": 100}, 12)
    found = samples(board(check(slo=slo(), counter=counter)))
    assert named(found, "weir_sli_events_total") == {("loss",): 100}
    assert named(found, "weir_sli_bad_events_total") == {("loss",): 5}
    assert named(found, "weir_label_overflow_total") == {("loss",): 12}


def published(collector: BoardCollector, *checks: CheckRow) -> dict[tuple[str, ...], float]:
    collector.publish(board(*checks), HEALTH)
    return {
        (sample.name, *(v for k, v in sorted(sample.labels.items()) if k != "pipeline")): sample.value
        for family in collector.collect()
        for sample in family.samples
    }


def counted(good: int, total: int) -> CheckRow:
    return check(slo=slo(), counter=Counter({"good": good, "total": total}, 0))


def test_counter_of_bad_events_never_goes_back_but_starts_anew_with_a_definition():
    collector = BoardCollector(100)
    read = [published(collector, counted(*each)) for each in ((90, 100), (95, 100), (96, 105), (4, 5))]
    assert [each["weir_sli_bad_events_total", "loss"] for each in read] == [10, 10, 10, 1]
    assert [each["weir_sli_events_total", "loss"] for each in read] == [100, 100, 105, 5]


def regions(*values: str) -> CheckRow:
    some = [Segment("region", value) for value in values]
    return check(segments={each: stored(0.5, segment=each) for each in some})


def shown(found: dict[tuple[str, ...], float]) -> set[str]:
    return {key[-1] for key in found if key[0] == "weir_segment_reading"}


def test_cap_refuses_new_segments_loudly_and_keeps_those_shown(caplog: pytest.LogCaptureFixture):
    collector = BoardCollector(len(published(BoardCollector(1000), regions())) + 2)
    assert shown(published(collector, regions("m", "n"))) == {"m", "n"}
    with caplog.at_level(logging.WARNING):
        found = published(collector, regions("a", "b", "m", "n"))
    assert shown(found) == {"m", "n"}
    assert found["weir_series_refused",] == 2
    assert "2 series left out" in caplog.text
    assert len(found) == collector.most
    found = published(collector, regions("a", "b", "n"))
    assert shown(found) == {"n", "a"}
    assert found["weir_series_refused",] == 1


def test_cap_is_hard_and_our_own_health_goes_last():
    found = samples(board(*(check(name=f"c{n}") for n in range(50))), most=20)
    assert len(found) == 20
    assert named(found, "weir_clock_trusted") == {(): 1}
    assert named(found, "weir_series_refused")[()] > 500


@pytest.mark.parametrize("value", ['say "hi"', "back\\slash", "Größe 東京", "a × b", " ", "x" * 200])
def test_label_values_come_back_as_they_were(value: str):
    assert shown_value(value) == value


@pytest.mark.parametrize(
    "value", ["x" * 201, "two\nlines", "nul\0", "lone \ud800 surrogate", "\x1b[31m", "\u202egnp"]
)
def test_odd_label_values_are_changed_and_marked(value: str):
    said = shown_value(value)
    assert said != value
    assert len(said) <= 200
    assert "~" in said


def shown_value(value: str) -> str:
    (key,) = named(samples(board(regions(value))), "weir_segment_reading")
    return key[2]


def test_label_values_that_differ_late_stay_apart():
    twins = regions("x" * 300 + "1", "x" * 300 + "2", "\n", "\r")
    assert len(named(samples(board(twins)), "weir_segment_reading")) == 4


def test_short_values_are_left_alone():
    assert label("eu") == "eu"
    assert label("") == ""


def full() -> Board:
    """A board with a line of every metric."""
    counter = Counter({"good": 95, "total": 100, "sum": SECOND, "delays": {0: 1, 900: 2}}, 3)
    segment, burns = Segment("region", 'a"\\'), (Burn(HOUR, 0.2, 50, 1e-9, 0.1),)
    low = stored(0.0, Outcome.FAIL, segment)
    low = replace(low, reading=replace(low.reading, good=0, total=50))
    some, mine = {segment: low}, (SegmentBurns(segment, burns),)
    return board(
        check(
            slo=slo(burns=burns, segments=mine),
            counter=counter,
            segments=some,
            expected=("trend",),
            created=AT,
        ),
        datasets=(Watermark("events", AT, AT, 1, 2, 3, 4),),
        deleted={"gone": AT},
        probes=(
            Probed("click", "events", AT, AT, "fail", "1 of 2 lost", {"lost": 1, "arrived": 1}, 2.5, 0.5),
        ),
    )


def test_openmetrics_can_be_read():
    text = exposition.generate_latest(registry(full())).decode()
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    assert text.endswith("# EOF\n")
    assert families["weir_check_runs"].type == "counter"
    assert families["weir_delay_seconds"].type == "histogram"
    assert families["weir_slo"].type == "info"


def test_every_metric_is_on_a_full_board():
    lines = {name for name, _ in samples(full())}
    for name in FAMILIES:
        assert {name, f"{name}_total", f"{name}_bucket"} & lines, name


@pytest.mark.prometheus
def test_promtool_finds_nothing_to_say(promtool: Path):
    command, text = [promtool, "check", "metrics"], generate_latest(registry(full()))
    done = subprocess.run(command, input=text, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_burning_is_shown_by_window():
    burns = (Burn(5 * MINUTE, 0.2, 50, 1e-9, 0.1), Burn(60 * MINUTE, None, 0, None))
    found = samples(board(check(slo=slo(burns=burns))))
    assert named(found, "weir_slo_bad_ratio") == {("loss", "28d"): 0.005, ("loss", "5m"): 0.2}
    assert named(found, "weir_slo_events") == {("loss", "28d"): 1000, ("loss", "5m"): 50, ("loss", "1h"): 0}
    assert named(found, "weir_slo_bad_tail_probability") == {("loss", "5m"): 1e-9}
    assert named(found, "weir_slo_bad_ratio_lower_limit") == {("loss", "5m"): 0.1}


def test_an_objective_of_everything_has_no_budget_to_overspend():
    found = samples(board(check(slo=slo(objective=1.0, budget_left=float("-inf")))))
    assert named(found, "weir_slo_error_budget_remaining_ratio") == {("loss",): float("-inf")}


def test_segments_of_an_objective_are_shown_by_window():
    burns = (Burn(5 * MINUTE, 0.2, 50, 1e-9, 0.1), Burn(60 * MINUTE, None, 0, None))
    row = slo(burns=burns, segments=(SegmentBurns(Segment("region", "eu"), burns),))
    found = samples(board(check(slo=row)))
    assert named(found, "weir_segment_bad_ratio") == {("region", "loss", "eu", "5m"): 0.2}
    assert named(found, "weir_segment_events") == {
        ("region", "loss", "eu", "5m"): 50,
        ("region", "loss", "eu", "1h"): 0,
    }
    assert named(found, "weir_segment_bad_tail_probability") == {("region", "loss", "eu", "5m"): 1e-9}
    assert named(found, "weir_segment_bad_ratio_lower_limit") == {("region", "loss", "eu", "5m"): 0.1}
    assert named(found, "weir_slo_events") == {("loss", "28d"): 1000, ("loss", "5m"): 50, ("loss", "1h"): 0}


def test_what_a_check_expects_is_found_or_not():
    said = replace(stored(0.9), reading=Reading(0.9, detail={"trend": {"slope": -1, "broken": True}}))
    found = samples(board(check(total=said, expected=("anomaly", "trend"))))
    assert named(found, "weir_check_finding") == {("loss", "anomaly"): 0, ("loss", "trend"): 1}
    assert named(samples(board(check())), "weir_check_finding") == {}


def test_maintenance_is_on_by_check_or_for_all():
    assert named(samples(board(check())), "weir_maintenance_active") == {("",): 0}
    health = replace(HEALTH, maintained=frozenset({"loss"}))
    assert named(samples(board(check()), health=health), "weir_maintenance_active") == {
        ("",): 0,
        ("loss",): 1,
    }


def test_a_calendar_month_has_a_name_and_no_length():
    found = samples(board(check(slo=slo(label="month", window=19 * DAY))))
    assert named(found, "weir_slo_bad_ratio") == {("loss", "month"): 0.005}
