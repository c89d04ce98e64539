"""What servers, models, bills and the assistant write: in step with the stream, and with itself."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from monitor.simulate import answers, labelling, services, texts, training
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.encoding import table
from monitor.simulate.logs import (
    ABANDONED,
    CANARY,
    COMPLETED,
    COMPONENTS,
    COPY,
    DWELL,
    FEATURES,
    RATING,
    SCROLL,
)
from monitor.simulate.pipeline import deliver
from monitor.simulate.population import REGIONS, SEARCH, SLATE, Shop, offer
from monitor.simulate.rows import joined, take
from monitor.simulate.traffic import minutes

NOON = 20_777 * DAY_US + DAY_US // 2
START, MINUTES = NOON - 5 * MINUTE_US, 12
SHOP = Shop(seed=11, events_per_second=300)
LATENESS = {"replays": 8 * MINUTE_US, "training_set": 3 * MINUTE_US}


def made(start: int = START, number: int = MINUTES) -> dict[str, Any]:
    """By dataset what so many minutes leave in the lake; and the truth, `events` and `exposures`."""
    traffic = list(minutes(SHOP, start, start + number * MINUTE_US))
    streams = [deliver(SHOP, each) for each in traffic]
    parts = [services.deliver(SHOP, *each) for each in zip(traffic, streams, strict=True)]
    found = {name: joined([each[name] for each in parts]) for name in services.DATASETS}
    stored = joined([each.events for each in streams])
    shown = joined([each.exposures for each in traffic])
    found |= {"logged": joined([each.exposures for each in streams])}
    found |= {"labels": joined([each.outcomes for each in streams])}
    return found | {"events": joined([each.events for each in traffic]), "stored": stored, "shown": shown}


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    return made()


def looked_up(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of `wanted` stands in `keys`; all of them must be there, and `keys` be distinct."""
    order = np.argsort(keys)
    assert len(np.unique(keys)) == len(keys)
    found = order[np.searchsorted(keys, wanted, sorter=order).clip(max=len(keys) - 1)]
    assert np.array_equal(keys[found], wanted)
    return found


def test_a_minute_is_the_same_in_any_order() -> None:
    alone = made(START + 3 * MINUTE_US, 1)
    number = START // MINUTE_US + 3
    other = [made(each * MINUTE_US, 1) for each in (number + 4, number - 1)]
    for name in services.DATASETS:
        same = made(number * MINUTE_US, 1)[name]
        for column in fields(same):
            assert np.array_equal(
                getattr(alone[name], column.name), getattr(same, column.name), equal_nan=True
            )
    assert not np.isin(other[0]["requests"].request_id, alone["requests"].request_id).any()


@pytest.mark.parametrize("name", services.DATASETS)
def test_rows_arrive_after_they_happen_and_in_time(clean: dict[str, Any], name: str) -> None:
    rows = clean[name]
    assert len(rows.arrival) or name == "training_runs"
    on_time = np.ones(len(rows.arrival), np.bool_)
    if name == "replays":  # a replay of what was stored too late is later still
        late = np.isin(rows.event_id, clean["stored"].event_id[_too_late(clean["stored"])])
        on_time = ~late
    wait = (rows.arrival - rows.event_time)[on_time]
    assert wait.min(initial=0) >= 0
    assert wait.max(initial=0) < LATENESS.get(name, 2 * MINUTE_US) - 10 * SECOND_US


def _too_late(stored: Any) -> np.ndarray:
    return stored.arrival - stored.event_time > 2 * MINUTE_US


@pytest.mark.parametrize("name", services.DATASETS)
def test_tables_have_no_holes(clean: dict[str, Any], name: str) -> None:
    may_be_null = {"fallback_path", "span_length", "edit_distance", "dwell_ms", "rating"}
    made_table = table(name, clean[name])
    assert made_table.num_rows == len(clean[name].arrival)
    for column in made_table.column_names:
        assert made_table[column].null_count == 0 or column in may_be_null, column


# The recommender --------------------------------------------------------------------------------------------


def test_every_slate_was_asked_for_by_its_user(clean: dict[str, Any]) -> None:
    asked, first = clean["requests"], take(clean["shown"], np.arange(0, len(clean["shown"].user_id), SLATE))
    assert len(np.unique(asked.request_id)) == len(asked.request_id)
    for column in ("request_id", "user_id", "region", "device", "event_time", "variant", "trace_id"):
        assert np.array_equal(getattr(asked, column), getattr(first, column))
    assert (asked.responded_at > asked.event_time).all()


def test_the_recommender_is_well(clean: dict[str, Any]) -> None:
    asked = clean["requests"]
    took = asked.responded_at - asked.event_time
    assert np.mean(took <= 200_000) > 0.99
    assert np.median(took[asked.cache_hit]) * 4 < np.median(took[~asked.cache_hit])
    assert 0.93 < asked.cache_hit.mean() < 0.96
    assert np.mean((asked.status >= 500) | asked.partial) < 0.001
    assert np.array_equal(asked.missing_features > 0, asked.fallback)
    assert np.mean(asked.fallback) < 0.001
    assert 0.25 < np.mean(asked.rule_hits > 0) < 0.31
    assert (asked.rule_hits <= asked.candidates).all()


def test_a_canary_answers_the_same_users_always(clean: dict[str, Any]) -> None:
    asked = clean["requests"]
    by_canary = set(asked.user_id[asked.release == CANARY].tolist())
    assert not by_canary & set(asked.user_id[asked.release != CANARY].tolist())
    assert 0.03 < len(by_canary) / len(set(asked.user_id.tolist())) < 0.07


def test_features_are_of_requests_and_each_of_them_once(clean: dict[str, Any]) -> None:
    read, asked = clean["features"], clean["requests"]
    found = looked_up(asked.request_id, read.request_id[:: len(FEATURES)])
    assert np.array_equal(read.feature, np.tile(np.arange(len(FEATURES)), len(found)))
    for column in ("user_id", "region", "model_version", "event_time"):
        assert np.array_equal(getattr(read, column)[:: len(FEATURES)], getattr(asked, column)[found])
    assert 0.04 < len(found) / len(asked.request_id) < 0.06
    assert np.isfinite(read.value).all()


def test_training_reads_what_serving_read(clean: dict[str, Any]) -> None:
    keys = {
        (request, feature): value
        for request, feature, value in zip(
            clean["features"].request_id.tolist(),
            clean["features"].feature.tolist(),
            clean["features"].value.tolist(),
            strict=True,
        )
    }
    read = clean["examples"]
    rows = zip(read.request_id.tolist(), read.feature.tolist(), read.value.tolist(), strict=True)
    assert all(keys[request, feature] == value for request, feature, value in rows)
    assert 0.99 < len(read.value) / len(keys) < 1


def test_a_feature_is_partly_its_users_own() -> None:
    read = made(START, 30)["features"]
    visits = read.feature == 0
    user, value = read.user_id[visits], np.log(read.value[visits])
    order = np.argsort(user, kind="stable")
    same = user[order][1:] == user[order][:-1]
    assert same.sum() > 100
    pairs = np.corrcoef(value[order][1:][same], value[order][:-1][same])[0, 1]
    assert 0.3 < pairs < 0.7


def test_the_training_set_is_what_was_shown_with_its_labels(clean: dict[str, Any]) -> None:
    rows, logged, labels = clean["training_set"], clean["logged"], clean["labels"]
    shown = looked_up(logged.exposure_id, rows.exposure_id)
    for column in ("request_id", "event_time", "item_id", "score", "user_id", "variant", "user_group"):
        assert np.array_equal(getattr(rows, column), getattr(logged, column)[shown])
    told = looked_up(labels.exposure_id, rows.exposure_id)
    assert np.array_equal(rows.click, labels.label[told] > 0)
    assert len(rows.click) == np.isin(logged.exposure_id, labels.exposure_id).sum()
    assert (rows.arrival >= np.maximum(logged.arrival[shown], labels.arrival[told])).all()
    assert set(rows.request_id.tolist()) <= set(clean["requests"].request_id.tolist())
    age = offer(SHOP.seed, START // DAY_US).age_days
    new = {
        item for item, days in zip(offer(SHOP.seed, START // DAY_US).on_sale, age, strict=True) if days < 14
    }
    assert rows.is_new_item.tolist() == [item in new for item in rows.item_id]
    assert 0 < rows.is_new_item.mean() < 0.1


def test_where_nothing_was_shown_there_is_nothing_to_train_on(clean: dict[str, Any]) -> None:
    stream = next(deliver(SHOP, each) for each in minutes(SHOP, START, START + MINUTE_US))
    none = np.zeros(len(stream.exposures.arrival), np.bool_)
    silent = replace(stream, exposures=take(stream.exposures, none))
    assert not len(labelling.labelled(SHOP, silent).arrival)
    some = replace(stream, outcomes=take(stream.outcomes, np.arange(5)))
    assert len(labelling.labelled(SHOP, some).arrival) == 5


# Models, bills and replays ----------------------------------------------------------------------------------


def test_models_are_rolled_out_at_midnight_and_noon() -> None:
    day = NOON // DAY_US * DAY_US // MINUTE_US
    rows = training.deployments(SHOP, range(day, day + 1440))
    assert ((rows.event_time - day * MINUTE_US) / (DAY_US // 2)).tolist() == [0, 0, 1, 1]
    assert rows.variant.tolist() == [0, 1, 0, 1]
    assert (rows.model_version == 2 * (NOON // DAY_US) + rows.variant.astype(int)).all()
    trained = training.runs(SHOP, range(day, day + 1440))
    assert set(trained.run_id.tolist()) == set(training.run_ids(SHOP.seed, rows.model_version + 2).tolist())
    assert (trained.trained_until - trained.trained_from == 7 * DAY_US).all()


@pytest.mark.parametrize("number", [NOON // MINUTE_US, NOON // MINUTE_US + 1, NOON // DAY_US * 1440])
def test_the_registry_reaches_back_before_the_shop_without_a_double(number: int) -> None:
    for before, now in (
        (training.deployments_before, training.deployments),
        (training.runs_before, training.runs),
    ):
        past = before(SHOP, number)
        assert (past.event_time < number * MINUTE_US).all()
        assert (past.arrival == number * MINUTE_US).all()
        coming = now(SHOP, range(number, number + 1440))
        times = np.unique(np.concatenate([past.event_time, coming.event_time]))
        assert len(set(np.diff(times).tolist())) == 1
        assert times[-1] - times[0] >= training.BEFORE_DAYS * DAY_US


def test_a_bill_follows_the_events(clean: dict[str, Any]) -> None:
    bill, n = clean["costs"], len(clean["events"].region)
    assert len(bill.amount) == MINUTES * len(COMPONENTS) * len(REGIONS)
    assert bill.units.sum() == n * len(COMPONENTS)
    assert bill.amount.sum() / n * 1e6 == pytest.approx(58, rel=0.03)


def test_replays_are_of_stored_events_each_once(clean: dict[str, Any]) -> None:
    again, stored = clean["replays"], clean["stored"]
    ids, first = np.unique(stored.event_id, return_index=True)
    found = first[looked_up(ids, again.event_id)]
    assert np.array_equal(again.payload, stored.payload[found])
    assert np.array_equal(again.event_time, stored.event_time[found])
    assert len(np.unique(again.event_id)) == len(again.event_id)
    assert 0.015 < len(again.event_id) / len(ids) < 0.025


# The assistant ----------------------------------------------------------------------------------------------


def test_conversations_grow_out_of_searches(clean: dict[str, Any]) -> None:
    asked, events = clean["queries"], clean["events"]
    searched = (events.event_type == SEARCH) & ~events.is_bot
    who = zip(events.user_id[searched].tolist(), events.session_id[searched].tolist(), strict=True)
    assert set(zip(asked.user_id.tolist(), asked.session_id.tolist(), strict=True)) <= set(who)
    assert len(np.unique(asked.query_id)) == len(asked.query_id)
    conversations = len(np.unique(asked.trace_id))
    assert 0.12 < conversations / searched.sum() < 0.18
    assert 1.1 < len(asked.query_id) / conversations < 1.6


def test_answers_are_to_queries_and_later(clean: dict[str, Any]) -> None:
    asked, answered = clean["queries"], clean["responses"]
    found = looked_up(asked.query_id, answered.query_id)
    for column in ("user_id", "session_id", "region", "device", "task_type", "trace_id"):
        assert np.array_equal(getattr(asked, column)[found], getattr(answered, column))
    assert (answered.event_time > asked.event_time[found]).all()
    assert len(np.unique(answered.query_id)) / len(asked.query_id) > 0.999
    pairs = answered.query_id.astype(object) * 4 + answered.position
    assert len(set(pairs.tolist())) == len(pairs)
    assert np.mean(answered.click[answered.position == 1]) > 1.5 * np.mean(
        answered.click[answered.position == 2]
    )


def test_signals_are_of_answers_and_kept_as_declared(clean: dict[str, Any]) -> None:
    given, answered = clean["signals"], clean["responses"]
    found = looked_up(answered.response_id, given.response_id)
    assert np.array_equal(answered.query_id[found], given.query_id)
    assert (given.event_time > answered.event_time[found]).all()
    for kind, share in ((DWELL, 0.2), (SCROLL, 0.1), (COPY, 1.0), (COMPLETED, 1.0)):
        kept = given.sampled[given.event_type == kind]
        assert abs(kept.mean() - share) < 4 * np.sqrt(share / len(kept)) * (share < 1) + 1e-9
    has = {"span_length": COPY, "dwell_ms": DWELL, "rating": RATING}
    for column, kind in has.items():
        assert np.array_equal(~np.isnan(getattr(given, column)), given.event_type == kind)


def test_what_people_do_follows_how_good_the_answer_was(clean: dict[str, Any]) -> None:
    given, answered = clean["signals"], clean["responses"]
    good = answered.good[looked_up(answered.response_id, given.response_id)]
    rated, stayed = given.event_type == RATING, given.event_type == DWELL
    assert given.rating[rated & good].mean() > given.rating[rated & ~good].mean() + 1.5
    assert np.median(given.dwell_ms[stayed & good]) > 2 * np.median(given.dwell_ms[stayed & ~good])
    shares = [np.mean(good[given.event_type == kind]) for kind in (COPY, ABANDONED)]
    assert shares[0] > 0.95
    assert shares[1] < 0.75


def test_nobody_both_finishes_and_gives_up(clean: dict[str, Any]) -> None:
    given = clean["signals"]
    finished, left = (given.response_id[given.event_type == kind] for kind in (COMPLETED, ABANDONED))
    assert len(finished)
    assert len(left)
    assert not np.isin(finished, left).any()


def test_texts_differ_where_they_should() -> None:
    codes = range(len(texts.FORMS) * texts.TOPICS * len(texts.FORMS[0]))
    asked = {texts.query_text(code) for code in codes}
    clarified = {forms[texts.CLARIFIED] for forms in texts.FORMS}
    assert clarified < asked
    assert len(asked) == len(texts.FORMS) * (texts.TOPICS * 3 + 1)
    assert not any("@" in text for text in asked)
    assert "@" in texts.query_text(texts.LEAK + 3)
    assert "@" in texts.answer_text(2 * texts.LEAK)
    assert "@" in texts.payload_text(texts.LEAK)
    assert len(answers.TENANTS) == len(REGIONS) + 1
