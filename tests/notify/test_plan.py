"""Which messages are due, minute by minute: Alertmanager's rules for groups, worked out by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from monitor.config.quiet import quiet
from monitor.config.routes import Route, Routes
from monitor.model import DAY, HOUR, MINUTE, SECOND, Window
from monitor.notify import held, notice, plan
from monitor.notify.targets import targets
from monitor.store.alarms import Alarm
from monitor.store.outbox import Delivery, Draft, Told
from monitor.store.silences import Silence

T0 = 1_790_000_000 * SECOND - 1_790_000_000 * SECOND % DAY  # a midnight, UTC
Hold = Callable[[Alarm], str]


def alarm(name: str = "loss", severity: str = "page", fired: int = T0, **labels: str) -> Alarm:
    own = {"pipeline": "shop", "stage": "store", "owner": "data", "severity": severity, "slo": name, **labels}
    return Alarm(
        key=f"{name}-{severity}",
        name="BudgetBurn",
        labels=own,
        state="firing",
        active_at=fired,
        fired_at=fired,
        onset=fired,
        summary=f"{name} burns",
        links={"runbook_url": f"http://x/runbooks/{name}"},
    )


def over(one: Alarm, at: int) -> Alarm:
    return replace(one, state="inactive", active_at=None, fired_at=None, onset=None, resolved_at=at)


def route(name: str = "page", **keys: Any) -> Route:
    given = {"apprise": "json://127.0.0.1", "repeat": "1h"} | keys
    if "alertmanager" in given:
        given.pop("apprise")
    return Route.model_validate({"name": name, **given})


def routes(*some: Route) -> Routes:
    return Routes({each.name: each for each in (some or (route(),))})


class Outbox:
    """The store's outbox in short: what was drafted last, by group, and whether it arrived."""

    def __init__(self, to: Routes) -> None:
        self.to, self.last, self.number = to, dict[tuple[str, str], Delivery](), 0

    def step(
        self, now: int, *alarms: Alarm, hold: Hold = lambda _: "", arrives: bool = True
    ) -> list[list[tuple[str, bool]]]:
        """One evaluation; the (subject, whether it fires) of every alert of every message."""
        known = {each.key: each for each in alarms}
        made = plan.drafts(self.to, known, self.last, now, hold)
        for draft in made:
            self.keep(draft, now)
            if arrives:
                self.arrive(draft, now)
        return [shown(draft) for draft in made]

    def keep(self, draft: Draft, now: int) -> None:
        key = draft.route, draft.grouping
        if draft.again is not None:
            self.last[key] = replace(self.last[key], content=draft.content, due=now)
            return
        self.number += 1
        fixed = (self.number, draft.route, draft.grouping, draft.key, now, draft.content)
        self.last[key] = Delivery(*fixed, 0, now, None, Told.PENDING, "")

    def arrive(self, draft: Draft, now: int) -> None:
        key = draft.route, draft.grouping
        self.last[key] = replace(self.last[key], due=None, sent=now, outcome=Told.DELIVERED)


def shown(draft: Draft) -> list[tuple[str, bool]]:
    return [(each.labels["slo"], each.firing) for each in notice.read(draft.content)]


def test_a_group_waits_for_others_then_tells_them_together():
    box, loss, late = Outbox(routes()), alarm(), alarm("late", fired=T0 + 10 * SECOND)
    assert box.step(T0, loss) == []
    assert box.step(T0 + 29 * SECOND, loss, late) == []
    assert box.step(T0 + 30 * SECOND, loss, late) == [[("loss", True), ("late", True)]]
    assert box.step(T0 + MINUTE, loss, late) == []


def test_groups_are_told_apart_by_their_labels():
    box = Outbox(routes(route(group_by=["stage"])))
    one, other = alarm(), alarm("late", stage="feature")
    assert sorted(box.step(T0 + MINUTE, one, other)) == [[("late", True)], [("loss", True)]]


def test_a_changed_group_waits_for_its_interval():
    box, loss = Outbox(routes()), alarm()
    box.step(T0 + MINUTE, loss)
    late = alarm("late", fired=T0 + 2 * MINUTE)
    assert box.step(T0 + 3 * MINUTE, loss, late) == []
    assert box.step(T0 + 6 * MINUTE, loss, late) == [[("loss", True), ("late", True)]]
    ended = over(loss, T0 + 8 * MINUTE)
    assert box.step(T0 + 9 * MINUTE, ended, late) == []
    assert box.step(T0 + 11 * MINUTE, ended, late) == [[("late", True), ("loss", False)]]
    assert box.step(T0 + 20 * MINUTE, ended, late) == []


def test_an_end_says_when_it_ended():
    box, loss = Outbox(routes()), alarm()
    box.step(T0 + MINUTE, loss)
    (draft,) = plan.drafts(box.to, {loss.key: over(loss, T0 + 7 * MINUTE)}, box.last, T0 + 9 * MINUTE, no)
    (said,) = notice.read(draft.content)
    assert (said.starts, said.ends, said.summary) == (T0, T0 + 7 * MINUTE, "loss burns")


def no(_: Alarm) -> str:
    return ""


def test_an_alert_that_left_the_store_ends_now():
    box = Outbox(routes())
    box.step(T0 + MINUTE, alarm())
    (draft,) = plan.drafts(box.to, {}, box.last, T0 + 9 * MINUTE, no)
    assert notice.read(draft.content)[0].ends == T0 + 9 * MINUTE


def test_what_is_over_before_it_was_told_is_never_told():
    box, loss = Outbox(routes()), alarm()
    assert box.step(T0 + 10 * SECOND, loss) == []
    assert box.step(T0 + MINUTE, over(loss, T0 + 40 * SECOND)) == []


def test_what_goes_on_is_told_again_after_the_repeat_interval_under_its_key():
    box, loss = Outbox(routes()), alarm()
    box.step(T0 + MINUTE, loss)
    (key,) = {each.key for each in box.last.values()}
    assert box.step(T0 + HOUR, loss) == []
    worse = replace(loss, summary="worse")
    (draft,) = plan.drafts(box.to, {loss.key: worse}, box.last, T0 + HOUR + MINUTE, no)
    assert (draft.key, draft.again) == (key, 1)
    assert notice.read(draft.content)[0].summary == "worse"


def test_what_has_not_arrived_is_not_told_again_beside_itself():
    box, loss = Outbox(routes()), alarm()
    box.step(T0 + MINUTE, loss, arrives=False)
    assert box.step(T0 + 3 * HOUR, loss) == []


def test_an_end_survives_a_message_that_is_replaced_before_it_arrived():
    box, loss, late = Outbox(routes()), alarm(), alarm("late", fired=T0 + 20 * MINUTE)
    box.step(T0 + MINUTE, loss)
    ended = over(loss, T0 + 10 * MINUTE)
    assert box.step(T0 + 11 * MINUTE, ended, arrives=False) == [[("loss", False)]]
    assert box.step(T0 + 21 * MINUTE, ended, late) == [[("late", True), ("loss", False)]]
    assert box.step(T0 + 40 * MINUTE, ended, late) == []


def test_an_alert_that_fires_again_is_told_as_a_new_one():
    box, loss = Outbox(routes()), alarm()
    box.step(T0 + MINUTE, loss)
    again = replace(loss, fired_at=T0 + 20 * MINUTE, active_at=T0 + 20 * MINUTE)
    assert box.step(T0 + 21 * MINUTE, again) == [[("loss", True)]]


def test_pages_tickets_and_owners_have_their_routes():
    box = Outbox(routes(route("page"), route("ticket"), route("ml")))
    own = alarm("late", "ticket", owner="ml")
    made = plan.drafts(
        box.to, {each.key: each for each in (alarm(), alarm("x", "ticket"), own)}, {}, T0 + MINUTE, no
    )
    assert {each.route: shown(each) for each in made} == {
        "page": [("loss", True)],
        "ticket": [("x", True)],
        "ml": [("late", True)],
    }
    assert box.to.of("none", "ml") is None


def test_pages_go_to_the_owner_or_with_the_tickets_rather_than_nowhere():
    assert routes(route("ticket"), route("ml")).of("page", "ml").name == "ml"  # pyright: ignore
    assert routes(route("ticket")).of("page", "ml").name == "ticket"  # pyright: ignore
    assert routes(route("page")).of("ticket", "ml") is None, "a ticket wakes nobody"


def test_every_address_is_told_by_itself():
    box = Outbox(routes(route(apprise=["json://a", "json://b"])))
    loss = alarm()
    assert len(box.step(T0 + MINUTE, loss)) == 2
    assert set(targets(box.to)) == {"page", "page.2"}


def test_an_alertmanager_is_told_at_once_and_each_minute():
    box, loss = Outbox(routes(route(alertmanager="http://a"))), alarm()
    assert box.step(T0, loss) == [[("loss", True)]]
    assert box.step(T0 + 59 * SECOND, loss) == []
    assert box.step(T0 + MINUTE, loss) == [[("loss", True)]]
    late = alarm("late", fired=T0 + 61 * SECOND)
    assert box.step(T0 + 61 * SECOND, loss, late) == [[("loss", True), ("late", True)]]
    assert box.step(T0 + 62 * SECOND, over(loss, T0 + 62 * SECOND), late) == [
        [("late", True), ("loss", False)]
    ]
    assert box.step(T0 + 123 * SECOND, over(loss, T0 + 62 * SECOND), late) == [[("late", True)]]


def test_a_quiet_route_tells_afterwards_what_still_goes_on():
    box, loss = Outbox(routes(route(quiet="00:00-06:00"))), alarm()
    assert box.step(T0 + HOUR, loss) == []
    late = alarm("late", fired=T0 + 2 * HOUR)
    assert box.step(T0 + 3 * HOUR, loss, late) == []
    assert box.step(T0 + 6 * HOUR, over(loss, T0 + 4 * HOUR), late) == [[("late", True)]]


def test_an_alertmanager_keeps_hearing_at_night_of_what_it_knows():
    """It would take silence for the end, and say so."""
    box, loss = Outbox(routes(route(alertmanager="http://a", quiet="01:00-06:00"))), alarm()
    assert box.step(T0, loss) == [[("loss", True)]]
    night = alarm("late", fired=T0 + HOUR)
    assert box.step(T0 + HOUR, loss, night) == [[("loss", True)]]
    assert box.step(T0 + 6 * HOUR, loss, night) == [[("loss", True), ("late", True)]]


def test_what_was_told_is_not_repeated_while_it_is_held_back_and_its_end_is_told():
    box, loss = Outbox(routes()), alarm()
    box.step(T0 + MINUTE, loss)
    assert box.step(T0 + 2 * HOUR, loss, hold=lambda _: "silence 1") == []
    ended = over(loss, T0 + 3 * HOUR)
    assert box.step(T0 + 3 * HOUR, ended, hold=lambda _: "silence 1") == [[("loss", False)]]


# What holds alerts back ----------------------------------------------------------------------------------


def reason(alarms: Sequence[Alarm], target: Alarm, *silences: Silence, now: int = T0 + HOUR) -> str:
    return held.holds([*alarms, target], silences, now)(target)


def silence(labels: Mapping[str, str], window: Window, ended: int | None = None) -> Silence:
    return Silence(7, tuple(labels.items()), window.start, window.end, "r", "ann", T0, ended)


def test_a_page_holds_back_the_ticket_of_its_objective_only():
    page, ticket = alarm(), alarm(severity="ticket")
    assert reason([page], ticket) == "inhibited"
    assert reason([page], alarm("late", "ticket")) == ""
    assert reason([over(page, T0)], ticket) == ""
    assert reason([ticket], page) == ""


def test_a_silence_holds_back_what_it_names_while_it_lasts():
    hour = Window(T0, T0 + 2 * HOUR)
    assert reason([], alarm(), silence({"slo": "loss"}, hour)) == "silence 7"
    assert reason([], alarm(), silence({"slo": "loss"}, hour), now=T0 + 2 * HOUR) == ""
    assert reason([], alarm(), silence({"slo": "loss"}, hour, ended=T0 + MINUTE)) == ""
    assert reason([], alarm(), silence({"slo": "late"}, hour)) == ""


def maintenance(**labels: str) -> Alarm:
    named = {"pipeline": "shop", "severity": "none", **labels}
    return replace(alarm(), key="m", name="Maintenance", labels=named)


def test_maintenance_holds_back_its_check_or_all():
    assert reason([maintenance()], alarm()) == "inhibited"
    assert reason([maintenance(slo="loss", check="loss")], alarm()) == "inhibited"
    assert reason([maintenance(slo="late", check="late")], alarm()) == ""


def test_a_page_upstream_that_began_before_explains_a_ticket_and_never_a_page():
    named = {"pipeline": "shop", "severity": "none", "slo": "late", "explains": "BudgetBurn"}
    explained = replace(alarm(), key="e", name="Explained", labels=named)
    assert reason([explained], alarm("late", "ticket")) == "inhibited"
    assert reason([explained], alarm("late")) == ""
    assert reason([explained], alarm("loss", "ticket")) == ""


# Stretches of the week -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, inside, outside",
    [
        ("22:00-06:00", [22 * HOUR, 0, 5 * HOUR], [6 * HOUR, 21 * HOUR]),
        ("00:00-24:00", [0, 23 * HOUR], []),
        ("22:00-06:00 Europe/Zurich", [20 * HOUR, 3 * HOUR], [4 * HOUR, 19 * HOUR]),
    ],
)
def test_quiet_hours(text: str, inside: list[int], outside: list[int]):
    assert [quiet(text).covers(T0 + at) for at in [*inside, *outside]] == [True] * len(inside) + [
        False
    ] * len(outside)


def test_quiet_days_begin_where_they_begin():
    """2026-09-21 is a Monday: T0. A night that begins on Friday goes on into Saturday."""
    weekend, nights = quiet("sat,sun"), quiet("mon-fri 22:00-06:00")
    days = [T0 + n * DAY for n in range(7)]
    assert [weekend.covers(day) for day in days] == [False] * 5 + [True] * 2
    assert [nights.covers(day + 3 * HOUR) for day in days] == [False, True, True, True, True, True, False]
    assert [nights.covers(day + 23 * HOUR) for day in days] == [True] * 5 + [False] * 2
