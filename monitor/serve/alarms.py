"""What a leader does with its rules: evaluate them over what /metrics shows, keep it, tell people."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from threading import Lock

from prometheus_client.metrics_core import Metric

from monitor.alerting.embedded import Standing, evaluate
from monitor.alerting.exposed import samples
from monitor.alerting.model import Alert
from monitor.alerting.raised import links_of
from monitor.alerting.rules import Ruled, rules
from monitor.alerting.states import Life, State, resumed
from monitor.attribute.cause import Cause, read
from monitor.attribute.told import explained
from monitor.config import Config
from monitor.config.links import around
from monitor.errors import DeliveryError
from monitor.model import HOUR, MINUTE, Severity
from monitor.names import CHECK, OWNER, SEVERITY, SLO
from monitor.notify import deliver, held, mirror, plan
from monitor.objectives.onset import onset
from monitor.store import Fence, Store, alarms, attributions, outbox, readings, silences
from monitor.store.alarms import INACTIVE, SILENT, Alarm

BEAT = MINUTE
"""How often the dead-man's switch hears that all is well."""

DATED = frozenset({"BudgetBurn", "SegmentBurn", "IngestionFailing"})
"""Alerts about an objective's events: their buckets say when it began, some minutes before windows do."""

UNEXPLAINED = frozenset({"CheckError", "CheckStale", "SliMissing", "Maintenance", "Explained"})
"""Alerts about what is known of a check, not about what it says."""

log = logging.getLogger(__name__)


def interval(config: Config) -> int:
    """How often alerts are evaluated, in microseconds: each minute, or as often as a check is due."""
    return min([MINUTE, *(check.every for check in config.checks.values() if check.enabled)])


class Alarms:
    """A pipeline's alerts. What is remembered stands in the store: any replica goes on with it."""

    def __init__(self, store_: Store) -> None:
        self.store = store_
        self._delivered: Counter[tuple[str, str]] = Counter()
        self._counting = Lock()
        self._sender = deliver.Sender()
        self._mirror = mirror.Mirror()
        self._ruled: tuple[Config, Ruled] | None = None
        self._evaluated: int | None = None
        self._beaten = 0

    def evaluate(self, config: Config, families: Iterable[Metric], now: int, fence: Fence) -> None:
        """One evaluation at `now`, in microseconds. Raises StoreError, LeaseLost."""
        known = alarms.stored(self.store, config.pipeline)
        silence = self._silence(config, now)
        lives = {key: resumed(_life(alarm), silence) for key, alarm in known.items()}
        standings = evaluate(self._rules(config).alerts, samples(families), lives, now)
        causes = self._causes(config, standings, now)
        fresh = {
            each.key: self._alarm(config, _explained(each, causes), known.get(each.key), now)
            for each in standings
        }
        fresh |= {key: _gone(alarm, now) for key, alarm in known.items() if key not in fresh}
        changed = [alarm for key, alarm in fresh.items() if _moved(known.get(key), alarm)]
        _log(changed, known)
        hold = held.holds(list(fresh.values()), silences.listed(self.store, config.pipeline, now), now)
        last = outbox.newest(self.store, config.pipeline) if config.routes.routes else {}
        drafts = plan.drafts(config.routes, fresh, last, now, hold)
        alarms.record(self.store, config.pipeline, changed, drafts, now, fence)
        self._evaluated = now

    def deliver(self, config: Config, clock: Callable[[], int], fence: Fence) -> None:
        """Send what is due, and the heartbeat. Raises StoreError, LeaseLost."""
        self._sender.deliver(self.store, config, clock, fence, self._count)
        now = clock()
        self._silences(config, now)
        if config.routes.heartbeat and now - self._beaten >= BEAT and self._well(config, now):
            self._beaten = now
            try:
                deliver.beat(config)
            except DeliveryError as error:
                log.warning("no heartbeat: %s", error)

    def _silences(self, config: Config, now: int) -> None:
        """Have the Alertmanagers hold what is silenced here."""
        clusters = mirror.managers(config.routes)
        some = silences.unexpired(self.store, config.pipeline, now) if clusters else []
        for number, urls in enumerate(clusters, 1):
            if self._mirror.due(urls, some, now):
                work = partial(self._mirror.run, urls, config.pipeline, some, now)
                self._sender.beside(f"silences in Alertmanager {number}", work)

    def close(self) -> None:
        """Send no more."""
        self._sender.close()

    def counts(self) -> tuple[tuple[str, str, int], ...]:
        """How often each target was told since this process began, by outcome."""
        with self._counting:
            return tuple((*key, number) for key, number in sorted(self._delivered.items()))

    def _well(self, config: Config, now: int) -> bool:
        """Whether evaluation and delivery both work."""
        late = self._evaluated is None or now - self._evaluated > 3 * interval(config)
        return not late and deliver.works(self.store, config)

    def _count(self, target: str, outcome: str) -> None:
        with self._counting:
            self._delivered[target, outcome] += 1

    def _rules(self, config: Config) -> Ruled:
        if self._ruled is None or self._ruled[0] is not config:
            self._ruled = config, rules(config, links_of(config))
            if any(route.apprise for route in config.routes.routes.values()) and not find_spec("apprise"):
                log.error("some routes need Apprise, which is not installed: install weir-slo[notify]")
            for severity in _unheard(config, self._ruled[1]):
                log.warning("no route takes every %s: some are only recorded (routes.%s)", severity, severity)
        return self._ruled[1]

    def _silence(self, config: Config, now: int) -> int:
        """For how long nobody evaluated, beyond the usual."""
        last, usual = alarms.evaluated(self.store, config.pipeline), interval(config)
        away = 0 if last is None else now - last
        return away - usual if away > 3 * usual else 0

    def _causes(self, config: Config, standings: Iterable[Standing], now: int) -> dict[str, Cause]:
        """What explains the checks of alerts that fire, by name: found since shortly before they were active.

        A budget may burn for hours after its trouble has ended.
        """
        active = {
            _check_of(each): each.life.active_at or now
            for each in standings
            if each.life.state == State.FIRING and _check_of(each)
        }
        if not active:
            return {}
        kept = attributions.newest(self.store, config.pipeline, min(active.values()) - HOUR)
        about = [name for name in active if name in kept and kept[name].at >= active[name] - HOUR]
        return {name: read(kept[name].content) for name in about}

    def _alarm(self, config: Config, standing: Standing, old: Alarm | None, now: int) -> Alarm:
        alert, life = standing.alert, standing.life
        started = life.state == State.FIRING and (old is None or old.fired_at != life.fired_at)
        onset = self._onset(config, alert, life) if started else old.onset if old else None
        return Alarm(
            key=standing.key,
            name=alert.name,
            labels=dict(alert.labels),
            state=life.state.value,
            active_at=life.active_at,
            fired_at=life.fired_at,
            fading_since=life.fading_since,
            resolved_at=life.resolved_at,
            onset=onset if life.state == State.FIRING else life.active_at,
            summary=standing.summary or (old.summary if old else ""),
            links=around(alert.links, onset if life.state == State.FIRING else None),
            evaluated=now,
        )

    def _onset(self, config: Config, alert: Alert, life: Life) -> int | None:
        """When it began: for an objective the likeliest bucket, where the rollups still know it."""
        check = config.checks.get(alert.labels.get(SLO, ""))
        if check is None or alert.name not in DATED:
            return life.active_at
        settled = readings.successes(self.store, config.pipeline).get(check.name)
        found = onset(config, self.store, check, settled[1] if settled else None)
        return life.active_at if found is None else found


def _check_of(standing: Standing) -> str:
    """The check that an alert is about, "" for one about something else, or about what nobody is told of."""
    labels = standing.alert.labels
    told = standing.alert.name not in UNEXPLAINED and labels.get(SEVERITY) != SILENT
    return labels.get(SLO) or labels.get(CHECK, "") if told else ""


def _explained(standing: Standing, causes: Mapping[str, Cause]) -> Standing:
    """With the cause after what an alert says."""
    cause = causes.get(_check_of(standing)) if standing.life.state == State.FIRING else None
    return replace(standing, summary=explained(standing.summary, cause))


def _unheard(config: Config, ruled: Ruled) -> list[str]:
    """The severities of which some alerts go nowhere, where others go somewhere."""
    if not config.routes.routes:
        return []
    about = {(alert.labels.get(SEVERITY, ""), alert.labels.get(OWNER, "")) for alert in ruled.alerts}
    told = {Severity.PAGE.value, Severity.TICKET.value}
    return sorted({each for each, owner in about if each in told and config.routes.of(each, owner) is None})


def _life(alarm: Alarm) -> Life:
    return Life(State(alarm.state), alarm.active_at, alarm.fired_at, alarm.fading_since, alarm.resolved_at)


def _gone(alarm: Alarm, now: int) -> Alarm:
    """An alert that left the rules, with its check: it is over."""
    if alarm.state == INACTIVE:
        return alarm
    ended = now if alarm.state == State.FIRING else alarm.resolved_at
    gone = replace(alarm, state=INACTIVE, active_at=None, fired_at=None, fading_since=None, onset=None)
    return replace(gone, resolved_at=ended, evaluated=now)


def _moved(old: Alarm | None, new: Alarm) -> bool:
    """Whether anything of it is worth keeping anew."""
    if old is None:
        return new.state != INACTIVE
    return replace(new, evaluated=old.evaluated) != old


def _log(changed: Iterable[Alarm], known: Mapping[str, Alarm]) -> None:
    for alarm in (each for each in changed if each.labels.get(SEVERITY) != SILENT):
        before = known[alarm.key].state if alarm.key in known else INACTIVE
        if State.FIRING in (before, alarm.state) and before != alarm.state:
            about = ", ".join(f"{name}={value}" for name, value in sorted(alarm.labels.items()))
            log.info("%s %s (%s)", alarm.name, "fires" if alarm.state == State.FIRING else "is over", about)
