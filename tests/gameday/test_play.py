"""A fault in a small shop: told of in time, where it is, and by whom; and nothing without one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.gameday.clean import trouble
from monitor.gameday.expected import again, answer, named
from monitor.gameday.page import page
from monitor.gameday.play import NOTHING_ELSE, Played, fault_of, play
from monitor.gameday.run import Result
from monitor.gameday.scenario import Broken, single
from monitor.gameday.score import scores
from monitor.gameday.stage import LAKE, Stage, fork
from monitor.gameday.told import as_json, as_text
from monitor.gameday.trusted import Trusted
from monitor.model import DAY, MINUTE, Window
from monitor.simulate.faults import Fault

KEYS = {
    "fault",
    "severity",
    "segment",
    "seed",
    "detected",
    "ticks_to_detect",
    "minutes_to_detect",
    "stage_right",
    "segment_right",
    "routed_right",
    "noise",
}


@pytest.fixture(scope="module")
def lost(small: Stage, tmp_path_factory: pytest.TempPathFactory) -> Played:
    from monitor import config

    loaded = config.load(small.folder / "weir.yaml", {})
    latam = single("loss").inside((("region", "latam"),))
    return play(latam, small, loaded, tmp_path_factory.mktemp("lost") / "play")


def test_a_lost_region_pages_within_minutes_and_is_named(lost: Played) -> None:
    (score,) = scores(lost)
    assert score.detected
    assert score.minutes is not None
    assert score.minutes < score.settle + 10
    assert score.stage_right
    assert score.segment_right
    assert score.runbook_right
    assert score.routed_right
    assert score.told is not None
    assert "region latam" in score.told.summary
    assert score.noise == ()


def test_what_was_lost_is_kept_from_training_and_nothing_else(lost: Played) -> None:
    (rows,) = lost.trusted
    assert rows is not None
    assert rows.dataset == "events"
    assert rows.damaged > 0.95
    assert rows.sound == 1.0
    assert "100% of the broken time called damaged in events" in page(Result((lost,), (), (), 3.0))


@pytest.mark.parametrize("damaged, sound, right", [(1.0, 1.0, True), (0.9, 1.0, False), (1.0, 0.9, False)])
def test_damage_that_is_missed_or_made_up_is_wrong(damaged: float, sound: float, right: bool) -> None:
    assert Trusted("events", damaged, sound).right is right


def test_the_time_to_detect_counts_from_the_onset_in_minutes_and_in_ticks(lost: Played) -> None:
    (score,) = scores(lost)
    first = lost.told[0]
    assert score.minutes == pytest.approx((first.at - lost.onset) / MINUTE)
    assert score.ticks == len([each for each in lost.ticks if each <= first.at])
    assert first.at % MINUTE == 0
    assert lost.onset % MINUTE != 0


def test_json_has_exactly_the_keys_that_are_promised(lost: Played) -> None:
    told = as_json(Result((lost,), (), (), 3.0))
    assert told.keys() == {"faults", "clean", "seconds"}
    assert told["faults"][0].keys() == KEYS
    assert told["faults"][0]["segment"] == {"region": "latam"}
    assert told["faults"][0]["severity"] == pytest.approx(20)
    assert told["clean"] == {"days": 0, "seeds": [], "pages": 0, "tickets": 0}


def test_the_page_holds_a_timeline_and_nothing_from_elsewhere(lost: Played) -> None:
    html = page(Result((lost,), (), (("cost", "a <b>"),), 3.0))
    assert html.count("<svg") == 1
    assert "page: ingestion-success" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "<script" not in html
    assert "a &lt;b&gt;" in html


def test_several_severities_are_drawn_as_a_curve(lost: Played) -> None:
    answer = replace(lost.answers[0], severity=2.0)
    milder = replace(lost, answers=(answer,), told=())
    html = page(Result((lost, milder), (), (), 3.0))
    assert "Detection against severity" in html
    assert "2×: 0% of 1" in html


def test_a_miss_is_said_and_no_success(lost: Played) -> None:
    missed = replace(lost, told=())
    (score,) = scores(missed)
    assert not score.detected
    assert score.minutes is None
    assert not score.segment_right
    result = Result((missed,), (), (), 3.0)
    assert not result.good
    assert "never" in "\n".join(as_text(result))


def test_of_what_is_no_worse_than_its_threshold_nobody_must_be_told(lost: Played) -> None:
    mild = replace(lost, told=(), answers=(replace(lost.answers[0], severity=0.5),))
    result = Result((mild,), (), (), 3.0)
    said, html = "\n".join(as_text(result)), page(result)
    assert result.good
    assert "nobody: it is no worse than its threshold" in said
    assert "1 fault: 0% detected\n" in said
    assert 'class="wrong"' not in html
    assert "right stage" not in html
    severe = page(Result((replace(mild, answers=lost.answers),), (), (), 3.0))
    assert '<p class="wrong">Nobody was told.</p>' in severe


def test_who_is_told_too_late_was_not_told(lost: Played) -> None:
    hasty = replace(lost, within=1)
    hasty = replace(hasty, settles=(0,))
    assert not scores(hasty)[0].detected


def test_an_alert_about_something_else_is_noise(lost: Played) -> None:
    other = replace(lost.told[0], about="bot-share")
    assert scores(replace(lost, told=(*lost.told, other)))[0].noise == (other,)
    brought = replace(lost.told[0], about="volume")
    assert scores(replace(lost, told=(*lost.told, brought)))[0].noise == ()


def test_a_wrong_segment_is_wrong_and_a_second_one_too(lost: Played) -> None:
    assert lost.told[0].cause is not None
    share = lost.told[0].cause.segments[0]
    for where in ((("region", "eu"),), (("region", "latam"), ("device", "ios"))):
        cause = replace(lost.told[0].cause, segments=(replace(share, where=where),))
        assert not scores(replace(lost, told=(replace(lost.told[0], cause=cause),)))[0].segment_right
    extra = replace(lost.told[0].cause, segments=(share, replace(share, where=(("device", "ios"),))))
    assert not scores(replace(lost, told=(replace(lost.told[0], cause=extra),)))[0].segment_right


def test_nothing_broken_tells_nobody(small: Stage, loaded: Any, place: Path) -> None:
    harmless = Broken.model_validate({"kind": "loss", "size": 1e-9})
    quiet = replace(single("loss"), faults=(harmless,), watch=30 * MINUTE)
    played = play(quiet, small, loaded, place)
    assert played.told == ()
    assert not scores(played)[0].detected


def test_copies_of_a_stage_do_not_touch_it_nor_each_other(small: Stage, tmp_path: Path) -> None:
    before = sorted(path.name for path in small.folder.glob(f"{LAKE}/events/*/*"))
    one, two = fork(small, tmp_path / "one"), fork(small, tmp_path / "two")
    one.simulation.suffer(Fault("loss", 1.0, small.now + MINUTE, small.now + DAY))
    for each in (one, two):
        each.simulation.advance(small.now + 5 * MINUTE)
    rows = [_rows(tmp_path / name) for name in ("one", "two")]
    assert rows[0] < rows[1]
    assert sorted(path.name for path in small.folder.glob(f"{LAKE}/events/*/*")) == before


def _rows(folder: Path) -> int:
    from pyarrow import parquet

    return sum(parquet.read_metadata(each).num_rows for each in folder.glob(f"{LAKE}/events/*/*.parquet"))


def test_ordinary_trouble_lies_within_the_clean_days() -> None:
    window = Window(0, 7 * DAY)
    assert all(window.start <= each.start < each.end <= window.end for each in trouble(window))


def test_the_severity_that_was_asked_for_is_told_though_nothing_is_worse_than_all(loaded: Any) -> None:
    fault = fault_of(loaded, single("loss", 1000.0).main, 0, MINUTE)
    assert fault.size == 1.0
    assert answer(loaded, fault, NOTHING_ELSE, 1000.0).severity == 1000
    assert answer(loaded, fault, NOTHING_ELSE).severity == pytest.approx(1 / 0.005)


def test_what_a_kind_itself_is_narrowed_to_may_be_named(lost: Played) -> None:
    """A canary that fails is the canary, in the region where it does."""
    assert lost.told[0].cause is not None
    fault = replace(lost.answers[0].fault, kind="canary_failure", where=(("region", "latam"),))
    failing = replace(lost, answers=(replace(lost.answers[0], fault=fault),))
    share = lost.told[0].cause.segments[0]
    canary, region, other = ("release", "canary"), ("region", "latam"), ("release", "stable")
    for where, right in (
        ((region, canary), True),
        ((region,), True),
        ((canary,), False),
        ((region, other), False),
    ):
        cause = replace(lost.told[0].cause, segments=(replace(share, where=where),))
        told = replace(failing, told=(replace(lost.told[0], cause=cause),))
        assert scores(told)[0].segment_right is right


def test_what_comes_again_while_it_is_still_told_of_needs_no_second_word(lost: Played) -> None:
    first = lost.answers[0]
    later = replace(first.fault, start=lost.told[-1].at + MINUTE, end=lost.told[-1].at + DAY)
    for fault, over, minutes in (
        (later, None, 0.0),
        (later, later.start + 1, 0.0),
        (later, later.start, None),
        (replace(later, where=(("region", "eu"),)), None, None),
        (replace(later, kind="dead_letters"), None, None),
    ):
        told = tuple(replace(each, over=over) for each in lost.told)
        twice = replace(
            lost,
            told=told,
            answers=tuple(again([first, replace(first, fault=fault)])),
            settles=lost.settles * 2,
            trusted=(),
        )
        assert scores(twice)[1].minutes == minutes


def test_a_message_about_a_segment_names_it_where_its_cause_names_none(lost: Played) -> None:
    told = lost.told[0]
    assert told.cause is not None
    nowhere, alike = replace(told.cause, segments=()), replace(told.cause, segments=(), everywhere=True)
    pair = "x fails in a segment: worst is region,device eu × ios, which reads 3%; fail is < 5%."
    for cause, said, where in (
        (nowhere, pair, (("device", "ios"), ("region", "eu"))),
        (alike, pair, None),
        (nowhere, "x burns. Worst is region eu, 3% of 1,000 events.", None),
        (None, "x burns. Worst is region eu, 3% of 1,000 events.", (("region", "eu"),)),
    ):
        expected = frozenset([where]) if where else frozenset()
        assert named(replace(told, summary=said, cause=cause)) == expected


def test_bias_in_a_region_is_that_of_its_group(lost: Played) -> None:
    """It hits one group of people, which may be named beside the region; as the place it must be."""
    assert lost.told[0].cause is not None
    share, group, region = lost.told[0].cause.segments[0], ("user_group", "50+"), ("region", "latam")
    for where, said, right in (
        ((region,), (region, group), True),
        ((region,), (region,), True),
        ((region,), (group,), False),
        ((group,), (group,), True),
        ((group,), (region, group), False),
    ):
        fault = replace(lost.answers[0].fault, kind="bias", where=where)
        cause = replace(lost.told[0].cause, segments=(replace(share, where=said),))
        told = (replace(lost.told[0], cause=cause),)
        played = replace(lost, answers=(replace(lost.answers[0], fault=fault),), told=told)
        assert scores(played)[0].segment_right is right
