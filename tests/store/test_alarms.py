"""Where alerts stand, incidents, deliveries and silences, on both databases."""

from dataclasses import replace

import pytest

from monitor.errors import LeaseLost
from monitor.model import DAY, MINUTE, SECOND, Window
from monitor.store import Store, alarms, lease, outbox, silences
from monitor.store.alarms import Alarm
from monitor.store.database import writing
from monitor.store.outbox import Draft, Told
from tests.store.samples import T0

BURN = Alarm(
    key="k1",
    name="BudgetBurn",
    labels={"pipeline": "shop", "slo": "loss", "severity": "page"},
    state="firing",
    active_at=T0,
    fired_at=T0 + MINUTE,
    onset=T0 - 5 * MINUTE,
    summary="loss burns",
    links={"runbook_url": "http://x/runbooks/loss"},
    evaluated=T0 + MINUTE,
)
OVER = replace(BURN, state="inactive", resolved_at=T0 + 9 * MINUTE, fired_at=None, active_at=None)


def record(store: Store, *changed: Alarm, drafts: tuple[Draft, ...] = (), now: int = T0 + MINUTE) -> None:
    alarms.record(store, "shop", changed, drafts, now)


def test_a_state_is_read_as_it_was_written(store: Store):
    assert (alarms.stored(store, "shop"), alarms.evaluated(store, "shop")) == ({}, None)
    record(store, BURN)
    assert alarms.stored(store, "shop") == {"k1": BURN}
    assert alarms.stored(store, "other") == {}
    assert alarms.evaluated(store, "shop") == T0 + MINUTE


def test_an_incident_opens_once_and_closes_once(store: Store):
    record(store, BURN)
    record(store, replace(BURN, summary="worse"))
    (incident,) = alarms.history(store, "shop")
    assert (incident.onset, incident.fired_at, incident.resolved_at) == (T0 - 5 * MINUTE, T0 + MINUTE, None)
    assert (incident.severity, incident.summary, incident.labels["slo"]) == ("page", "loss burns", "loss")
    record(store, OVER, now=T0 + 9 * MINUTE)
    record(store, replace(OVER, resolved_at=T0 + 10 * MINUTE), now=T0 + 10 * MINUTE)
    (incident,) = alarms.history(store, "shop")
    assert incident.resolved_at == T0 + 9 * MINUTE
    again = replace(BURN, fired_at=T0 + 20 * MINUTE, active_at=T0 + 20 * MINUTE, onset=None)
    record(store, again, now=T0 + 20 * MINUTE)
    assert [each.onset for each in alarms.history(store, "shop")] == [T0 - 5 * MINUTE, T0 + 20 * MINUTE]
    assert [each.fired_at for each in alarms.history(store, "shop", since=T0 + 10 * MINUTE)] == [
        again.fired_at
    ]
    assert alarms.history(store, "shop", until=T0) == []


def test_an_incident_is_taken_by_one(store: Store):
    record(store, BURN)
    (incident,) = alarms.history(store, "shop")
    assert alarms.acknowledge(store, "shop", incident.id, T0 + 2 * MINUTE, "ann")
    assert not alarms.acknowledge(store, "shop", incident.id, T0 + 3 * MINUTE, "bob")
    assert not alarms.acknowledge(store, "other", incident.id, T0, "bob")
    (incident,) = alarms.history(store, "shop")
    assert (incident.acknowledged_at, incident.acknowledged_by) == (T0 + 2 * MINUTE, "ann")


def test_what_is_long_over_is_forgotten_and_its_incident_kept(store: Store):
    record(store, BURN)
    record(store, OVER, now=T0 + 9 * MINUTE)
    assert set(alarms.stored(store, "shop")) == {"k1"}
    record(store, now=T0 + 9 * MINUTE + DAY + 1)
    assert alarms.stored(store, "shop") == {}
    assert len(alarms.history(store, "shop")) == 1


def test_a_paused_leader_writes_nothing(store: Store):
    first = lease.acquire(store, "serve:shop", "a", 0, T0)
    lease.acquire(store, "serve:shop", "b", DAY, T0 + 1)
    with pytest.raises(LeaseLost):
        alarms.record(store, "shop", [BURN], [Draft("page", "{}", "d1", {})], T0, first)
    assert (alarms.stored(store, "shop"), outbox.due(store, "shop", T0 + DAY)) == ({}, [])


def test_only_what_moves_moves_the_revision(store: Store):
    record(store, BURN)
    before = store.revision()
    record(store, now=T0 + 2 * MINUTE)
    assert store.revision() == before
    record(store, replace(BURN, summary="worse"))
    assert store.revision() > before


def draft(key: str, grouping: str = "{}", again: int | None = None) -> Draft:
    return Draft("page", grouping, key, {"notices": [key]}, again)


def test_a_delivery_waits_until_it_arrives(store: Store):
    record(store, drafts=(draft("d1"),))
    (one,) = outbox.due(store, "shop", T0 + MINUTE)
    assert (one.content, one.attempts, one.sent, one.outcome) == ({"notices": ["d1"]}, 0, None, Told.PENDING)
    outbox.settle(store, one, at=T0 + MINUTE, error="HTTP 503", retry=T0 + 2 * MINUTE)
    assert outbox.due(store, "shop", T0 + MINUTE) == []
    (one,) = outbox.due(store, "shop", T0 + 2 * MINUTE)
    assert (one.attempts, one.error, one.outcome) == (1, "HTTP 503", Told.PENDING)
    assert outbox.waiting(store, "shop") == [one]
    outbox.settle(store, one, at=T0 + 2 * MINUTE)
    assert (outbox.due(store, "shop", T0 + DAY), outbox.waiting(store, "shop")) == ([], [])
    (last,) = outbox.newest(store, "shop").values()
    assert (last.sent, last.attempts, last.outcome) == (T0 + 2 * MINUTE, 0, Told.DELIVERED)


def test_a_newer_message_of_the_group_replaces_what_is_under_way(store: Store):
    record(store, drafts=(draft("d1"), draft("e1", "{e}")))
    record(store, drafts=(draft("d2"),), now=T0 + 2 * MINUTE)
    assert [each.key for each in outbox.due(store, "shop", T0 + DAY)] == ["e1", "d2"]
    assert {group: each.key for (_, group), each in outbox.newest(store, "shop").items()} == {
        "{}": "d2",
        "{e}": "e1",
    }


def test_the_same_message_is_kept_once(store: Store):
    record(store, drafts=(draft("d1"),))
    record(store, drafts=(draft("d1"),), now=T0 + 2 * MINUTE)
    (one,) = outbox.due(store, "shop", T0 + DAY)
    assert one.created == T0 + MINUTE


def test_a_message_is_told_again_under_its_key(store: Store):
    record(store, drafts=(draft("d1"),))
    (one,) = outbox.due(store, "shop", T0 + DAY)
    outbox.settle(store, one, at=T0 + MINUTE)
    record(store, drafts=(replace(draft("d1"), again=one.id, content={"notices": ["now"]}),), now=T0 + DAY)
    (two,) = outbox.due(store, "shop", T0 + DAY)
    assert (two.id, two.key, two.content, two.sent) == (one.id, "d1", {"notices": ["now"]}, T0 + MINUTE)


def test_what_is_renewed_while_it_is_sent_is_sent_again(store: Store):
    record(store, drafts=(draft("d1"),))
    (one,) = outbox.due(store, "shop", T0 + DAY)
    record(store, drafts=(replace(draft("d1"), again=one.id),), now=T0 + 5 * MINUTE)
    outbox.settle(store, one, at=T0 + 5 * MINUTE)
    (left,) = outbox.due(store, "shop", T0 + DAY)
    assert (left.id, left.sent) == (one.id, T0 + 5 * MINUTE)


def test_old_messages_go_but_for_the_last_of_each_group(store: Store):
    record(store, drafts=(draft("d1"),))
    record(store, drafts=(draft("d2"),), now=T0 + 2 * MINUTE)
    (one,) = outbox.due(store, "shop", T0 + DAY)
    outbox.settle(store, one, at=T0 + 2 * MINUTE)
    assert outbox.prune(store, T0 + DAY) == 0
    assert outbox.prune(store, T0 + 31 * DAY) == 1
    assert [each.key for each in outbox.newest(store, "shop").values()] == ["d2"]


def test_a_silence_holds_from_its_start_to_its_end(store: Store):
    window = Window(T0 + MINUTE, T0 + 3 * MINUTE)
    with writing(store) as connection:
        number = silences.add(
            connection,
            "shop",
            [("slo", "loss"), ("severity", "ticket")],
            window,
            reason="r",
            author="ann",
            now=T0,
        )
    (one,) = silences.listed(store, "shop")
    assert (one.id, one.reason, one.author, one.created) == (number, "r", "ann", T0)
    assert [one.active(T0 + n * MINUTE) for n in range(4)] == [False, True, True, False]
    assert one.covers("BudgetBurn", {"slo": "loss", "severity": "ticket", "stage": "store"})
    assert not one.covers("BudgetBurn", {"slo": "loss", "severity": "page"})
    assert silences.listed(store, "shop", T0 + 3 * MINUTE) == []
    with pytest.raises(ValueError, match="everything"), writing(store) as connection:
        silences.add(connection, "shop", [], window, reason="r", author="ann", now=T0)


def test_a_silence_is_ended_once_and_remembered(store: Store):
    window = Window(T0, T0 + DAY)
    with writing(store) as connection:
        number = silences.add(
            connection, "shop", [("alertname", "CheckStale")], window, reason="r", author="ann", now=T0
        )
        assert not silences.end(connection, "other", number, T0 + SECOND)
        assert silences.end(connection, "shop", number, T0 + MINUTE)
        assert not silences.end(connection, "shop", number, T0 + 2 * MINUTE)
    (one,) = silences.listed(store, "shop")
    assert (one.ended, one.active(T0 + 30 * SECOND), one.active(T0 + MINUTE)) == (T0 + MINUTE, True, False)
    assert one.covers("CheckStale", {})


def test_a_silence_of_a_check_covers_its_budget(store: Store):
    with writing(store) as connection:
        silences.add(
            connection, "shop", [("check", "loss")], Window(T0, T0 + DAY), reason="r", author="ann", now=T0
        )
    (one,) = silences.listed(store, "shop")
    assert one.covers("BudgetBurn", {"slo": "loss"})
    assert one.covers("CheckStale", {"check": "loss"})
    assert not one.covers("BudgetBurn", {"slo": "late"})
    assert not one.covers("WatermarkLag", {"dataset": "loss"})
