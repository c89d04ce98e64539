"""What is safe to train on, held against rows that are counted here by hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.cli import weir
from monitor.errors import UsageError
from monitor.model import DAY, HOUR, MINUTE, Segment, Window
from monitor.store import Store, compact, open_store
from monitor.tick import tick
from monitor.trust.counting import counting
from monitor.trust.dataset import Asked, Trust, as_measured, trust
from monitor.trust.findings import State
from tests.pipelines import Pipeline, micros

NOW = micros("2026-11-20T12:00Z")
BEGIN = NOW - 4 * HOUR
WHOLE = Window(BEGIN, NOW - HOUR)
PRESENT = {"kind": "ratio", "dataset": "rows", "good": "ok", "settle": "0s", "every": "1m", "window": "5m"}
CHECKS: dict[str, Any] = {"present": PRESENT | {"by": ["region", "device"], "fail": "< 95%"}}
Bad = Callable[[pd.DataFrame], Any]


def at(clock: str) -> int:
    return micros(f"2026-11-20T{clock}Z")


def table(bad: Bad, end: int = NOW, begin: int = BEGIN, each: int = 60) -> pd.DataFrame:
    """`each` rows a minute, a quarter of them in eu, half on ios; `ok` is false where `bad` says so."""
    n = pd.Series(range((end - begin) // MINUTE * each))
    frame = pd.DataFrame({"t": pd.to_datetime(begin + n * MINUTE // each, unit="us", utc=True)})
    frame["region"] = (n % 4).map({0: "eu", 1: "us", 2: "us", 3: "apac"})
    frame["device"] = (n // 4 % 2).map({0: "ios", 1: "web"})
    frame["n"] = n
    frame["ok"] = ~bad(frame)
    return frame.assign(t=frame["t"].astype("datetime64[us, UTC]"))


def between(frame: pd.DataFrame, start: str, end: str) -> Any:
    return (frame["t"] >= f"2026-11-20T{start}Z") & (frame["t"] < f"2026-11-20T{end}Z")


def rows(lake: Pipeline, frame: pd.DataFrame, name: str = "rows") -> None:
    lake.rows(name, frame, time="t", key="n", lateness="0s")


def measure(lake: Pipeline, checks: dict[str, Any] = CHECKS, now: int = NOW, begin: int = BEGIN) -> None:
    """A tick, and everything before it that has settled."""
    _fill(lake.load(checks), lake.store, now, begin)


def _fill(config: Any, store: Store, now: int, begin: int = BEGIN) -> None:
    with Sources(config) as sources:
        tick(config, store, sources, now)
        backfill(config, store, sources, Window(begin, now), now)


def asked(
    lake: Pipeline,
    checks: dict[str, Any] = CHECKS,
    window: Window | None = WHOLE,
    now: int = NOW,
    **more: Any,
) -> Trust:
    config = as_measured(lake.load(checks), lake.store)
    return trust(config, lake.store, Asked("rows", window, **more), now)


def told(found: Trust) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Intervals as a person writes them."""
    return [
        (
            pd.Timestamp(each.window.start, unit="us").strftime("%H:%M"),
            pd.Timestamp(each.window.end, unit="us").strftime("%H:%M"),
            each.state.value,
            sorted((one.dimension, one.value) for one in each.segments),
        )
        for each in found.intervals
    ]


def test_what_all_checks_passed_is_safe(lake: Pipeline):
    rows(lake, table(lambda frame: frame["n"] % 100 == 0))
    measure(lake)
    found = asked(lake)
    assert told(found) == [("08:00", "11:00", "safe", [])]
    assert (found.safe, found.state) == (1.0, State.SAFE)


def test_damage_everywhere_is_found_to_the_minute_with_its_numbers(lake: Pipeline):
    frame = table(lambda frame: between(frame, "09:30", "09:47") & (frame["n"] % 3 == 0))
    rows(lake, frame)
    measure(lake)
    found = asked(lake)
    assert told(found) == [
        ("08:00", "09:30", "safe", []),
        ("09:30", "09:47", "damaged", []),
        ("09:47", "11:00", "safe", []),
    ]
    (finding,) = found.findings
    damaged = frame[between(frame, "09:30", "09:47")]
    assert (finding.reading.good, finding.reading.total) == (damaged["ok"].sum(), len(damaged))
    assert finding.reading.value == pytest.approx(damaged["ok"].mean())
    assert found.safe == pytest.approx(1 - 17 / 180)
    assert found.state == State.DAMAGED


def test_damage_of_one_segment_leaves_the_others_safe(lake: Pipeline):
    def bad(frame: pd.DataFrame) -> Any:
        return between(frame, "10:00", "10:20") & (frame["region"] == "eu") & (frame["n"] % 8 < 4)

    frame = table(bad)
    rows(lake, frame)
    measure(lake)
    found = asked(lake)
    assert told(found) == [
        ("08:00", "10:00", "safe", []),
        ("10:00", "10:20", "partly", [("region", "eu")]),
        ("10:20", "11:00", "safe", []),
    ]
    (finding,) = found.findings
    mine = frame[between(frame, "10:00", "10:20") & (frame["region"] == "eu")]
    ((segment, reading),) = finding.parts
    assert segment == Segment("region", "eu")
    assert (reading.good, reading.total) == (mine["ok"].sum(), len(mine))
    assert found.safe == pytest.approx(1 - 20 / 180 * 0.25)
    assert asked(lake, segment={"region": "us"}).safe == 1.0
    assert told(asked(lake, segment={"region": "eu"}))[1][2] == "damaged"
    other = told(asked(lake, segment={"device": "ios"}))[1]
    assert other[2:] == ("partly", [("region", "eu")])


def test_two_faults_in_two_dimensions_are_both_left_out(lake: Pipeline):
    def bad(frame: pd.DataFrame) -> Any:
        eu = (frame["region"] == "eu") & (frame["n"] % 8 < 4)
        ios = (frame["device"] == "ios") & (frame["n"] % 3 == 0)
        return between(frame, "10:00", "10:20") & (eu | ios)

    rows(lake, table(bad))
    measure(lake)
    assert told(asked(lake))[1][2] in ("damaged", "partly")
    assert asked(lake, segment={"region": "us", "device": "web"}).state in (State.SAFE, State.DAMAGED)
    assert asked(lake, segment={"device": "ios"}).state == State.DAMAGED


def test_what_was_not_measured_is_not_safe(lake: Pipeline):
    rows(lake, table(lambda frame: frame["n"] < 0))
    lake.tick(at("09:30"), CHECKS)  # a tick measures its own window, and no objective asks for more
    found = asked(lake)
    assert told(found) == [
        ("08:00", "09:25", "unknown", []),
        ("09:25", "09:30", "safe", []),
        ("09:30", "11:00", "unknown", []),
    ]
    assert found.intervals[0].because == (("present", "it was not measured then"),)
    assert found.state == State.UNKNOWN


def test_a_check_that_was_never_measured_leaves_nothing_safe(lake: Pipeline):
    rows(lake, table(lambda frame: frame["n"] < 0))
    measure(lake)
    more = CHECKS | {"new": PRESENT | {"fail": "< 50%"}}
    found = asked(lake, more)
    assert told(found) == [("08:00", "11:00", "unknown", [])]
    assert found.intervals[0].because == (("new", "it was never measured"),)
    assert asked(lake, more, without=frozenset({"new"})).state == State.SAFE


def test_hours_without_a_row_are_not_known_to_be_safe(lake: Pipeline):
    frame = table(lambda frame: frame["n"] < 0)
    rows(lake, frame[~between(frame, "09:00", "10:00")])
    measure(lake)
    found = asked(lake)
    assert told(found)[1] == ("09:03", "09:58", "unknown", [])  # no window that holds it saw a row
    assert found.intervals[1].because == (("present", "no row was there"),)


def test_few_events_are_not_judged(lake: Pipeline):
    rows(lake, table(lambda frame: frame["n"] < 0))
    few = {"present": CHECKS["present"] | {"min_events": 1000}}
    measure(lake, few)
    found = asked(lake, few)
    assert told(found) == [("08:00", "11:00", "unknown", [])]
    assert found.intervals[0].because == (("present", "too few events to judge"),)


def test_rows_that_may_still_come_are_not_known(lake: Pipeline):
    rows(lake, table(lambda frame: frame["n"] < 0))
    late = {"present": CHECKS["present"] | {"settle": "30m"}}
    measure(lake, late)
    found = asked(lake, late, Window(at("11:00"), NOW))
    assert told(found) == [("11:00", "11:30", "safe", []), ("11:30", "12:00", "unknown", [])]
    assert found.intervals[1].because == (("present", "its rows may still come"),)


def test_a_volume_that_falls_is_damage_whatever_its_window_holds(lake: Pipeline):
    frame = table(lambda frame: frame["n"] < 0)
    rows(lake, frame[~(between(frame, "09:00", "09:30") & (frame["n"] % 4 > 0))])
    volume = {"volume": {"kind": "volume", "dataset": "rows", "every": "1m", "window": "5m", "fail": "< 200"}}
    measure(lake, volume)
    assert told(asked(lake, volume)) == [
        ("08:00", "09:00", "safe", []),
        ("09:00", "09:30", "damaged", []),
        ("09:30", "11:00", "safe", []),
    ]


def test_an_objective_without_a_bound_judges_by_what_would_page(lake: Pipeline):
    promised = {"present": PRESENT | {"slo": {"objective": "99%", "window": "7d"}}}
    rows(lake, table(lambda frame: between(frame, "09:00", "09:20") & (frame["n"] % 2 == 0)))
    measure(lake, promised)
    assert told(asked(lake, promised))[1] == ("09:00", "09:20", "damaged", [])


def test_a_change_that_broke_is_damage_as_it_was_said(lake: Pipeline):
    changed = {
        "present": PRESENT | {"change": {"against": "1h", "fail": "< -30%"}, "window": "10m", "every": "10m"}
    }
    rows(lake, table(lambda frame: between(frame, "10:00", "10:30") & (frame["n"] % 2 == 0)))
    for minutes in range(10, 181, 10):
        lake.tick(BEGIN + minutes * MINUTE, changed)
    lake.tick(NOW, changed)
    found = asked(lake, changed)
    assert ("10:00", "10:30", "damaged", []) in told(found)
    assert found.safe == pytest.approx(1 - 30 / 180)


def test_rows_that_came_after_a_failure_make_it_good(lake: Pipeline):
    frame = table(lambda frame: frame["n"] < 0)
    gone = between(frame, "10:00", "10:10") & (frame["n"] % 2 == 0)
    volume = {
        "volume": {
            "kind": "volume",
            "dataset": "rows",
            "every": "1m",
            "window": "5m",
            "bucket": "1m",
            "settle": "1m",
            "fail": "< 200",
        }
    }
    window = Window(at("09:00"), at("10:30"))
    lake.rows("rows", frame[~gone], time="t", key="n", lateness="2h")
    assert lake.tick(at("10:11"), volume)["volume"].outcome == "fail"
    measure(lake, volume)
    assert told(asked(lake, volume, Window(at("09:00"), at("09:50"))))[0][2] == "safe"
    assert asked(lake, volume, window).state == State.UNKNOWN  # they may still come
    lake.rows("rows", frame[gone])
    measure(lake, volume, now=at("13:00"))
    assert asked(lake, volume, window, now=at("13:00")).state == State.SAFE


def test_old_damage_is_told_in_whole_hours(lake: Pipeline):
    begin = NOW - 6 * DAY
    hour = Window(NOW - 5 * DAY, NOW - 5 * DAY + HOUR)

    def bad(frame: pd.DataFrame) -> Any:
        micro = frame["t"].astype("datetime64[us, UTC]").astype("int64")
        return (micro >= hour.start + 10 * MINUTE) & (micro < hour.start + 40 * MINUTE)

    rows(lake, table(bad, begin=begin, each=4))
    checks = {"present": CHECKS["present"] | {"slo": {"objective": "99%", "window": "7d"}}}
    measure(lake, checks, begin=begin)
    found = asked(lake, checks, Window(begin + DAY // 2, NOW - HOUR))
    damaged = [each.window for each in found.intervals if each.state == State.DAMAGED]
    assert damaged == [Window(hour.start + 10 * MINUTE, hour.start + 40 * MINUTE)] or damaged == [hour]
    assert (
        sum((finding.reading.total or 0) - (finding.reading.good or 0) for finding in found.findings) == 120
    )


# Which checks count -----------------------------------------------------------------------------------------


@pytest.fixture
def several(lake: Pipeline) -> Any:
    """A configuration of several datasets and of all sorts of checks."""
    for name in ("emitted", "events", "shown", "labels"):
        lake.declare(name, time="t", key="id")
    checks: dict[str, Any] = {
        "arrived": {"kind": "match", "left": "emitted", "right": "events", "fail": "< 99%"},
        "sent": {"kind": "volume", "dataset": "emitted", "fail": "< 1"},
        "basket": {"kind": "ratio", "dataset": "events", "good": "ok", "fail": "< 9%", "upstream": ["sent"]},
        "new": {"kind": "freshness", "dataset": "events", "fail": "> 5m"},
        "labelled": {"kind": "match", "left": "shown", "right": "labels", "after": "0s", "stage": "label"},
        "known": {"kind": "match", "left": "labels", "right": "shown", "after": "-7d", "within": "1m"},
        "whole": {"kind": "flow", "stages": ["emitted", "events"], "fail": "< 9%"},
    }
    return lake.load(checks)


@pytest.mark.parametrize(
    "dataset, counted, left",
    [
        ("events", {"arrived", "basket", "whole", "sent"}, {"new"}),
        ("emitted", {"sent"}, set[str]()),
        ("shown", {"labelled", "known"}, set[str]()),
        ("labels", {"labelled", "known"}, set[str]()),
    ],
)
def test_a_dataset_is_spoken_of_by_its_own_checks_by_those_upstream_and_by_what_ends_in_it(
    several: Any, dataset: str, counted: set[str], left: set[str]
):
    found = counting(several, dataset)
    assert (set(found.checks), set(found.left_out)) == (counted, left)


def test_why_a_check_counts_is_said(several: Any):
    found = counting(several, "events", also=frozenset({"new"}), without=frozenset({"whole"}))
    assert found.checks == {
        "arrived": "rows of emitted end in it",
        "basket": "its own",
        "new": "asked for",
        "sent": "upstream of basket",
    }
    assert found.left_out == {"whole": "left out on request"}


# The command ------------------------------------------------------------------------------------------------


def run(lake: Pipeline, *arguments: str) -> tuple[int, str]:
    path = str(Path(lake.folder) / "weir.yaml")
    done = CliRunner().invoke(weir, ["trust", "rows", "--config", path, *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


STRETCH = ("--from", "2026-11-20T08:00Z", "--to", "2026-11-20T11:00Z")


@pytest.fixture
def damaged(lake: Pipeline) -> Pipeline:
    """A file as a store, and a region that lost half of its values for twenty minutes."""

    def bad(frame: pd.DataFrame) -> Any:
        return between(frame, "10:00", "10:20") & (frame["region"] == "eu") & (frame["n"] % 8 < 4)

    rows(lake, table(bad))
    config = lake.load(CHECKS)
    store = open_store(config.store)
    _fill(config, store, NOW)
    store.close()
    return lake


@pytest.mark.parametrize(
    "more, code",
    [
        ((), 1),
        (("--segment", "region=us"), 0),
        (("--segment", "region=eu"), 1),
        (("--least", "95%"), 0),
        (("--least", "99%"), 1),
    ],
)
def test_the_exit_code_says_it(damaged: Pipeline, more: Sequence[str], code: int):
    assert run(damaged, *STRETCH, *more)[0] == code


def test_what_is_only_not_known_is_three(damaged: Pipeline):
    assert run(damaged, "--from", "2026-11-19T08:00Z", "--to", "2026-11-20T09:00Z")[0] == 3


def test_the_json_has_intervals_without_gaps_and_numbers(damaged: Pipeline):
    code, out = run(damaged, *STRETCH, "--json")
    found = json.loads(out)
    assert (code, found["state"], found["dataset"], found["segment"]) == (1, "partly", "rows", None)
    ends = [each["end"] for each in found["intervals"]]
    assert [each["start"] for each in found["intervals"]] == ["2026-11-20T08:00:00Z", *ends[:-1]]
    assert found["intervals"][1]["except"] == [{"region": "eu"}]
    assert found["findings"][0]["segments"][0]["bad"] == 150  # half of the 15 rows a minute, for 20 minutes
    assert found["checks"] == [{"check": "present", "counts": "its own"}]


@pytest.mark.parametrize(
    "more, message",
    [
        (("--segment", "region=ue"), "no 'region' is called 'ue' (did you mean 'eu'?)"),
        (
            ("--segment", "country=eu"),
            "no check that counts is measured by 'country' (there are device, region)",
        ),
        (("--segment", "eu"), "'eu' is no segment (write one such as region=eu, each dimension once)"),
    ],
)
def test_a_segment_that_is_not_there_is_bad_usage(damaged: Pipeline, more: Sequence[str], message: str):
    with pytest.raises(UsageError) as refused:
        run(damaged, *STRETCH, *more)
    assert message.partition(" (")[0] in str(refused.value)


def test_people_read_why(damaged: Pipeline):
    _, out = run(damaged, *STRETCH)
    assert "safe without region = eu  (present)" in out
    assert "region = eu: 50.00%, 150 of 300 bad" in out


def test_a_redefined_check_keeps_what_it_said_before(lake: Pipeline):
    rows(lake, table(lambda frame: between(frame, "09:00", "09:10")))
    before = {"present": PRESENT | {"fail": "< 95%", "window": "5m", "every": "5m"}}
    for minutes in range(10, 121, 5):
        lake.tick(BEGIN + minutes * MINUTE, before)
    after = {"present": before["present"] | {"good": "ok or region = 'mars'"}}
    for minutes in range(120, 241, 5):
        lake.tick(BEGIN + minutes * MINUTE, after)
    found = asked(lake, after, Window(at("08:10"), NOW - HOUR))
    assert told(found) == [
        ("08:10", "09:00", "safe", []),
        ("09:00", "09:10", "damaged", []),
        ("09:10", "11:00", "safe", []),
    ]


def test_a_failure_that_an_hour_hides_is_told_as_it_was_said(lake: Pipeline):
    begin = NOW - 5 * DAY
    start = NOW - 4 * DAY - 30 * MINUTE
    lost = Window(start, start + MINUTE)

    def bad(frame: pd.DataFrame) -> Any:
        micro = frame["t"].astype("int64")
        return (micro >= lost.start) & (micro < lost.end) & (frame["n"] % 2 == 0)

    rows(lake, table(bad, begin=begin, each=4))
    check = PRESENT | {"fail": "< 95%", "slo": {"objective": "90%", "window": "7d"}}
    assert lake.tick(lost.end, {"present": check})["present"].outcome == "fail"
    lake.tick(lost.end + 3 * MINUTE, {"present": check})
    for ahead in range(4, 12):
        lake.tick(lost.end + ahead * MINUTE, {"present": check})
    lake.tick(NOW, {"present": check})
    compact(lake.store, NOW)
    found = asked(lake, {"present": check}, Window(NOW - 4 * DAY - HOUR, NOW - 4 * DAY + HOUR))
    damaged = [each.window for each in found.intervals if each.state == State.DAMAGED]
    assert len(damaged) == 1
    assert damaged[0].start <= lost.start
    assert lost.end <= damaged[0].end <= lost.end + 5 * MINUTE
