"""Whatever fires, ends, fails to arrive or is sent twice: in the end people know what fires."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from monitor.config.routes import Routes
from monitor.model import SECOND
from monitor.notify import notice, plan
from monitor.notify.deliver import backoff
from monitor.store import Store, alarms, open_store, outbox
from monitor.store.alarms import Alarm
from tests.notify.test_plan import T0, alarm, over, route

NAMES = ("loss", "late", "skew")
STEP = 30 * SECOND
TO = {
    "chat": Routes({"page": route(group_by=["pipeline"])}),
    "apart": Routes({"page": route(group_by=["slo"], group_wait="0s", group_interval="1m")}),
    "manager": Routes({"page": route(alertmanager="http://a")}),
}
Steps = st.lists(
    st.tuples(st.sampled_from((*NAMES, "")), st.sampled_from(("arrives", "fails", "arrives unnoted"))),
    max_size=25,
)


QUICK = settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


class World:
    """Alerts, the store's outbox, and somebody who listens: `known` is what they take for firing."""

    def __init__(self, store: Store, routes: Routes) -> None:
        self.store, self.routes, self.now = store, routes, T0
        self.alarms: dict[str, Alarm] = {}
        self.known: dict[str, int] = {}
        self.heard: list[tuple[int, str, str, bool]] = []

    def toggle(self, name: str) -> None:
        old = self.alarms.get(name)
        fires = old is None or old.state != "firing"
        self.alarms[name] = replace(alarm(name, fired=self.now), key=name) if fires else over(old, self.now)  # pyright: ignore

    def step(self, name: str, way: str) -> None:
        """Half a minute passes: something happens, is evaluated, and is sent."""
        self.now += STEP
        if name:
            self.toggle(name)
        last = outbox.newest(self.store, "shop")
        drafts = plan.drafts(self.routes, self.alarms, last, self.now, lambda _: "")
        alarms.record(self.store, "shop", list(self.alarms.values()), drafts, self.now)
        for each in outbox.due(self.store, "shop", self.now):
            self.send(each, way)

    def send(self, each: outbox.Delivery, way: str) -> None:
        if way == "fails":
            again = self.now + backoff(each.attempts)
            outbox.settle(self.store, each, at=self.now, error="x", retry=again)
            return
        for said in notice.read(each.content):
            self.heard.append((self.now, each.key, said.key, said.firing))
            if said.firing:
                self.known[said.key] = said.starts
            else:
                self.known.pop(said.key, None)
        if way == "arrives":
            outbox.settle(self.store, each, at=self.now)

    @property
    def firing(self) -> dict[str, Any]:
        return {key: each.fired_at for key, each in self.alarms.items() if each.state == "firing"}


@pytest.mark.parametrize("to", TO)
@QUICK
@given(steps=Steps)
def test_in_the_end_everybody_knows_what_fires(to: str, steps: list[tuple[str, str]]):
    store = open_store("sqlite://")
    world = World(store, TO[to])
    for name, way in steps:
        world.step(name, way)
    for _ in range(24):  # twelve minutes in which all arrives: longer than any waiting
        world.step("", "arrives")
    assert world.known == world.firing
    assert outbox.waiting(store, "shop") == []
    store.close()


@QUICK
@given(steps=Steps)
def test_a_message_is_new_repeated_in_time_or_a_double_of_what_was_not_noted(steps: list[tuple[str, str]]):
    store = open_store("sqlite://")
    world = World(store, TO["apart"])
    for name, way in steps:
        world.step(name, "arrives" if way == "fails" else way)
    times: dict[str, set[int]] = {}
    for at, key, _, _ in world.heard:
        times.setdefault(key, set()).add(at)
    unnoted = any(way == "arrives unnoted" for _, way in steps)
    assert unnoted or all(len(each) == 1 for each in times.values()), "within the hour nothing is repeated"
    store.close()


def test_a_world_in_which_all_fails_knows_nothing():
    store = open_store("sqlite://")
    world = World(store, TO["chat"])
    for name in ("loss", "", "", "", "", ""):
        world.step(name, "fails")
    assert (world.known, world.firing) == ({}, {"loss": T0 + STEP})
    store.close()
