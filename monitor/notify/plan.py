"""Which messages are due: a pure function of the alerts, what was told last, and the clock.

The decisions are those of Alertmanager (notify/notify.go, `DedupStage.needsUpdate`, and dispatch/dispatch.go,
version 0.25): a group's first message waits for others, a changed group is told again after an interval, and
an unchanged one after the repeat interval.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from monitor.config.routes import Routes
from monitor.names import OWNER, SEVERITY
from monitor.notify import notice
from monitor.notify.held import Hold
from monitor.notify.notice import Notice
from monitor.notify.targets import Target, targets
from monitor.store.alarms import FIRING, Alarm
from monitor.store.outbox import Delivery, Draft, Told

Last = Mapping[tuple[str, str], Delivery]
"""What each group was told last, by target and group."""


def drafts(routes: Routes, alarms: Mapping[str, Alarm], last: Last, now: int, hold: Hold) -> list[Draft]:
    """The messages to keep after an evaluation at `now`, in microseconds."""
    found: list[Draft] = []
    for target in targets(routes).values():
        quiet = target.quiet(now)
        if quiet and not target.manager:
            continue  # what changes meanwhile is told when it may speak again
        mine = [alarm for alarm in alarms.values() if _goes_to(routes, alarm, target)]
        for grouping, members in _groups(target, mine, last).items():
            group = _Group(target, grouping, last.get((target.name, grouping)), now)
            free = {each.key for each in members if not (quiet or hold(each))}
            shown = [notice.of(each) for each in members if group.knows(each) or each.key in free]
            draft = group.next(shown, alarms, repeat=target.manager or bool(free))
            found += [draft] if draft else []
    return found


def _goes_to(routes: Routes, alarm: Alarm, target: Target) -> bool:
    if alarm.state != FIRING:
        return False
    return routes.of(alarm.labels.get(SEVERITY, ""), alarm.labels.get(OWNER, "")) is target.route


def _groups(target: Target, firing: Iterable[Alarm], last: Last) -> dict[str, list[Alarm]]:
    """Alerts by group; a group that was told of something is there without any."""
    found: dict[str, list[Alarm]] = {grouping: [] for name, grouping in last if name == target.name}
    for alarm in firing:
        found.setdefault(grouping_of(target, alarm), []).append(alarm)
    return found


def grouping_of(target: Target, alarm: Alarm) -> str:
    """The labels that an alert's group shares, as JSON."""
    labels = {"alertname": alarm.name, **alarm.labels}
    return json.dumps({name: labels.get(name, "") for name in target.group_by}, sort_keys=True)


class _Group:
    """One group of a target, and what it was told last."""

    def __init__(self, target: Target, grouping: str, last: Delivery | None, now: int) -> None:
        self.target, self.grouping, self.last, self.now = target, grouping, last, now
        said = notice.read(last.content) if last else []
        self.told = {each.key: each for each in said if each.firing}
        # The end of something must arrive, even where the message that told of it was replaced.
        unheard = last is not None and last.sent is None
        self.carried = [each for each in said if not each.firing and unheard]

    def knows(self, alarm: Alarm) -> bool:
        """Whether it was told of an alert: then it stays told, whatever would hold it back now."""
        told = self.told.get(alarm.key)
        return told is not None and told.starts == alarm.fired_at

    def next(self, shown: list[Notice], alarms: Mapping[str, Alarm], *, repeat: bool) -> Draft | None:
        """The message that is due, if any; what goes on is only told again where `repeat` says so."""
        fresh = [
            each for each in shown if each.key not in self.told or self.told[each.key].starts != each.starts
        ]
        there = {each.key for each in shown}
        ended = [
            notice.over(told, alarms.get(key), self.now)
            for key, told in self.told.items()
            if key not in there
        ]
        carried = [each for each in self.carried if each.key not in there]
        if fresh or ended:
            return self._draft([*shown, *ended, *carried]) if self.now >= self._ready(fresh) else None
        return self._again(shown) if repeat else None

    def _ready(self, fresh: list[Notice]) -> int:
        """When a changed group may be told."""
        if self.last and self.told:
            return self.last.created + self.target.interval
        return min((each.starts for each in fresh), default=0) + self.target.wait

    def _draft(self, notices: list[Notice], again: int | None = None) -> Draft:
        ordered = notice.ordered(notices)
        content = {"group": json.loads(self.grouping), "notices": notice.written(ordered)}
        said = [(each.key, each.starts, each.ends) for each in ordered]
        text = json.dumps([self.target.name, self.grouping, sorted(said, key=str)])
        key = sha256(text.encode()).hexdigest()[:32]
        return Draft(self.target.name, self.grouping, key, content, again)

    def _again(self, shown: list[Notice]) -> Draft | None:
        """What goes on is told again in time, with its numbers of now."""
        last = self.last
        if not shown or last is None or last.due is not None or last.sent is None:
            return None
        if last.outcome != Told.DELIVERED or self.now < last.sent + self.target.repeat:
            return None
        return self._draft(shown, last.id)
