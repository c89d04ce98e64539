"""Seasons, thresholds and what is left out of them."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.expect.anomaly import Model, Rule, Verdict, assess, fit, short_incidents
from monitor.expect.conformal import adapted, tail
from monitor.expect.seasons import fitting, levels, slots_of
from monitor.model import DAY, HOUR

NONE = np.zeros(0, bool)


def weeks(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Hours from a Monday on, with a day and a weekend in them, and noise of 2."""
    times = 4 * DAY + np.arange(count * 168, dtype=np.int64) * HOUR
    hour = times // HOUR % 24
    weekend = (times // DAY + 3) % 7 >= 5
    rng = np.random.default_rng(seed)
    return times, 100 + 30 * np.sin(hour / 12 * np.pi) - 40 * weekend + rng.normal(0, 2, len(times))


def learnt(times: np.ndarray, values: np.ndarray, rule: Rule = Rule()) -> Model:  # noqa: B008
    found = fit(times, values, np.zeros(len(times), bool), rule)
    assert found is not None
    return found


def said(model: Model, at: int, value: float) -> Verdict:
    found = assess(model, at, value)
    assert found is not None
    return found


def test_the_level_of_each_hour_of_the_week_is_found():
    times, values = weeks(6)
    model = learnt(times, values)
    _, clean = weeks(1, seed=1)
    found = [said(model, int(times[-1]) + (n + 1) * HOUR, float(clean[n])) for n in range(168)]
    assert model.season == "hour-of-week"
    assert not any(each.anomalous for each in found)
    expected = np.array([each.expected for each in found])
    assert np.abs(expected - clean).max() < 12
    assert np.corrcoef(expected, clean)[0, 1] > 0.99


@pytest.mark.parametrize("times_scale, anomalous", [(1.0, False), (3.0, False), (8.0, True), (-8.0, True)])
def test_far_from_the_level_is_anomalous(times_scale: float, anomalous: bool):
    times, values = weeks(6)
    model = learnt(times, values)
    at = int(times[-1]) + HOUR
    usual = said(model, at, 100).expected
    assert said(model, at, usual + 2 * times_scale).anomalous is anomalous
    for direction, sees in (("up", times_scale > 0), ("down", times_scale < 0)):
        one = replace(model, rule=replace(model.rule, direction=direction))
        assert said(one, at, usual + 2 * times_scale).anomalous is (anomalous and sees)


def test_low_and_high_are_where_it_becomes_anomalous():
    times, values = weeks(6)
    model = learnt(times, values)
    at = int(times[-1]) + HOUR
    band = said(model, at, 100)
    for edge, inside in ((band.low, 1.001), (band.high, 0.999)):
        assert not said(model, at, edge * inside).anomalous
        assert said(model, at, edge * (2 - inside)).anomalous


@pytest.mark.parametrize(
    "days, season", [(1, "none"), (3, "hour-of-day"), (20, "hour-of-day"), (21, "hour-of-week")]
)
def test_short_history_falls_back(days: int, season: str):
    assert fitting("hour-of-week", days * DAY) == season
    assert fitting("none", days * DAY) == "none"


def test_too_short_a_history_is_no_model():
    times, values = weeks(1)
    none = np.zeros(len(times), bool)
    assert fit(times[:40], values[:40], none[:40], Rule()) is None
    assert fit(times[:60:4], values[:60:4], none[:60:4], Rule()) is None
    assert fit(times[:60], values[:60], none[:60], Rule()) is not None
    assert fit(times[:60], values[:60], none[:60], Rule(min_history=7 * DAY)) is None
    assert fit(times[:0], values[:0], NONE, Rule()) is None


def test_gaps_and_empty_hours_are_no_matter():
    times, values = weeks(6)
    rng = np.random.default_rng(2)
    kept = rng.random(len(times)) > 0.3
    values[rng.random(len(times)) > 0.9] = np.nan
    model = learnt(times[kept], values[kept])
    whole = learnt(*weeks(6))
    at = int(times[-1]) + 5 * HOUR
    assert said(model, at, 100).expected == pytest.approx(said(whole, at, 100).expected, abs=3)


def test_incidents_do_not_move_level_and_scale_but_count_as_alarms():
    times, values = weeks(6)
    bad = np.zeros(len(times), bool)
    bad[200:260] = True
    values[bad] = 5
    marked = fit(times, values, bad, Rule())
    assert marked is not None
    assert marked.left_out == 60
    assert marked.scale == pytest.approx(learnt(*weeks(6)).scale, rel=0.1)


def test_what_lasts_is_no_incident():
    times = np.arange(1000, dtype=np.int64) * HOUR
    bad = np.zeros(1000, bool)
    bad[100:110] = bad[113:120] = True
    bad[400:480] = True
    assert short_incidents(times, bad).sum() == 17
    assert short_incidents(times, np.ones(1000, bool)).sum() == 0


def test_a_holiday_is_a_day_of_its_own():
    times, values = weeks(6)
    christmas = frozenset([int(times[0] // DAY) + day for day in (10, 24)])
    off = np.isin(times // DAY, list(christmas))
    values[off] = 20
    model = learnt(times, values, Rule(holidays=frozenset([*christmas, int(times[-1] // DAY) + 1])))
    at = int(times[-1]) + 5 * HOUR
    assert not said(model, at, 20).anomalous
    assert said(model, at + DAY, 20).anomalous
    first = learnt(*weeks(6), Rule(holidays=frozenset([int(times[-1] // DAY) + 1])))
    assert assess(first, at, 20) is None


def test_slots():
    monday = 4 * DAY
    assert slots_of(np.array([monday, monday + 30 * HOUR]), "hour-of-week", frozenset()).tolist() == [0, 30]
    assert slots_of(np.array([monday + 30 * HOUR]), "hour-of-day", frozenset([5])).tolist() == [24 + 6]
    assert slots_of(np.array([monday]), "none", frozenset()).tolist() == [0]


def test_few_weeks_are_drawn_towards_what_hours_have_in_common():
    rng = np.random.default_rng(3)
    times = 4 * DAY + np.arange(3 * 168, dtype=np.int64) * HOUR
    noise = rng.normal(0, 1, len(times))
    of = levels(times, noise, "hour-of-week", frozenset()).of[:168]
    assert of.std() < 0.4 * np.median(noise.reshape(3, 168), axis=0).std()
    # Three weeks make a slot: within the sample residuals are too small, without their own week they are not.
    assert levels(times, noise, "hour-of-week", frozenset()).rests.std() == pytest.approx(1, rel=0.12)


def test_a_value_that_never_changed_may_change_a_little():
    times = np.arange(200, dtype=np.int64) * HOUR
    model = learnt(times, np.full(200, 50.0))
    assert not said(model, 201 * HOUR, 51).anomalous
    assert said(model, 201 * HOUR, 80).anomalous
    rare = np.zeros(200)
    rare[::50] = 100
    assert not said(learnt(times, rare), 201 * HOUR, 100).anomalous


def test_noise_that_grows_with_the_level_is_even_in_its_scale():
    rng = np.random.default_rng(4)
    times, _ = weeks(6)
    level = np.where(times // HOUR % 24 < 12, 200.0, 1000.0)
    model = learnt(times, level * rng.lognormal(0, 0.1, len(times)))
    for at, usual in ((int(times[-1]) + HOUR, 200), (int(times[-1]) + 13 * HOUR, 1000)):
        assert not said(model, at, usual * 1.25).anomalous
        assert said(model, at, usual * 2).anomalous


def test_the_tail_is_exponential_beyond_what_was_seen():
    scores = np.random.default_rng(5).exponential(1, 4000)
    found = tail(scores)
    for share in (0.05, 0.001, 1e-5):
        assert found.threshold(share) == pytest.approx(-np.log(share), rel=0.15)


def test_many_alarms_raise_the_threshold_and_quiet_lowers_it_again():
    scores = np.random.default_rng(6).exponential(1, 1000)
    found, none = tail(scores), np.zeros(1000, bool)
    calm = adapted(scores, none, found, 0.001, 4)
    noisy = adapted(scores, none | (np.arange(1000) > 990), found, 0.001, 4)
    assert noisy == pytest.approx(0.001 / 20, rel=0.5)
    assert calm > noisy
    later = adapted(np.r_[scores, np.zeros(3000)], np.r_[none, np.zeros(3000, bool)], found, 0.001, 4)
    assert later > calm
