"""What becomes of events: every one is accounted for, and a fault touches what it names and nothing else."""

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest

from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.faults import Fault
from monitor.simulate.ledger import account
from monitor.simulate.pipeline import LABEL_WINDOW_US, LATENESS_US, NEVER, Delivery, deliver
from monitor.simulate.population import CHECKOUT, EVENT_TYPES, REGIONS, Shop
from monitor.simulate.rows import joined, length, take
from monitor.simulate.traffic import Minute, minutes
from monitor.simulate.writer import BATCH_US

START = 20_777 * DAY_US + 11 * 60 * MINUTE_US
END = START + 10 * MINUTE_US
SHOP = Shop(seed=11, events_per_second=400)
EU_LOSS = Fault(
    kind="loss", where=(("region", "eu"),), size=0.25, start=START + 2 * MINUTE_US, end=START + 5 * MINUTE_US
)


@pytest.fixture(scope="module")
def traffic() -> list[Minute]:
    return list(minutes(SHOP, START, END))


def delivered(traffic: list[Minute], *faults: Fault) -> Delivery:
    made = [deliver(SHOP, each, faults) for each in traffic]
    return Delivery(**{f.name: joined([getattr(one, f.name) for one in made]) for f in fields(Delivery)})


@pytest.fixture(scope="module")
def clean(traffic: list[Minute]) -> Delivery:
    return delivered(traffic)


@pytest.fixture(scope="module")
def damaged(traffic: list[Minute]) -> Delivery:
    return delivered(traffic, EU_LOSS)


def within(made: Delivery, end: int) -> Delivery:
    """The rows of events before `end`: the clicks of the last minute's slates reach past it."""
    names = ("emitted", "events", "dead_letters")
    return replace(made, **{n: take(getattr(made, n), getattr(made, n).event_time < end) for n in names})


def by_region(rows: object) -> list[int]:
    return np.bincount(rows.region, minlength=len(REGIONS)).tolist()


@pytest.mark.parametrize("faults", [(), (EU_LOSS,)], ids=["clean", "loss"])
def test_every_event_is_accounted_for(traffic: list[Minute], faults: tuple[Fault, ...]) -> None:
    made, ledger = within(delivered(traffic, *faults), END), account(SHOP, faults, START, END, START)
    assert by_region(made.emitted) == ledger.emitted.tolist()
    assert by_region(made.events) == ledger.delivered.tolist()
    assert by_region(made.dead_letters) == ledger.dead_lettered.tolist()
    three = made.emitted, made.events, made.dead_letters
    sent, stored, dead = (set(rows.event_id.tolist()) for rows in three)
    assert stored | dead <= sent
    assert not stored & dead
    assert len(sent - stored - dead) == ledger.lost.sum()
    assert length(made.events) - len(stored) == ledger.duplicated.sum()
    late = np.unique(made.events.event_id[made.events.ingest_time - made.events.event_time > LATENESS_US])
    assert len(late) == ledger.too_late.sum()


def test_the_ledger_of_a_stretch_is_the_sum_of_its_parts() -> None:
    cuts = [START, START + 13 * SECOND_US, START + 70 * SECOND_US, START + 3 * MINUTE_US]
    whole = account(SHOP, (EU_LOSS,), cuts[0], cuts[-1])
    parts = [account(SHOP, (EU_LOSS,), a, b) for a, b in pairwise(cuts)]
    total = parts[0] + parts[1] + parts[2]
    for column in fields(whole):
        assert np.array_equal(getattr(whole, column.name), getattr(total, column.name))


def test_trouble_is_as_rare_as_it_should_be(clean: Delivery) -> None:
    n = length(clean.emitted)
    ledger = account(SHOP, (), START, END, START)
    for count, share in (
        (ledger.lost, 0.0002),
        (ledger.dead_lettered, 0.0001),
        (ledger.duplicated, 0.0005),
        (ledger.too_late, 0.00005),
    ):
        expected = share * ledger.emitted.sum()
        assert abs(count.sum() - expected) < 5 * np.sqrt(expected) + 1
    no_feature = np.sum(clean.events.feature_time == NEVER)
    assert abs(no_feature - 0.001 * n) < 5 * np.sqrt(0.001 * n)
    checkouts = clean.events.event_type == CHECKOUT
    assert 0 < np.mean(clean.events.basket_id[checkouts] == 0) < 0.01


def test_times_are_in_order(clean: Delivery) -> None:
    rows = clean.events
    assert np.all(rows.event_time <= rows.ingest_time)
    assert np.all(rows.ingest_time <= rows.stored_time)
    there = rows.feature_time != NEVER
    assert np.all(rows.stored_time[there] <= rows.feature_time[there])
    assert np.array_equal(rows.arrival[there], rows.feature_time[there])
    assert np.all(rows.arrival[~there] > rows.stored_time[~there])


def test_delays_have_a_heavy_tail_below_the_lateness(clean: Delivery) -> None:
    delay = clean.events.arrival - clean.events.event_time
    assert np.quantile(delay, 0.95) < 3 * SECOND_US
    assert np.quantile(delay, 0.999) > 15 * SECOND_US
    on_time = clean.events.ingest_time - clean.events.event_time <= LATENESS_US
    assert delay[on_time].max() + BATCH_US <= LATENESS_US
    assert not np.all(on_time)
    shown, labelled = clean.exposures, clean.outcomes
    waits_by_dataset = [
        clean.emitted.arrival - clean.emitted.event_time,
        shown.arrival - shown.event_time,
        labelled.arrival - labelled.label_time,
    ]
    for waits in waits_by_dataset:
        assert waits.min() >= 0
        assert waits.max() + BATCH_US <= LATENESS_US


def test_a_retry_is_the_same_event_later(clean: Delivery) -> None:
    rows = clean.events
    ids, counts = np.unique(rows.event_id, return_counts=True)
    assert counts.max() == 2
    retried = clean.emitted.event_id[clean.emitted.retries == 1]
    assert set(ids[counts == 2].tolist()) == set(retried.tolist())
    for event_id in ids[counts == 2][:20]:
        one, two = np.flatnonzero(rows.event_id == event_id)
        assert rows.event_time[one] == rows.event_time[two]
        assert rows.ingest_time[two] >= rows.ingest_time[one] + SECOND_US
        assert rows.payload[one] == rows.payload[two]


def test_labels_are_clicks_that_were_stored(traffic: list[Minute], damaged: Delivery) -> None:
    stored = set(damaged.events.event_id.tolist())
    clicked = {}
    for each in traffic:
        for row in np.flatnonzero(each.exposures.click >= 0):
            click = each.exposures.click[row]
            clicked[each.exposures.exposure_id[row].item()] = each.events.event_id[click].item() in stored
    assert 0 < sum(clicked.values()) < len(clicked)
    ids, labels = damaged.outcomes.exposure_id.tolist(), damaged.outcomes.label.tolist()
    assert labels == [clicked.get(each, False) for each in ids]


def test_almost_every_exposure_is_labelled_once_and_in_time(clean: Delivery) -> None:
    shown, labelled = clean.exposures, clean.outcomes
    assert len(np.unique(labelled.exposure_id)) == length(labelled)
    assert set(labelled.exposure_id.tolist()) <= set(shown.exposure_id.tolist())
    assert 0.996 < length(labelled) / length(shown) < 0.9995
    since = dict(zip(shown.exposure_id.tolist(), shown.event_time.tolist(), strict=True))
    waits = labelled.label_time - np.array([since[each] for each in labelled.exposure_id.tolist()])
    assert waits.min() > 0
    assert waits.max() < 3 * MINUTE_US
    assert waits[labelled.label == 0].min() >= LABEL_WINDOW_US


def test_a_model_is_named_after_its_day_and_variant(clean: Delivery) -> None:
    versions = clean.exposures.model_version - clean.exposures.variant
    assert set(versions.tolist()) == {2 * 20_777}


def test_a_loss_hits_its_region_and_time_alone(clean: Delivery, damaged: Delivery) -> None:
    gone = ~np.isin(clean.events.event_id, damaged.events.event_id)
    lost = take(clean.events, gone)
    assert set(lost.region.tolist()) == {REGIONS.index("eu")}
    assert lost.event_time.min() >= EU_LOSS.start
    assert lost.event_time.max() < EU_LOSS.end
    exposed = (clean.events.region == 0) & (clean.events.event_time >= EU_LOSS.start)
    exposed &= clean.events.event_time < EU_LOSS.end
    assert gone.sum() / exposed.sum() == pytest.approx(EU_LOSS.size, abs=0.02)
    for column in fields(clean.events):  # the survivors are the same to the last column
        left = getattr(take(clean.events, ~gone), column.name)
        assert np.array_equal(left, getattr(damaged.events, column.name))
    for column in fields(clean.exposures):
        assert np.array_equal(getattr(clean.exposures, column.name), getattr(damaged.exposures, column.name))
    assert np.array_equal(clean.emitted.event_id, damaged.emitted.event_id)


def test_faults_add_up_in_any_order(traffic: list[Minute]) -> None:
    us = replace(EU_LOSS, where=(("region", "us"),), size=0.5)
    one, other = delivered(traffic[3:5], EU_LOSS, us), delivered(traffic[3:5], us, EU_LOSS)
    assert np.array_equal(one.events.event_id, other.events.event_id)
    counts, alone = by_region(one.events), by_region(delivered(traffic[3:5], EU_LOSS).events)
    assert counts[0] == alone[0]
    assert counts[1] < 0.6 * alone[1]
    assert counts[2:] == alone[2:]


def test_a_total_loss_without_region_leaves_nothing(traffic: list[Minute]) -> None:
    made = delivered(traffic[:2], Fault(kind="loss", size=1, start=0, end=END))
    assert length(made.events) == length(made.dead_letters) == 0
    assert length(made.emitted) > 0
    assert not made.outcomes.label.any()


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"kind": "los"}, "unknown fault 'los'; there is: loss, dead_letters"),
        ({"where": (("region", "EU"),)}, "unknown region 'EU'; there is: eu, us, apac, latam, mea"),
        ({"where": (("planet", "mars"),)}, "cannot be narrowed by 'planet'; by these it can: region, device"),
        ({"where": (("region", "eu"), ("region", "us"))}, "by one dimension, or by two different ones"),
        ({"size": 5}, "from 0 to 1 .share of events., not 5"),
        ({"ramp": -1}, "less than no time"),
        ({"end": START}, "must end after it starts"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(EU_LOSS, **wrong)


def test_every_kind_of_event_is_stored(clean: Delivery) -> None:
    assert set(clean.events.event_type.tolist()) == set(range(len(EVENT_TYPES)))
