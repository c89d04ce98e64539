"""Every kind of fault on the stream, counted in the rows that it leaves: how many, where, when, no others."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pytest

from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.faults import KINDS, Fault
from monitor.simulate.faults.acts import LEAKED_US, ROBOTS, STRAGGLING_US
from monitor.simulate.faults.stream import STREAM
from monitor.simulate.pipeline import deliver
from monitor.simulate.population import (
    CHECKOUT,
    CUT_OFF,
    DEVICES,
    DIMENSIONS,
    ITEMS,
    LEAKY,
    NEW_DAYS,
    PAYLOADS,
    RETYPED,
    USER_GROUPS,
    VIEW,
    Shop,
    offer,
)
from monitor.simulate.records import MISSING, NEVER, Delivery, Exposures
from monitor.simulate.rows import joined, length, take
from monitor.simulate.traffic import REACH_US, minutes

START = 20_777 * DAY_US + 11 * 60 * MINUTE_US
END = START + 5 * MINUTE_US
FROM, TO = START + MINUTE_US + 7 * SECOND_US, START + 4 * MINUTE_US - 3 * SECOND_US
PLACE = (("region", "eu"), ("device", "ios"))
SHOP = Shop(seed=17, events_per_second=600)
SIZE = 0.3
DATASETS = {
    "emitted": "event_id",
    "events": "event_id",
    "dead_letters": "event_id",
    "exposures": "exposure_id",
    "outcomes": "exposure_id",
}


@dataclass(frozen=True)
class Made:
    """What a few minutes leave in the lake, and the slates as they truly were."""

    lake: Delivery
    shown: Exposures


def made(*faults: Fault) -> Made:
    each = list(minutes(SHOP, START, END, faults))
    parts = [deliver(SHOP, one, faults) for one in each]
    lake = Delivery(**{f.name: joined([getattr(one, f.name) for one in parts]) for f in fields(Delivery)})
    return Made(lake, joined([one.exposures for one in each]))


@pytest.fixture(scope="module")
def clean() -> Made:
    return made()


def fault(kind: str, size: float = SIZE, where: Any = None, ramp: int = 0) -> Fault:
    place = tuple(pair for pair in PLACE if pair[0] in KINDS[kind].segments) if where is None else where
    return Fault(kind, size, FROM, TO, place, ramp)


def inside(rows: Any, time: str = "event_time", place: Any = PLACE) -> np.ndarray:
    at = getattr(rows, time)
    found = (at >= FROM) & (at < TO)
    for name, value in place:
        found &= getattr(rows, name) == DIMENSIONS[name].index(value)
    return found


def paired(one: Any, other: Any, key: str) -> tuple[Any, Any]:
    """The rows of those that are in both, in the same order; of one stored twice the first."""
    _, left, right = np.intersect1d(getattr(one, key), getattr(other, key), return_indices=True)
    return take(one, left), take(other, right)


def same(one: Any, other: Any) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def sorted_rows(rows: Any, key: str) -> Any:
    return take(rows, np.lexsort((rows.arrival, getattr(rows, key))))


def about(share: float, hit: np.ndarray, of: np.ndarray) -> bool:
    """Whether the hits are that share of their population, to five standard errors."""
    n = of.sum()
    assert n > 50
    return abs(hit[of].mean() - share) < 5 * np.sqrt(share * (1 - share) / n)


# Which rows of which dataset are hit, told from the same rows without the fault and with it.
CHANGES: dict[str, tuple[str, Callable[[Any, Any], np.ndarray]]] = {
    "stragglers": ("events", lambda a, b: b.stored_time - a.stored_time == STRAGGLING_US),
    "no_feature": ("events", lambda a, b: (a.feature_time != NEVER) & (b.feature_time == NEVER)),
    "nulls": ("events", lambda a, b: b.event_type == MISSING),
    "retyped": ("events", lambda a, b: b.payload.astype(int) - a.payload == RETYPED),
    "unparsable": ("events", lambda a, b: b.payload.astype(int) - a.payload == CUT_OFF),
    "pii": ("events", lambda a, b: b.payload.astype(int) - a.payload == LEAKY),
    "unversioned": ("events", lambda a, b: b.schema_version == MISSING),
    "untraced": ("events", lambda a, b: b.trace_id == 0),
    "no_experiment": ("exposures", lambda a, b: (b.variant == MISSING) & (b.experiment_id == MISSING)),
    "no_model": ("exposures", lambda a, b: b.model_version == NEVER),
    "label_leak": ("outcomes", lambda a, b: b.label_time == a.shown_time - LEAKED_US),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_share_of_the_rows_is_changed(clean: Made, kind: str) -> None:
    dataset, changed = CHANGES[kind]
    before = getattr(clean.lake, dataset)
    one, other = paired(before, getattr(made(fault(kind)).lake, dataset), DATASETS[dataset])
    if dataset == "events":
        assert length(one) == len(np.unique(before.event_id))
    hit, within = changed(one, other), inside(one, "label_time" if dataset == "outcomes" else "event_time")
    assert about(SIZE, hit, within)
    assert not hit[~within].any()
    assert same(take(one, ~hit), take(other, ~hit))


def test_lost_events_are_gone(clean: Made) -> None:
    broken = made(fault("loss")).lake
    gone = ~np.isin(clean.lake.events.event_id, broken.events.event_id)
    within = inside(clean.lake.events)
    assert about(SIZE, gone, within)
    assert not gone[~within].any()
    assert np.array_equal(clean.lake.emitted.event_id, broken.emitted.event_id)


def test_refused_events_are_dead_letters(clean: Made) -> None:
    broken = made(fault("dead_letters")).lake
    sent, dead = (
        clean.lake.emitted,
        np.setdiff1d(broken.dead_letters.event_id, clean.lake.dead_letters.event_id),
    )
    refused, within = np.isin(sent.event_id, dead), inside(clean.lake.emitted)
    assert about(SIZE, refused, within)
    assert not refused[~within].any()
    assert not np.isin(dead, broken.events.event_id).any()
    assert np.isin(clean.lake.events.event_id, np.append(broken.events.event_id, dead)).all()


def test_repeated_events_are_stored_twice(clean: Made) -> None:
    broken = made(fault("duplicates")).lake
    ids, counts = np.unique(clean.lake.events.event_id, return_counts=True)
    again, more = np.unique(broken.events.event_id, return_counts=True)
    assert np.array_equal(ids, again)
    doubled = np.isin(clean.lake.emitted.event_id, ids[more > counts])
    assert more.max() == 2
    assert about(SIZE, doubled, inside(clean.lake.emitted))
    assert not doubled[~inside(clean.lake.emitted)].any()
    assert same(clean.lake.emitted, broken.emitted)


def test_checkouts_lose_their_baskets(clean: Made) -> None:
    one, other = paired(clean.lake.events, made(fault("no_basket")).lake.events, "event_id")
    checkouts = inside(one) & (one.event_type == CHECKOUT) & (one.basket_id != 0)
    lost = (one.basket_id != 0) & (other.basket_id == 0)
    assert about(SIZE, lost, checkouts)
    assert not lost[~checkouts].any()


def test_events_gather_in_one_partition(clean: Made) -> None:
    one, other = paired(clean.lake.events, made(fault("skewed_partition")).lake.events, "event_id")
    moved = one.partition != other.partition
    assert about(SIZE, moved, inside(one) & (one.partition != 0))
    assert not moved[~inside(one)].any()
    assert not other.partition[moved].any()


SLOW = {
    "late": ("to_ingest", ["ingest_time", "stored_time", "feature_time", "arrival"]),
    "delay": ("to_store", ["stored_time", "feature_time", "arrival"]),
    "slow_features": ("to_feature", ["feature_time", "arrival"]),
    "replication_lag": ("arrival", ["arrival"]),
}


@pytest.mark.parametrize("kind", SLOW)
@pytest.mark.parametrize("ramp", [0, MINUTE_US], ids=["at once", "growing"])
def test_rows_take_so_much_longer(clean: Made, kind: str, ramp: int) -> None:
    broken = made(fault(kind, 90, ramp=ramp)).lake
    one, other = (sorted_rows(rows, "event_id") for rows in (clean.lake.events, broken.events))
    grown = ((one.event_time - FROM) / ramp).clip(0, 1) if ramp else np.ones(length(one))
    later = np.round(90 * SECOND_US * grown * inside(one)).astype(np.int64)
    moving = SLOW[kind][1]
    for column in moving:
        before, after = getattr(one, column), getattr(other, column)
        there = one.feature_time != NEVER
        assert np.abs(after - before - later)[there].max() <= 1, column
    assert same(one, replace(other, **{column: getattr(one, column) for column in moving}))


def test_a_lag_holds_what_producers_say_of_no_one(clean: Made) -> None:
    broken = made(fault("replication_lag", 90)).lake
    assert same(clean.lake.emitted, broken.emitted)
    for dataset, time in (("exposures", "event_time"), ("outcomes", "label_time")):
        one, other = getattr(clean.lake, dataset), getattr(broken, dataset)
        assert np.array_equal(other.arrival - one.arrival, 90 * SECOND_US * inside(one, time))


@pytest.mark.parametrize("seconds", [75, -75])
def test_clocks_of_clients_go_wrong(clean: Made, seconds: int) -> None:
    broken = made(fault("clock_skew", seconds)).lake
    for dataset in ("emitted", "events", "dead_letters"):
        one, other = getattr(clean.lake, dataset), getattr(broken, dataset)
        assert np.array_equal(other.event_time - one.event_time, seconds * SECOND_US * inside(one))
        assert same(one, replace(other, event_time=one.event_time))
    assert same(clean.lake.exposures, broken.exposures)


def test_users_withdraw_their_consent(clean: Made) -> None:
    one, other = paired(clean.lake.events, made(fault("withdrawn")).lake.events, "event_id")
    assert not one.consent.any()
    assert not other.consent[~inside(one)].any()
    users, first = np.unique(one.user_id[inside(one)], return_index=True)
    assert about(SIZE, other.consent[inside(one)][first] == 1, np.ones(len(users), np.bool_))
    pairs = np.unique(np.column_stack([one.user_id, other.consent])[inside(one)], axis=0)
    assert len(pairs) == len(users)


def test_robots_come_on_top(clean: Made) -> None:
    broken = made(fault("bots", 2.3)).lake
    one, other = (sorted_rows(rows, "event_id") for rows in (clean.lake.emitted, broken.emitted))
    more = ~np.isin(other.event_id, one.event_id)
    assert same(one, take(other, ~more))
    assert inside(take(other, more)).all()
    expected = inside(one).sum()
    assert abs(more.sum() - 2.3 * expected) < 5 * np.sqrt(0.21 * expected)
    robots = take(broken.events, ~np.isin(broken.events.event_id, clean.lake.emitted.event_id))
    assert robots.is_bot.all()
    assert set(robots.event_type.tolist()) == {VIEW}
    assert not np.isin(robots.user_id, clean.lake.events.user_id).any()
    assert len(np.unique(robots.user_id)) == ROBOTS
    ids = broken.emitted.event_id
    assert len(np.unique(ids)) == len(ids)


def test_sessions_come_by_the_web(clean: Made) -> None:
    one, other = paired(clean.lake.events, made(fault("drift")).lake.events, "event_id")
    moved, views = one.device != other.device, one.event_type != 4
    assert set(other.device[moved].tolist()) == {DEVICES.index("web")}
    assert not moved[views & ~inside(one)].any()
    sessions, first = np.unique(one.session_id[views & inside(one)], return_index=True)
    assert about(SIZE, moved[views & inside(one)][first], np.ones(len(sessions), np.bool_))


def test_users_of_the_treatment_get_the_control(clean: Made) -> None:
    broken = made(fault("sample_ratio"))
    one, other = paired(clean.lake.exposures, broken.lake.exposures, "exposure_id")
    moved, treated = one.variant != other.variant, inside(one) & (one.variant == 1)
    assert not moved[~treated].any()
    users, first = np.unique(one.user_id[treated], return_index=True)
    assert about(SIZE, moved[treated][first], np.ones(len(users), np.bool_))
    assert same(take(one, ~moved), take(other, ~moved))


@pytest.mark.parametrize("kind", ["bias", "model_drift"])
def test_people_click_less(clean: Made, kind: str) -> None:
    before, after = clean.shown, made(fault(kind)).shown
    lost = (before.click >= 0) & (after.click < 0)
    hit = inside(before) & ((kind != "bias") | (before.user_group == len(USER_GROUPS) - 1))
    assert about(SIZE, lost, hit & (before.click >= 0))
    assert not lost[~hit].any()
    assert not ((before.click < 0) & (after.click >= 0)).any()


def test_a_bias_may_be_against_another_group(clean: Made) -> None:
    where = (("user_group", USER_GROUPS[0]),)
    before, after = clean.shown, made(fault("bias", where=where)).shown
    lost = (before.click >= 0) & (after.click < 0)
    hit = inside(before, place=where)
    assert about(SIZE, lost, hit & (before.click >= 0))
    assert not lost[~hit].any()


def test_new_users_click_less(clean: Made) -> None:
    before, after = clean.shown, made(fault("cold_start_users", 1.0, ())).shown
    lost = (before.click >= 0) & (after.click < 0)
    assert np.array_equal(lost, (before.click >= 0) & before.is_new_user & inside(before, place=()))


def test_new_items_are_not_shown(clean: Made) -> None:
    before, after = clean.shown, made(fault("cold_start", where=(("region", "eu"),))).shown
    stands = offer(SHOP.seed, START // DAY_US)
    new = np.isin(before.item_id, stands.on_sale[stands.age_days < NEW_DAYS])
    moved, within = before.item_id != after.item_id, inside(before, place=PLACE[:1])
    assert about(SIZE, moved, within & new)
    assert not moved[~(within & new)].any()
    assert not np.isin(after.item_id[moved], stands.on_sale[stands.age_days < NEW_DAYS]).any()


def test_blocked_items_are_not_shown(clean: Made) -> None:
    before, after = clean.shown, made(fault("blocked_items", where=())).shown
    moved, within = before.item_id != after.item_id, inside(before, place=())
    assert not moved[~within].any()
    blocked = np.unique(before.item_id[moved])
    assert np.array_equal(moved, np.isin(before.item_id, blocked) & within)
    assert not np.isin(after.item_id[within], blocked).any()
    seen = len(np.unique(before.item_id[within]))
    assert abs(len(blocked) / seen - SIZE) < 5 * np.sqrt(SIZE * (1 - SIZE) / seen)


def test_places_are_not_filled_at_random_any_more(clean: Made) -> None:
    loop = fault("feedback_loop", 0.9, where=(("variant", "treatment"),))
    before, after = clean.shown, made(loop).shown
    within = inside(before, place=loop.where)
    assert after.is_exploration[within].mean() == pytest.approx(0.1 * 0.2, abs=0.01)
    assert not (after.is_exploration & ~before.is_exploration).any()
    assert same(take(before, ~within), replace(take(after, ~within), click=before.click[~within]))
    stays = ~within | (after.is_exploration == before.is_exploration)
    assert np.array_equal(before.item_id[stays], after.item_id[stays])
    assert after.propensity[within & after.is_exploration].max() <= 1
    assert np.all(after.propensity > 0.9 * 0.02 / ITEMS)


def test_labels_are_missing(clean: Made) -> None:
    one, other = clean.lake.outcomes, made(fault("dead_labeller")).lake.outcomes
    gone = ~np.isin(one.exposure_id, other.exposure_id)
    assert about(SIZE, gone, inside(one, "label_time"))
    assert not gone[~inside(one, "label_time")].any()
    assert same(take(one, ~gone), other)


def test_a_label_that_leaks_is_there_when_its_item_is_shown(clean: Made) -> None:
    one, other = clean.lake.outcomes, made(fault("label_leak", 1.0)).lake.outcomes
    early = other.label_time != one.label_time
    assert early.any()
    assert np.all(other.label_time[early] < other.shown_time[early])
    waits = other.arrival[early] - other.shown_time[early]
    assert 0 <= waits.min() <= waits.max() < MINUTE_US


@pytest.mark.parametrize("kind", [each.name for each in STREAM if each.name != "retention_gap"])
def test_what_is_not_hit_stays_as_it_was(clean: Made, kind: str) -> None:
    """Other places, and other times: what a click brings about reaches a little past them."""
    size = 60.0 if KINDS[kind].unit == "seconds" else 0.8
    broken = made(fault(kind, size))
    place = fault(kind).where
    for dataset, key in DATASETS.items():
        one, other = (sorted_rows(getattr(each.lake, dataset), key) for each in (clean, broken))
        first = one.shown_time if dataset == "outcomes" else one.event_time
        last = one.label_time if dataset == "outcomes" else one.event_time
        far = (last < FROM) | (first >= TO + REACH_US)
        for name, value in place:
            far |= getattr(one, name) != DIMENSIONS[name].index(value)
        assert far.any(), dataset
        kept = take(other, np.isin(getattr(other, key), getattr(one, key)[far]))
        assert same(take(one, far), kept), dataset


def test_a_fault_grows(clean: Made) -> None:
    growing = fault("loss", 0.8, (), TO - FROM)
    before = clean.lake.events
    gone = ~np.isin(before.event_id, made(growing).lake.events.event_id)
    for part in range(3):
        third = inside(before, place=()) & ((before.event_time - FROM) * 3 // (TO - FROM) == part)
        assert gone[third].mean() == pytest.approx(0.8 * (part + 0.5) / 3, abs=0.02)


def test_two_faults_hit_apart(clean: Made) -> None:
    one, other = fault("loss", 0.5, ()), replace(fault("loss", 0.5, ()), size=0.4)
    before = clean.lake.events
    gone = ~np.isin(before.event_id, made(one, other).lake.events.event_id)
    assert gone[inside(before, place=())].mean() == pytest.approx(1 - 0.5 * 0.6, abs=0.02)
    again = ~np.isin(before.event_id, made(other, one).lake.events.event_id)
    assert np.array_equal(gone, again)


def test_faults_meet_rows_as_they_truly_were(clean: Made) -> None:
    """A clock that goes wrong moves no row out of another fault's time."""
    skewed = made(fault("clock_skew", 3600.0), fault("untraced", 1.0)).lake.events
    assert np.array_equal(skewed.trace_id == 0, inside(clean.lake.events))


def test_payloads_are_what_their_kind_says() -> None:
    assert '"rank":"' in PAYLOADS[RETYPED]
    assert not PAYLOADS[CUT_OFF].endswith("}")
    assert "@" in PAYLOADS[LEAKY]
    assert not any("@" in each for each in PAYLOADS[:LEAKY])


def test_kinds_say_what_they_are() -> None:
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.title.endswith(".")
        assert kind.codes
        assert kind.unit
        assert set(kind.segments) <= set(DIMENSIONS)
        assert kind.least <= kind.most
