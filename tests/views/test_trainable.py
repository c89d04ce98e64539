"""The share of four weeks that is safe to train on, as a manager reads it."""

from dataclasses import replace

import pytest

from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.model import DAY, HOUR, MINUTE, Segment, Window
from monitor.tick import tick
from monitor.trust.shares import Share, judged, shares
from monitor.views.later import Failed
from monitor.views.trainable import BROKEN, HEADING, PENDING, state, trainable
from tests.pipelines import EPOCH, Pipeline, micros

NOW = micros("2026-11-20T12:00Z")
SHARE = Share("events", Window(NOW - 28 * DAY, NOW), 1.0, 0.0, 0.0, (), ("whole",))
CHECK = {"kind": "ratio", "good": "ok", "settle": "0s", "every": "1h", "window": "1h", "fail": "< 90%"}
CHECKS = {"whole": CHECK | {"dataset": "events"}, "sent": CHECK | {"dataset": "emitted"}}


def rows(lake: Pipeline, days: int) -> None:
    """A row every ten minutes; for seven hours of a day half of them are bad."""
    from datetime import timedelta

    bad = Window(NOW - DAY, NOW - DAY + 7 * HOUR)
    at = range(NOW - days * DAY, NOW, 10 * MINUTE)
    made = [
        {
            "t": EPOCH + timedelta(microseconds=each),
            "ok": not (bad.start <= each < bad.end and each // (10 * MINUTE) % 2),
        }
        for each in at
    ]
    for name in ("events", "emitted"):
        lake.rows(name, made, time="t", lateness="0s")


def measure(lake: Pipeline, days: int) -> None:
    config = lake.load(CHECKS)
    with Sources(config) as sources:
        tick(config, lake.store, sources, NOW)
        backfill(config, lake.store, sources, Window(NOW - days * DAY, NOW), NOW)


def test_the_share_is_of_four_weeks_and_of_what_models_learn_from(lake: Pipeline):
    rows(lake, 30)
    measure(lake, 30)
    (found,) = shares(judged(lake.load(CHECKS), lake.store, NOW))
    assert found.dataset == "events"  # what producers say is nothing to learn from
    assert found.window == Window(NOW - 28 * DAY - HOUR, NOW - HOUR)
    assert found.safe == pytest.approx(1 - 7 / (28 * 24))
    assert (found.damaged, found.unknown) == (pytest.approx(7 / (28 * 24)), 0)
    assert (found.checks, found.counted) == (("whole",), ("whole",))


def test_what_was_not_measured_is_not_safe(lake: Pipeline):
    rows(lake, 30)
    measure(lake, 14)
    (found,) = shares(judged(lake.load(CHECKS), lake.store, NOW))
    assert found.unknown == pytest.approx(0.5, abs=0.01)
    assert found.safe == pytest.approx(0.5 - 7 / (28 * 24), abs=0.01)


def test_a_check_whose_past_cannot_be_had_hides_nothing_that_the_others_know(lake: Pipeline):
    rows(lake, 30)
    worth = {"kind": "value", "query": "select count(*) from events", "every": "1h", "fail": "< 0"}
    checks = CHECKS | {"worth": worth | {"dataset": "events"}}
    config = lake.load(checks)
    with Sources(config) as sources:
        tick(config, lake.store, sources, NOW)
        backfill(config, lake.store, sources, Window(NOW - 30 * DAY, NOW), NOW)
    some = judged(config, lake.store, NOW)
    (found,) = shares(some)
    assert found.safe == pytest.approx(1 - 7 / (28 * 24), abs=0.01)
    assert (found.counted, [name for name, _ in found.late]) == (("whole",), ["worth"])
    (fact,) = trainable(some, config, "UTC").facts
    assert fact.value.startswith("98.9")
    assert "without what worth would say, measured " in fact.note
    assert "0.00%" not in fact.note
    assert fact.state == "warn"


def test_it_follows_the_segment_that_is_picked(lake: Pipeline):
    from datetime import timedelta

    bad = Window(NOW - 2 * DAY, NOW - DAY)
    made = [
        {
            "t": EPOCH + timedelta(microseconds=each),
            "ok": not (region == "eu" and bad.start <= each < bad.end),
            "region": region,
        }
        for each in range(NOW - 30 * DAY, NOW, 10 * MINUTE)
        for region in ("eu", "us", "us")
    ]
    lake.rows("events", made, time="t", lateness="0s")
    config = lake.load({"whole": CHECK | {"dataset": "events", "by": ["region"]}})
    with Sources(config) as sources:
        tick(config, lake.store, sources, NOW)
        backfill(config, lake.store, sources, Window(NOW - 30 * DAY, NOW), NOW)
    some = judged(config, lake.store, NOW)
    values = {value: shares(some, {"region": value})[0].safe for value in ("eu", "us")}
    assert values == {"eu": pytest.approx(27 / 28, abs=0.002), "us": pytest.approx(1, abs=0.002)}
    assert shares(some)[0].safe == pytest.approx(1 - 1 / 3 / 28, abs=0.002)
    fact = trainable(some, config, "UTC", (Segment("region", "eu"),)).facts[0]
    assert fact.value.startswith("96.4")
    assert "of everything" not in fact.note
    other = trainable(some, config, "UTC", (Segment("model_version", "v1"),)).facts[0]
    assert other.note.endswith("of everything, whatever the model version")


def test_until_it_is_known_it_says_so_and_that_it_failed_where_it_did(lake: Pipeline):
    config = lake.load({})
    assert trainable(None, config, "UTC").facts == (PENDING,)
    assert trainable(Failed("StoreError"), config, "UTC").facts == (BROKEN,)


def test_a_manager_reads_it_in_words(lake: Pipeline):
    rows(lake, 30)
    measure(lake, 30)
    found = trainable(judged(lake.load(CHECKS), lake.store, NOW), lake.load(CHECKS), "UTC")
    (fact,) = found.facts
    assert (found.heading, fact.check, fact.title, fact.value) == (HEADING, "whole", "Events", "98.96%")
    assert fact.note == "safe, of 28 days up to 20 Nov 11:00 · 1.04% damaged, most of it seen by whole"


def test_without_checks_it_says_what_is_missing(lake: Pipeline):
    rows(lake, 1)
    found = trainable(judged(lake.load({}), lake.store, NOW), lake.load({}), "UTC")
    assert found.facts == ()
    assert "feedback" in found.missing


@pytest.mark.parametrize(
    "safe, damaged, unknown, looks",
    [
        (1.0, 0.0, 0.0, "good"),
        (0.95, 0.05, 0.0, "warn"),
        (0.5, 0.5, 0.0, "bad"),
        (0.5, 0.0, 0.5, "unknown"),
        (0.0, 0.0, 1.0, "unknown"),
    ],
)
def test_what_is_not_known_is_neither_good_nor_bad(safe: float, damaged: float, unknown: float, looks: str):
    assert state(replace(SHARE, safe=safe, damaged=damaged, unknown=unknown)) == looks
