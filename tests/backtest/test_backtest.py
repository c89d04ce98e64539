"""The past replayed: the same pages as an evaluator that ran live, tick by tick."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from monitor import names
from monitor.alerting.embedded import evaluate
from monitor.alerting.rules import links_of, rules
from monitor.alerting.states import Life, State
from monitor.backfill import backfill
from monitor.backtest.attempts import silences, ticks
from monitor.backtest.gauges import Shown
from monitor.backtest.held import with_held
from monitor.backtest.measuring import Asked, gather
from monitor.backtest.past import Past, past
from monitor.backtest.replay import Fired, replay
from monitor.backtest.report import Compared, as_text
from monitor.backtest.series import series
from monitor.binding.sources import Sources
from monitor.board import board
from monitor.cli import weir
from monitor.errors import UsageError
from monitor.exporter import BoardCollector, Health
from monitor.iso import iso
from monitor.model import DAY, HOUR, MINUTE, SECOND, TOTAL, Outcome, Reading, Severity, Window
from monitor.store import compact
from monitor.store.readings import Stored
from monitor.tick import tick
from tests.pipelines import Pipeline, micros

T0 = micros("2026-11-10T00:00Z")
SLO = {"objective": "99%", "window": "28d"}
LOSS = {"kind": "ratio", "dataset": "rows", "good": "ok", "every": "5m", "settle": "2m", "slo": SLO}


def rows(lake: Pipeline, minutes: int, bad: Mapping[int, float], name: str = "rows", each: int = 40) -> None:
    """So many rows a minute from T0 on; of those of the minutes in `bad` a share is bad."""
    at, ok = [], []
    for minute in range(minutes):
        share = bad.get(minute, 0.0)
        for n in range(each):
            at.append(T0 + minute * MINUTE + n * MINUTE // each)
            ok.append(n >= share * each)
    table = {"t": pa.array(at, pa.timestamp("us", tz="UTC")), "ok": ok}
    lake.rows(name, pa.table(table), time="t", lateness="0s")


def during(first: int, last: int, share: float) -> dict[int, float]:
    return dict.fromkeys(range(first, last), share)


def fill(lake: Pipeline, config: Any, end: int) -> None:
    with Sources(config) as sources:
        done = backfill(config, lake.store, sources, Window(T0, end), end)
    assert not done.errors


def replayed(lake: Pipeline, config: Any, window: Window, now: int | None = None, **more: Any) -> Past:
    asked = Asked(window, now or window.end, **more)
    with Sources(config) as sources:
        return past(gather(config, lake.store, config.pipeline, sources, asked), asked)


Told = tuple[str, str, str, int, int | None]


def told(found: Past) -> list[Told]:
    return [
        (f.name, f.labels.get(names.SLO) or f.labels[names.CHECK], f.labels[names.SEVERITY], f.start, f.end)
        for f in found.fired
    ]


def live(lake: Pipeline, config: Any, window: Window, step: int) -> tuple[list[Told], dict[Told, str]]:
    """What an evaluator finds that runs after every tick, over what /metrics shows then."""
    alerts = list(rules(config, links_of(config)).alerts)
    lives: dict[str, Life] = {}
    found: dict[tuple[str, str, str, int], int | None] = {}
    open_: dict[str, tuple[str, str, str, int]] = {}
    said: dict[Any, str] = {}
    collector = BoardCollector(10_000)
    with Sources(config) as sources:
        for now in range(window.start, window.end + 1, step):
            tick(config, lake.store, sources, now)
            collector.publish(board(config, lake.store, burns=True), Health("1", config.digest))
            samples: dict[str, list[Any]] = {}
            for family in collector.collect():
                for sample in family.samples:
                    samples.setdefault(sample.name, []).append((sample.labels, sample.value))
            standings = evaluate(alerts, samples, lives, now)
            lives = {each.key: each.life for each in standings}
            for each in standings:
                if each.alert.name not in ("BudgetBurn", "IngestionFailing", "CheckFailing"):
                    continue
                firing = each.life.state == State.FIRING
                labels = each.alert.labels
                if firing and each.key not in open_:
                    subject = labels.get(names.SLO) or labels[names.CHECK]
                    open_[each.key] = (each.alert.name, subject, labels[names.SEVERITY], now)
                    found[open_[each.key]] = None
                    said[open_[each.key]] = each.summary
                elif not firing and each.key in open_:
                    found[open_.pop(each.key)] = now
    return sorted(((*key, end) for key, end in found.items()), key=lambda each: each[3]), said


STORIES: dict[str, dict[int, float]] = {
    "outage": during(130, 160, 0.5),
    "twice": during(100, 115, 1.0) | during(220, 230, 0.8),
    "leak": during(60, 250, 0.05),
    "noise": dict.fromkeys(range(0, 300, 17), 0.3),
    "nothing": {},
}


def test_pages_and_tickets_are_those_of_an_evaluator_that_ran_live(lake: Pipeline):
    for name, story in STORIES.items():
        rows(lake, 300, story, name=name)
    checks = {name: LOSS | {"dataset": name} for name in STORIES}
    checks["tickets"] = LOSS | {"dataset": "outage", "severity": "ticket", "slo": SLO | {"objective": "95%"}}
    config = lake.load(checks)
    window = Window(T0 + 60 * MINUTE, T0 + 300 * MINUTE)
    fill(lake, config, window.start)
    wanted, said = live(lake, config, window, 5 * MINUTE)
    found = replayed(lake, config, window)
    assert sorted(told(found), key=str) == sorted(wanted, key=str)
    assert {told(found)[n][:4]: f.said for n, f in enumerate(found.fired)} == said
    assert {(each[1], each[2]) for each in wanted} >= {
        ("outage", "page"),
        ("twice", "page"),
        ("leak", "ticket"),
        ("tickets", "ticket"),
    }
    assert not {each[1] for each in wanted} & {"nothing"}
    assert not found.anew


def test_slices_are_replayed_as_live(lake: Pipeline):
    rows(lake, 360, during(100, 160, 0.5))
    slo = SLO | {"budgeting": "timeslices", "slice": "5m", "slice_target": "95%"}
    config = lake.load({"loss": LOSS | {"slo": slo}})
    window = Window(T0 + 60 * MINUTE, T0 + 360 * MINUTE)
    fill(lake, config, window.start)
    wanted, _ = live(lake, config, window, 5 * MINUTE)
    assert wanted
    found = replayed(lake, config, window)
    assert sorted(told(found)) == sorted(wanted)
    assert not found.anew
    again = replayed(lake, config, window, from_source=True)
    assert (again.anew, told(again)) == ({"loss"}, told(found))


def test_failing_ingestion_and_what_nobody_sends(lake: Pipeline):
    rows(lake, 300, {}, name="sent", each=20)
    keys = pa.table({"t": [T0 + n * MINUTE // 20 for n in range(6000)], "id": list(range(6000))})
    lake.datasets.clear()
    typed = keys.set_column(0, "t", keys["t"].cast(pa.timestamp("us", tz="UTC")))
    lake.rows("emitted", typed, time="t", key="id", lateness="0s")
    here = pa.compute.invert(
        pa.compute.and_(pa.compute.greater(typed["id"], 3000), pa.compute.less(typed["id"], 4000))
    )
    lake.rows("events", typed.filter(here), time="t", key="id", lateness="0s")
    count = {"kind": "volume", "window": "5m", "every": "5m"}
    checks = {
        "emitted-volume": count | {"dataset": "emitted"},
        "events-volume": count | {"dataset": "events"},
        "arrives": {
            "kind": "match",
            "left": "emitted",
            "right": "events",
            "key": "id",
            "within": "1m",
            "every": "5m",
            "stage": "ingest",
            "upstream": ["emitted-volume"],
            "slo": SLO,
        },
    }
    config = lake.load(checks)
    window = Window(T0 + 60 * MINUTE, T0 + 300 * MINUTE)
    fill(lake, config, window.start)
    wanted, _ = live(lake, config, window, 5 * MINUTE)
    assert {each[0] for each in wanted} == {"BudgetBurn", "IngestionFailing"}
    found = replayed(lake, config, window)
    assert sorted(told(found)) == sorted(wanted)
    assert not found.anew


PLAIN = {key: each for key, each in LOSS.items() if key != "slo"}


BOUNDS: dict[str, tuple[dict[str, Any], int]] = {
    "tight": ({"fail": "< 90%"}, 2),
    "wide": ({"fail": "< 60%"}, 1),
    "slow": ({"fail": "< 90%", "for": "25m"}, 1),
    "never": ({"fail": "< 1%"}, 0),
}


def test_other_bounds_are_held_against_what_was_said(lake: Pipeline):
    rows(lake, 300, during(100, 115, 0.3) | during(200, 240, 0.5))
    window = Window(T0 + 60 * MINUTE, T0 + 300 * MINUTE)
    new = lake.load({name: PLAIN | bounds for name, (bounds, _) in BOUNDS.items()})
    wanted, said = live(lake, new, window, 5 * MINUTE)
    assert {name: sum(each[1] == name for each in wanted) for name in BOUNDS} == {
        name: fires for name, (_, fires) in BOUNDS.items()
    }
    lake.close()
    old = lake.load({name: PLAIN | {"fail": "< 99%", "warn": "< 99.9%"} for name in BOUNDS})
    live(lake, old, window, 5 * MINUTE)
    again = lake.load({name: PLAIN | bounds for name, (bounds, _) in BOUNDS.items()})
    found = replayed(lake, again, window, before=old)
    assert sorted(told(found), key=str) == sorted(wanted, key=str)
    assert {told(found)[n][:4]: f.said for n, f in enumerate(found.fired)} == said


def test_what_it_said_of_another_window_is_told_anew(lake: Pipeline):
    """Whatever is changed: from its rollups where they are the same, else from the source."""
    rows(lake, 300, during(100, 160, 0.3) | during(200, 240, 0.05))
    window = Window(T0 + 60 * MINUTE, T0 + 300 * MINUTE)
    base = PLAIN | {"fail": "< 90%"}
    new = {
        "window": base | {"window": "30m"},
        "where": base | {"where": "ok or not ok"},
        "change": base | {"change": {"against": "1h", "fail": "< -10%"}, "fail": "< 3%"},
    }
    config = lake.load(new)
    wanted, said = live(lake, config, window, 5 * MINUTE)
    assert {each[1] for each in wanted} == {"window", "where", "change"}
    lake.close()
    old = lake.load(dict.fromkeys(new, base))
    fill(lake, old, window.start)
    live(lake, old, window, 5 * MINUTE)
    found = replayed(lake, lake.load(new), window, before=old)
    assert sorted(told(found), key=str) == sorted(wanted, key=str)
    assert {told(found)[n][:4]: f.said for n, f in enumerate(found.fired)} == said
    assert found.anew == {"where"}
    assert not found.missing


def fired(name: str, check: str, severity: str, first: int, last: int | None, **labels: str) -> Fired:
    labels = {names.PIPELINE: "test", names.SLO: check, names.SEVERITY: severity} | labels
    end = None if last is None else T0 + last * MINUTE
    return Fired(name, labels, T0 + first * MINUTE, end, f"{name} said")


def test_tickets_that_pages_hold_back_all_the_time():
    found = [
        fired("BudgetBurn", "loss", "page", 10, 30),
        fired("BudgetBurn", "loss", "ticket", 12, 25),  # within its page
        fired("BudgetBurn", "loss", "ticket", 40, None),  # alone
        fired("BudgetBurn", "up", "ticket", 15, 20),  # another's page
        fired("Explained", "loss", "none", 105, 150, explains="BudgetBurn"),
        fired("BudgetBurn", "loss", "ticket", 105, 150),
        fired("BudgetBurn", "loss", "ticket", 105, 200),  # explained for a while
        fired("SegmentBurn", "loss", "ticket", 105, 150),  # another alert is explained
    ]
    told_ = with_held(found, [], T0 + 1000 * MINUTE)
    assert [each.held for each in told_] == [False, True, False, False, False, True, False, False]
    assert told_[1].by == ("BudgetBurn (page) of loss",)
    assert told_[6].told == T0 + 150 * MINUTE
    assert told_[6].by == ("Explained said",)


# A replay against an evaluation at every instant ------------------------------------------------------------


def walked(rng: np.random.Generator, steps: int, scale: float) -> np.ndarray:
    """A gauge that jumps now and then, stands still, and is not there for a while."""
    jumps = np.where(rng.random(steps) < 0.08, rng.random(steps) * scale, np.nan)
    jumps[0] = rng.random() * scale
    known = np.maximum.accumulate(np.where(np.isnan(jumps), 0, np.arange(steps)))
    values = jumps[known]
    gone = rng.integers(0, steps)
    values[gone : gone + rng.integers(0, 20)] = np.nan
    return values


@pytest.mark.parametrize("seed", range(8))
def test_only_the_instants_that_matter_are_evaluated(lake: Pipeline, seed: int):
    lake.declare("rows", time="t")
    config = lake.load({"loss": LOSS, "n": {"kind": "volume", "dataset": "rows"}})
    alerts = [a for a in rules(config, links_of(config)).alerts if a.name in ("BudgetBurn", "CheckFailing")]
    alerts += [a for a in rules(config, links_of(config)).alerts if a.name in ("CheckStale", "SliMissing")]
    rng, steps = np.random.default_rng(seed), 300
    times = T0 + np.arange(steps, dtype=np.int64) * MINUTE
    slo = {names.PIPELINE: "test", names.SLO: "loss"}
    check = {names.PIPELINE: "test", names.CHECK: "loss"}
    shown = [
        *(Shown(names.SLO_BAD_RATIO, slo | {names.WINDOW: w}, walked(rng, steps, 0.3)) for w in WINDOWS),
        *(Shown(names.SLO_EVENTS, slo | {names.WINDOW: w}, np.round(walked(rng, steps, 2))) for w in WINDOWS),
        *(Shown(names.SLO_TAIL, slo | {names.WINDOW: w}, walked(rng, steps, 2e-5)) for w in WINDOWS),
        Shown(names.OUTCOME, check | {names.RESULT: "fail"}, np.round(walked(rng, steps, 1))),
        Shown(names.LAST_SUCCESS, check, times / SECOND - walked(rng, steps, 1800)),
        Shown(names.INTERVAL, check, np.where(walked(rng, steps, 1) > 0, 300.0, np.nan)),
    ]
    lives: dict[str, Life] = {}
    firing: dict[int, set[str]] = {}
    for place, now in enumerate(times.tolist()):
        samples: dict[str, list[Any]] = {}
        for each in shown:
            if not np.isnan(each.values[place]):
                samples.setdefault(each.metric, []).append((each.labels, float(each.values[place])))
        standings = evaluate(alerts, samples, lives, now)
        lives = {each.key: each.life for each in standings}
        firing[now] = {f"{s.alert.name} {s.alert.own}" for s in standings if s.life.state == State.FIRING}
    found = replay(alerts, shown, times)
    again = {
        now: {
            f"{f.name} {tuple(sorted(f.labels.items()))}"
            for f in found
            if f.start <= now and (f.end is None or now < f.end)
        }
        for now in firing
    }
    assert again == firing
    assert any(firing.values())


WINDOWS = ("15m", "30m", "1h", "2h", "6h", "1d", "3d")


# Series -----------------------------------------------------------------------------------------------------


def test_sums_of_windows_are_those_of_the_buckets_inside():
    rng = np.random.default_rng(3)
    cells = [(T0 + n * MINUTE, MINUTE, float(n % 3), 5.0) for n in range(300) if rng.random() < 0.8]
    found = series(cells, MINUTE, Window(T0, T0 + 300 * MINUTE))
    ends = T0 + np.arange(0, 301, 7, dtype=np.int64) * MINUTE + 12 * SECOND
    for length in (MINUTE, 5 * MINUTE, 90 * MINUTE):
        good, total, measured = found.over(ends, length)
        for place, end in enumerate(ends.tolist()):
            end -= end % MINUTE
            inside = [cell for cell in cells if end - length <= cell[0] < end]
            assert good[place] == sum(cell[2] for cell in inside)
            assert (total[place], measured[place]) == (5.0 * len(inside), MINUTE * len(inside))


def test_the_finest_rollups_count_and_nothing_twice():
    hours = [(T0 + n * HOUR, HOUR, 60.0, 120.0) for n in range(4)]
    minutes = [(T0 + 3 * HOUR + n * MINUTE, MINUTE, 1.0, 2.0) for n in range(60)]
    found = series([*minutes, *hours], MINUTE, Window(T0, T0 + 4 * HOUR))
    good, total, _ = found.over(np.array([T0 + 4 * HOUR], np.int64), 4 * HOUR)
    assert (good[0], total[0]) == (240.0, 480.0)
    assert list(found.resolution(Window(T0, T0 + 4 * HOUR))) == [
        (HOUR, Window(T0, T0 + 3 * HOUR)),
        (MINUTE, Window(T0 + 3 * HOUR, T0 + 4 * HOUR)),
    ]
    inside = found.over(np.array([T0 + 90 * MINUTE], np.int64), 5 * MINUTE)
    assert (inside[0][0], inside[1][0]) == (60.0, 120.0)  # the hour before, whole


def test_nothing_measured_is_a_series_too():
    found = series([], MINUTE, Window(T0, T0 + HOUR))
    assert found.covered(Window(T0, T0 + HOUR)) == 0
    assert [each[0] for each in found.over(np.array([T0 + HOUR], np.int64), HOUR)] == [0, 0, 0]


# Two configurations -----------------------------------------------------------------------------------------


def test_another_objective_is_answered_from_the_same_rollups(lake: Pipeline):
    rows(lake, 600, during(300, 330, 0.1))
    old = lake.load({"loss": LOSS | {"slo": SLO | {"objective": "95%"}}})
    window = Window(T0, T0 + 600 * MINUTE)
    fill(lake, old, window.end)
    revision = lake.store.revision()
    new = lake.load({"loss": LOSS | {"slo": SLO | {"objective": "99.9%"}}})
    before, after = replayed(lake, old, window), replayed(lake, new, window)
    assert (len(before.of(Severity.PAGE)), len(after.of(Severity.PAGE))) == (0, 1)
    assert not after.anew
    assert lake.store.revision() == revision
    (budget,) = after.budgets
    bad = 30 * 4
    assert (budget.total - budget.good, budget.total) == (bad, (600 - 2) * 40)
    share = (600 * MINUTE) / (28 * DAY)
    assert budget.spent == pytest.approx(bad / (598 * 40) / 0.001 * share)
    assert budget.left == pytest.approx(1 - bad / (598 * 40) / 0.001)
    assert budget.lowest == pytest.approx(1 - bad / (333 * 40) / 0.001)  # just after the last bad minute


def test_another_definition_is_measured_anew_and_the_store_never_hears_of_it(pipeline: Pipeline):
    rows(pipeline, 600, during(300, 360, 0.5))
    old = pipeline.load({"loss": LOSS})
    window = Window(T0 + HOUR, T0 + 600 * MINUTE)
    fill(pipeline, old, window.end)
    revision = pipeline.store.revision()
    new = pipeline.load({"loss": LOSS | {"where": "ok or not ok"}})
    again = replayed(pipeline, new, window)
    assert again.anew == {"loss"}
    assert told(again) == told(replayed(pipeline, old, window)) != []
    assert pipeline.store.revision() == revision


def test_hours_tell_an_outage_too_and_the_source_tells_it_exactly(lake: Pipeline):
    rows(lake, 5 * 1440, during(3000, 3100, 0.6), each=2)
    config = lake.load({"loss": LOSS})
    window = Window(T0 + DAY, T0 + 5 * DAY)
    fill(lake, config, window.end)
    anew = replayed(lake, config, window, from_source=True)
    assert {width for width, _ in anew.resolution["loss"]} == {MINUTE}
    exact = told(anew)
    compact(lake.store, window.end + DAY)
    coarse = replayed(lake, config, window)
    assert {width for width, _ in coarse.resolution["loss"]} >= {HOUR}
    pages = [each for each in told(coarse) if each[2] == "page"]
    (page,) = (each for each in exact if each[2] == "page")
    assert len(pages) == 1
    assert abs(pages[0][3] - page[3]) <= HOUR
    assert page[3] < T0 + 3060 * MINUTE < pages[0][3]


def test_what_has_no_buckets_is_left_out_and_said(lake: Pipeline):
    rows(lake, 60, {})
    config = lake.load(
        {"fresh": {"kind": "freshness", "dataset": "rows", "fail": "> 10m", "every": "5m", "slo": SLO}}
    )
    found = replayed(lake, config, Window(T0, T0 + HOUR))
    assert found.missing == {"fresh": "the kind freshness has no buckets that could be measured anew"}


def test_an_anomaly_without_the_history_that_it_needs_is_said(lake: Pipeline):
    rows(lake, 300, {})
    check = {
        "kind": "volume",
        "dataset": "rows",
        "window": "1h",
        "every": "10m",
        "anomaly": {"season": "none"},
    }
    config = lake.load({"many": check})
    fill(lake, config, T0 + 300 * MINUTE)
    found = replayed(lake, config, Window(T0 + 60 * MINUTE, T0 + 300 * MINUTE))
    assert found.untold == {
        "many, its anomaly": ("less than 2d of history (25 of 25 readings)", T0 + 300 * MINUTE)
    }
    lines = list(as_text(Compared(Window(T0, T0 + 300 * MINUTE), found, None), iso))
    assert any(line.startswith("in part: many, its anomaly: less than 2d of history") for line in lines)


def stored(at: int, outcome: Outcome = Outcome.PASS) -> Stored:
    return Stored("c", 1, 1, TOTAL, T0 + at * MINUTE, Window(0, 1), Reading(outcome=outcome))


def test_silence_is_only_what_others_did_not_share():
    check = SimpleNamespace(every=5 * MINUTE)
    said = [stored(n) for n in (*range(0, 60, 5), *range(120, 240, 5), *range(300, 360, 5))]
    said += [stored(n, Outcome.ERROR) for n in range(360, 375, 5)] + [stored(375)]
    window = Window(T0, T0 + 380 * MINUTE)
    others = T0 + np.arange(60, 120, 5, dtype=np.int64) * MINUTE  # silent from 240 to 300: Weir was away
    found = silences(check, said, others, window, window.end)
    assert found == [
        Window(T0 + 55 * MINUTE, T0 + 120 * MINUTE),
        Window(T0 + 355 * MINUTE, T0 + 375 * MINUTE),
    ]
    times = T0 + np.array([50, 60, 119, 120, 250, 361, 375], np.int64) * MINUTE
    assert ((ticks(check, times, found) - T0) // MINUTE).tolist() == [50, 55, 55, 120, 250, 355, 375]


# The command ------------------------------------------------------------------------------------------------


def ran(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(weir, ["backtest", "--config", str(path), *arguments])


@pytest.fixture
def two(lake: Pipeline) -> tuple[Path, Path]:
    """The current configuration, whose store is filled, and a new one beside it."""
    rows(lake, 1440, during(700, 760, 0.5))
    current = lake.write({"loss": LOSS | {"slo": SLO | {"objective": "50%"}}}, store="sqlite:///weir.db")
    arguments = ["--config", str(current), "--from", "2026-11-10", "--to", "2026-11-11"]
    assert CliRunner().invoke(weir, ["backfill", *arguments]).exit_code == 0
    new = lake.folder / "new.yaml"
    new.write_text(json.dumps(json.loads(current.read_text()) | {"checks": {"loss": LOSS}}))
    return current, new


def test_the_command_compares(two: tuple[Path, Path]):
    current, new = two
    at = ["--at", "2026-11-11", "--days", "1", "--against", str(current)]
    result = ran(new, *at, "--json")
    assert result.exit_code == 0, result.exception
    found = json.loads(result.stdout)
    assert (len(found["new"]["pages"]), found["current"]["pages"]) == (1, [])
    page = found["new"]["pages"][0]
    assert (page["alert"], page["check"]) == ("BudgetBurn", "loss")
    assert "2026-11-10T11:4" <= page["from"] < page["to"]
    assert page["summary"].startswith("loss burns its error budget: ")
    text = ran(new, *at).stdout
    assert "pages:   1 (now 0)\n" in text
    assert "loss: 99% over 28d, 1 page, 1 ticket, " in text


def test_without_another_configuration_there_is_one_column(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    current, _ = two
    monkeypatch.chdir(current.parent)
    found = json.loads(ran(current, "--at", "latest", "--days", "1", "--json").stdout)
    assert found["current"] is None
    assert found["to"] == "2026-11-11T00:02:00Z"


def test_the_future_cannot_be_replayed(two: tuple[Path, Path]):
    assert isinstance(ran(two[0], "--at", "2999-01-01").exception, UsageError)
