"""The true events: the same whenever they are made again, and shaped as the shop's parameters say."""

from dataclasses import fields

import numpy as np
import pytest

from monitor.simulate import population
from monitor.simulate.draws import DAY_US, MINUTE_US, bits, generator
from monitor.simulate.population import (
    CHECKOUT,
    CLICK,
    ITEM_IDS,
    ITEMS,
    REGIONS,
    VIEW,
    Shop,
    Swing,
    intensity,
    offer,
    summer_hours,
)
from monitor.simulate.recommender import policy
from monitor.simulate.rows import joined, length
from monitor.simulate.traffic import REACH_US, Events, Exposures, Minute, arrivals, minute, minutes

START = 20_777 * DAY_US + 11 * 60 * MINUTE_US  # a Friday, 11:00 UTC
DAY = START // DAY_US
SHOP = Shop(seed=7, events_per_second=100)


@pytest.fixture(scope="module")
def quarter() -> list[Minute]:
    return list(minutes(SHOP, START, START + 15 * MINUTE_US))


@pytest.fixture(scope="module")
def events(quarter: list[Minute]) -> Events:
    return joined([each.events for each in quarter])


@pytest.fixture(scope="module")
def exposures(quarter: list[Minute]) -> Exposures:
    return joined([each.exposures for each in quarter])


def same(one: object, other: object) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def test_a_minute_is_the_same_whenever_it_is_made(quarter: list[Minute]) -> None:
    for each in reversed(quarter[:4]):
        again = minute(SHOP, each.number)
        assert same(each.events, again.events)
        assert same(each.exposures, again.exposures)


def test_another_seed_is_another_shop(quarter: list[Minute]) -> None:
    other = minute(Shop(seed=8, events_per_second=100), quarter[0].number).events
    assert not set(other.event_id.tolist()) & set(quarter[0].events.event_id.tolist())
    assert not np.array_equal(other.item_id[:100], quarter[0].events.item_id[:100])


def test_ids_are_unique_over_minutes(events: Events, exposures: Exposures) -> None:
    assert len(np.unique(events.event_id)) == length(events)
    assert len(np.unique(exposures.exposure_id)) == length(exposures)


def test_a_minute_holds_its_own_views_and_the_clicks_they_bring(quarter: list[Minute]) -> None:
    for each in quarter:
        start = each.number * MINUTE_US
        own = each.events.event_time[each.events.event_type != CLICK]
        clicks = each.events.event_time[each.events.event_type == CLICK]
        assert start <= own.min()
        assert own.max() < start + MINUTE_US
        assert clicks.max() < start + MINUTE_US + REACH_US


def test_counts_are_poisson_around_the_intensity() -> None:
    shop, first = Shop(seed=3, events_per_second=20), START // MINUTE_US
    expected = np.array(
        [30 * (intensity(shop, n) + intensity(shop, n + 1)) for n in range(first, first + 200)]
    )
    made = [minute(shop, n).events for n in range(first, first + 200)]
    counts = np.array([np.bincount(e.region[e.event_type != CLICK], minlength=5) for e in made])
    # Pearson's dispersion of 1,000 Poisson counts has mean 1 and deviation 0.045.
    assert 0.8 < np.mean((counts - expected) ** 2 / expected) < 1.2
    total = expected.sum()
    assert abs(counts.sum() - total) < 5 * np.sqrt(total)


def test_arrivals_follow_a_changing_intensity_within_the_minute() -> None:
    now, soon = np.array([100.0, 300, 200, 10, 10]), np.array([300.0, 100, 200, 10, 400])
    place, action, region = arrivals([generator(1)], now[None], soon[None])
    assert len(place) == len(action) == len(region)
    along = bits(place, 32, 32) / 2**32
    for each in range(5):
        count = np.sum(region == each)
        expected = 30 * (now[each] + soon[each])
        assert abs(count - expected) < 5 * np.sqrt(expected)
        # The mean of a density that runs straight from `now` to `soon` on [0, 1].
        mean = (now[each] + 2 * soon[each]) / 3 / (now[each] + soon[each])
        assert along[region == each].mean() == pytest.approx(mean, abs=5 * 0.3 / np.sqrt(count))


def test_the_week_has_its_rhythm() -> None:
    monday = 20_780 * 24 * 60
    week = np.array([intensity(SHOP, n) for n in range(monday, monday + 7 * 24 * 60, 10)])
    assert week.sum(axis=1).mean() == pytest.approx(100, rel=0.01)
    assert week.mean(axis=0) == pytest.approx(100 * np.array(population.REGION_SHARES), rel=0.01)
    eu = week[:, 0].reshape(7, -1)
    assert 4 < eu.max(axis=1).mean() / eu.min(axis=1).mean() < 6
    assert np.argmax(eu[0]) / 6 == pytest.approx(20.5, abs=1)  # UTC: the evening in Central Europe
    assert eu[5:].mean() > 1.1 * eu[1:4].mean()


def test_items_are_zipf(events: Events) -> None:
    popularity = offer(SHOP.seed, DAY).popularity
    assert popularity.sum() == pytest.approx(1)
    ranked = np.sort(popularity)[::-1]
    slope = np.polyfit(np.log(np.arange(1, 301)), np.log(ranked[:300]), 1)[0]
    assert slope == pytest.approx(-1.05, abs=0.02)
    own = events.item_id[events.event_type != CLICK]
    for item in np.argsort(popularity)[-20:]:
        expected = popularity[item] * len(own)
        assert abs(np.sum(own == item) - expected) < 5 * np.sqrt(expected)


def test_a_session_is_one_persons_and_ends(events: Events) -> None:
    order = np.argsort(events.session_id, kind="stable")
    starts = np.flatnonzero(np.diff(events.session_id[order], prepend=0))
    for column in (events.user_id, events.region, events.device, events.app_version, events.is_bot):
        by_session = column[order].astype(np.int64)
        assert np.array_equal(
            np.maximum.reduceat(by_session, starts), np.minimum.reduceat(by_session, starts)
        )
    times = events.event_time[order]
    spans = np.maximum.reduceat(times, starts) - np.minimum.reduceat(times, starts)
    assert spans.max() <= 20 * MINUTE_US + REACH_US
    assert np.median(spans) > MINUTE_US


def test_sessions_act_every_few_seconds_and_go_on_over_minutes() -> None:
    made = joined([each.events for each in minutes(SHOP, START, START + 2 * MINUTE_US)])
    own = made.event_type != CLICK
    first = made.event_time < START + MINUTE_US
    both = set(made.session_id[own & first].tolist()) & set(made.session_id[own & ~first].tolist())
    assert len(both) > 0.8 * len(set(made.session_id[own & first].tolist()))
    _, counts = np.unique(made.session_id[own & first], return_counts=True)
    assert 60 / counts.mean() == pytest.approx(8, rel=0.1)


def test_users_keep_their_device_over_sessions(events: Events) -> None:
    pairs = np.unique(np.column_stack([events.user_id, events.device, events.app_version]), axis=0)
    assert len(pairs) == len(np.unique(events.user_id))
    assert len(np.unique(events.session_id)) > len(pairs)


def test_a_users_events_stand_in_one_partition(events: Events) -> None:
    pairs = np.unique(np.column_stack([events.user_id, events.partition]), axis=0)
    assert len(pairs) == len(np.unique(events.user_id))
    shares = np.bincount(events.partition) / length(events)
    assert shares == pytest.approx(np.full(population.PARTITIONS, 1 / population.PARTITIONS), abs=0.02)


def test_a_click_has_the_trace_of_its_view(quarter: list[Minute]) -> None:
    for each in quarter[:3]:
        own = each.events.event_type != CLICK
        traces = each.events.trace_id
        assert len(np.unique(traces[own])) == own.sum()
        assert set(traces[~own].tolist()) <= set(traces[own].tolist())
        clicked = np.flatnonzero(each.exposures.click >= 0)
        assert np.array_equal(traces[each.exposures.click[clicked]], each.exposures.trace_id[clicked])


def test_every_day_brings_new_items(exposures: Exposures) -> None:
    yesterday, today = offer(SHOP.seed, DAY - 1), offer(SHOP.seed, DAY)
    new = np.setdiff1d(today.on_sale, yesterday.on_sale)
    assert 1 <= len(new) < 20
    assert len(np.unique(today.on_sale)) == ITEMS
    assert np.all(today.age_days[np.isin(today.on_sale, new)] == 0)
    ever = np.concatenate([offer(SHOP.seed, DAY + day).on_sale for day in range(0, 60, 10)])
    assert 60 * ITEMS / 512 * 0.5 < len(np.unique(ever)) - ITEMS < 60 * ITEMS / 512 * 1.2
    assert set(exposures.item_id.tolist()) <= set(today.on_sale.tolist())
    known = offer(SHOP.seed, DAY + 30).popularity[new]
    assert np.mean(known > 3 * today.popularity[new]) > 0.8  # people come to know them


def test_a_few_users_are_new(exposures: Exposures) -> None:
    _, first = np.unique(exposures.user_id, return_index=True)
    assert exposures.is_new_user[first].mean() == pytest.approx(7 / 365, abs=0.01)
    groups = np.bincount(exposures.user_group[first]) / len(first)
    assert groups == pytest.approx(np.full(3, 1 / 3), abs=0.03)


def test_clocks_change_on_their_sundays() -> None:
    def at(text: str) -> int:
        return int(np.datetime64(text, "h").astype(np.int64))

    for before, region in (("2026-03-29T00", 0), ("2026-03-08T07", 1)):  # the hour before summer begins
        assert [summer_hours(at(before) + hour)[region] for hour in (0, 1)] == [0, 1]
    for before, region in (("2026-10-25T00", 0), ("2026-11-01T06", 1)):
        assert [summer_hours(at(before) + hour)[region] for hour in (0, 1)] == [1, 0]


def test_swings_and_unrest_change_how_much_there_is() -> None:
    first = START // MINUTE_US
    swing = Swing(3.0, START, START + MINUTE_US, "us")
    usual, swung = intensity(SHOP, first), intensity(Shop(7, 100, swings=(swing,)), first)
    assert swung / usual == pytest.approx([1, 3, 1, 1, 1])
    assert np.array_equal(intensity(Shop(7, 100, swings=(swing,)), first + 1), intensity(SHOP, first + 1))
    restless = Shop(seed=7, events_per_second=100, unrest=0.2)
    hours = range(first, first + 400 * 60, 60)
    logs = np.log([intensity(restless, n) / intensity(SHOP, n) for n in hours])
    assert logs.std() == pytest.approx(0.2, rel=0.15)
    assert np.abs(logs).max() < 1.2
    steps = np.array([np.log(intensity(restless, n)) for n in range(first, first + 120)])
    assert np.abs(np.diff(steps, axis=0)).max() < 0.06  # it comes and goes over the hour


def test_segments_have_their_shares(events: Events) -> None:
    _, first = np.unique(events.user_id, return_index=True)
    shares = np.bincount(events.device[first]) / len(first)
    assert shares == pytest.approx(population.DEVICE_SHARES, abs=0.05)
    sessions = np.unique(events.session_id, return_index=True)[1]
    assert events.is_bot[sessions].mean() == pytest.approx(SHOP.bot_share, abs=0.015)


def test_a_checkout_has_a_basket_and_nothing_else_has(events: Events) -> None:
    assert np.array_equal(events.basket_id != 0, events.event_type == CHECKOUT)
    assert 0.01 < np.mean(events.event_type == CHECKOUT) < 0.06


def test_propensities_are_the_policys_own(exposures: Exposures) -> None:
    on_sale = np.isin(np.arange(ITEM_IDS), offer(SHOP.seed, DAY).on_sale)
    for variant, explored in enumerate(SHOP.exploration):
        shown = exposures.variant == variant
        chances = explored * on_sale / ITEMS + (1 - explored) * policy(SHOP, (), DAY).chosen[variant]
        assert chances.sum() == pytest.approx(1)
        assert exposures.propensity[shown] == pytest.approx(chances[exposures.item_id[shown]], rel=1e-5)
        explores = exposures.is_exploration[shown]
        assert explores.mean() == pytest.approx(explored, abs=5 * np.sqrt(0.25 / len(explores)))
        for item in np.argsort(chances)[-10:]:
            expected = chances[item] * shown.sum()
            assert abs(np.sum(exposures.item_id[shown] == item) - expected) < 5 * np.sqrt(expected)


def test_clicks_belong_to_exposures_and_fall_with_position(
    quarter: list[Minute], exposures: Exposures
) -> None:
    for each in quarter:
        clicked = np.flatnonzero(each.exposures.click >= 0)
        click = each.exposures.click[clicked]
        assert np.array_equal(click, np.flatnonzero(each.events.event_type == CLICK))
        assert np.array_equal(each.events.item_id[click], each.exposures.item_id[clicked])
        assert np.array_equal(each.events.user_id[click], each.exposures.user_id[clicked])
        waits = each.events.event_time[click] - each.exposures.event_time[clicked]
        assert waits.min() > 0
        assert waits.max() < REACH_US
    rates = [np.mean(exposures.click[exposures.position == place] >= 0) for place in (1, 2, 3)]
    assert 0.2 > rates[0] > rates[1] > rates[2] > 0.02


def test_slates_stand_on_a_fifth_of_the_views(events: Events, exposures: Exposures) -> None:
    views = np.sum(events.event_type == VIEW)
    assert length(exposures) / 3 / views == pytest.approx(SHOP.slate_share, abs=0.01)
    assert set(exposures.region.tolist()) == set(range(len(REGIONS)))
