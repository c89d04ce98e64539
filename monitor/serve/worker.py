"""What a serving process does when something is due."""

import logging
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event, Lock
from traceback import extract_tb
from typing import Any

from monitor import __version__, store
from monitor.actions import Desk, deal
from monitor.board import Board, board
from monitor.config import Config
from monitor.due import Group, groups
from monitor.errors import ClockError, LeaseLost, WeirError
from monitor.exporter import BoardCollector, Health
from monitor.iso import iso
from monitor.model import HOUR, SECOND, TOTAL, Outcome
from monitor.runbook.page import page
from monitor.serve.alarms import Alarms, interval
from monitor.serve.clock import Clock, ClockGuard
from monitor.serve.current import Current
from monitor.serve.keeping import KEPT, Keeper, after_tick, keep_report, seen
from monitor.serve.leader import Leader
from monitor.serve.noting import note_reload, note_start
from monitor.serve.playing import Player, play
from monitor.serve.reload import Watcher, difference
from monitor.store import Fence, Store, exhibits, maintenances, marks, outbox
from monitor.tick import Ticked, tick

MOST = 6 * HOUR
"""Event time that one tick catches up on for a check: after a long downtime the newest is known first."""

SILENT = 30.0
"""Seconds without an answer after which the store counts as out of reach."""

LATE = 3
"""Intervals without a tick after which a replica is not ready."""

log = logging.getLogger(__name__)


class Worker:
    """The steps of a serving process. None of them raises; ticks of different sources may run at once."""

    def __init__(self, watcher: Watcher, store_: Store, wall: Clock, boot: Clock) -> None:
        """`wall` and `boot` give seconds since 1970 and since boot."""
        config = watcher.config
        self.watcher, self.store, self.wall, self.boot = watcher, store_, wall, boot
        self.guard, self.leader = ClockGuard(wall, boot), Leader(store_, config.pipeline, boot)
        self.current, self.collector = Current(config), BoardCollector(config.serve.max_series)
        self.stopping = Event()
        self.distrust = ""
        self._mark = f"tick:live:{config.pipeline}"
        self._live: int | None = None
        self._heard = self._began = boot()
        self._ticked: dict[str, float] = {}
        self._asking: defaultdict[str, Lock] = defaultdict(Lock)
        self._publishing = Lock()
        self._shown: tuple[Board, Health] | None = None
        self._alarms = Alarms(store_)
        self._evaluate_at = boot()

    def heartbeat(self) -> bool:
        """Look at the clock and keep the lease; whether this replica has just become the leader."""
        with self._reported("heartbeat"):
            try:
                new = self.leader.step(self._now())
            except ClockError:
                self.leader.give_up()
                return False
            if new:
                self._note_start()
                # What was not measured yet is not stale: the first ticks of this tenure are due now.
                self._evaluate_at = self.boot() + interval(self.current.config) / SECOND
                self._ticked = dict.fromkeys((group.id for group in groups(self.current.config)), self.boot())
            return new
        return False

    def tick(self, group: Group) -> None:
        """Measure a group's checks, if this replica leads. One tick asks a source at a time."""
        with self._reported(f"tick {group.id}"), self._asking[group.source]:
            fence = self.leader.fence
            if fence and not self.stopping.is_set():
                self._measure(group, fence)
        self.refresh()

    def refresh(self) -> None:
        """Publish the board anew where the store or this replica has changed."""
        with self._reported("refresh"), self._publishing:
            revision, self._live = self.store.revision(), marks.get(self.store, self._mark)
            self._heard = self.boot()
            config, health = self.current.config, self._health()
            if self._shown is None or (self._shown[0].revision, self._shown[1]) != (revision, health):
                shown = board(config, self.store, burns=True)
                self.collector.most = config.serve.max_series
                self.collector.publish(shown, health)
                self._shown = shown, health

    def evaluate(self) -> None:
        """Evaluate alerts over what is shown, if this replica leads and it is time."""
        if self.boot() < self._evaluate_at:
            return
        self.refresh()
        with self._reported("evaluation of alerts"), self._leading() as fence:
            config = self.current.config
            self._evaluate_at = self.boot() + interval(config) / SECOND
            if fence:
                self._alarms.evaluate(config, self.collector.collect(), self._now(), fence)

    def deliver(self) -> None:
        """Send what alerts have to say, if this replica leads."""
        with self._reported("delivery"), self._leading() as fence:
            if fence:
                self._now()
                self._alarms.deliver(self.current.config, lambda: int(self.wall() * SECOND), fence)

    def deal(self) -> None:
        """Do what people asked for on the pages, if this replica leads."""
        with self._reported("a wish from the pages"), self._leading() as fence:
            if fence and deal(self._desk(fence), self._now(), long=False):
                self.refresh()

    def deal_long(self) -> None:
        """Do what takes a minute, beside everything else, if this replica leads."""
        with self._reported("a long wish from the pages"), self._leading() as fence:
            if fence:
                deal(self._desk(fence), self._now(), long=True)

    def _desk(self, fence: Fence) -> Desk:
        return Desk(
            self.current.config,
            self.store,
            partial(self._run, fence),
            fence,
            partial(self._look, fence),
            partial(self._play, fence),
        )

    def _play(self, fence: Fence, actor: str, fault: str, arguments: Mapping[str, Any]) -> str:
        """Play a game day of one kind of fault; what came of it. Raises WeirError."""
        player = Player(self.store, self.current.config.pipeline, fence, actor, self._now())
        return play(player, fault, arguments, self.stopping)

    def _look(self, fence: Fence, action: str, subject: str) -> str:
        """Have something kept of a check or a dataset; what it is. Raises WeirError."""
        held, now = partial(self._keeping, fence, subject), self._now()
        if action == "report":
            return keep_report(held, subject, now, self.stopping)
        with held() as keeper:
            return KEPT[action](keeper, subject, now)

    @contextmanager
    def _keeping(self, fence: Fence, subject: str) -> Generator[Keeper]:
        """A keeper, while nobody else asks the source of a check or a dataset."""
        config = self.current.config
        check = config.checks.get(subject)
        source = config.source_of(check.main_dataset if check else subject).name
        with self._asking[source], self.current.use() as (config, sources):
            yield seen(config, self.store, sources, fence)

    def _run(self, fence: Fence, check: str) -> str:
        """Measure one check now; what it reads. Raises WeirError where it could not be measured."""
        group = next((each for each in groups(self.current.config) if check in each.checks), None)
        if group is None:
            raise WeirError(f"the check '{check}' is switched off")
        with self._asking[group.source]:
            ticked = self._measure(replace(group, checks=frozenset([check])), fence)
        if ticked is None:
            raise ClockError(self.distrust)
        if error := ticked.errors.get(check):
            raise error
        said = next(each.reading for each in ticked.readings if each.check == check and each.segment == TOTAL)
        return f"{said.outcome.value}, {said.message}"

    def reload(self, *, force: bool = False) -> frozenset[str] | None:
        """Put a changed configuration in force; its new or changed checks, None where there is none."""
        old = self.current.config
        with self._reported("reload"):
            fresh = self.watcher.poll(force=force)
            if fresh is None:
                return None
            self.current.replace(fresh)
            self._evaluate_at = self.boot() + interval(fresh) / SECOND  # its new checks are measured first
            for group in groups(fresh):
                self._ticked.setdefault(group.id, self.boot())
            log.info("configuration %s in force: %d checks", fresh.digest[:12], len(fresh.checks))
            changed = _changed(old, fresh)
            self._note(old, fresh, changed)
            return changed
        return None

    def _note(self, old: Config, fresh: Config, changed: frozenset[str]) -> None:
        """Leave word of a changed configuration in the audit trail, once for all replicas."""
        if self.leader.fence:
            note_reload(self.store, fresh, self._now(), difference(old, fresh, changed), changed)

    def _note_start(self) -> None:
        """Leave word of a configuration that changed while nobody served."""
        with self._reported("word of the configuration"), self._leading() as fence:
            if fence:
                note_start(self.store, self.current.config, self._now(), fence)

    def compact(self) -> None:
        """Drop what the store no longer needs, if this replica leads."""
        with self._reported("compact"):
            if self.leader.fence and not self.stopping.is_set():
                now = self._now()
                log.debug("compacted: %d rows", store.compact(self.store, now))
                outbox.prune(self.store, now)
                exhibits.prune(self.store, now)

    def close(self, timeout: float) -> bool:
        """Begin nothing new, wait so many seconds for what runs, let another lead; whether all was done."""
        self.stopping.set()
        self._alarms.close()
        done = self.current.close(timeout)
        with self._reported("release of the lease"):
            self.leader.give_up()
        return done

    def runbook(self, path: str, query: Mapping[str, str]) -> tuple[int, str]:
        """Status and HTML of a page below /runbooks/."""
        try:
            return page(self.current.config, self.store, path, query, int(self.wall() * SECOND), iso)
        except WeirError as error:
            log.warning("runbook: %s", error)
            return 503, "<!doctype html><title>weir</title><p>The store does not answer.</p>"

    @property
    def role(self) -> str:
        return "leader" if self.leader.fence else "follower"

    def problems(self) -> list[str]:
        """Why this replica is not ready, a sentence each; empty when it is."""
        silence = self.boot() - self._heard
        found = [f"the store has not answered for {silence:.0f} s"] if silence > SILENT else []
        found += [self.distrust] if self.distrust else []
        return found + (self._late_groups() if self.leader.fence else self._late_leader())

    def _measure(self, group: Group, fence: Fence) -> Ticked | None:
        """A tick; None where the clock is not trusted."""
        with self.current.use() as (config, sources):
            try:
                now = self._now()
            except ClockError:
                return None
            marks.put(self.store, self._mark, max(now, self._live or now))
            began = self.boot()
            ticked = tick(
                config, self.store, sources, now, only=group.checks, most=MOST, fence=fence, wall=self.wall
            )
            self._keep(Keeper(config, self.store, sources, fence), ticked, group.source)
        self._ticked[group.id] = self.boot()
        log.info("%s", _line(group, ticked, self.boot() - began))
        if any(isinstance(error, LeaseLost) for error in ticked.errors.values()):
            self.leader.give_up()
        return ticked

    def _keep(self, keeper: Keeper, ticked: Ticked, source: str) -> None:
        """What pages show of failing checks; without it a tick is as good."""
        with self._reported("what pages show"):
            for error in after_tick(keeper, ticked, source):
                log.warning("not kept for the pages: %s", type(error).__name__)

    def _now(self) -> int:
        """Microseconds of a trusted now. Raises ClockError, StoreError."""
        clock, self._live = store.store_clock(self.store), marks.get(self.store, self._mark)
        self._heard = self.boot()
        try:
            now = self.guard.now(clock, self._live)
        except ClockError as error:
            if not self.distrust:
                log.error("nothing is measured: %s", error)
            self.distrust = str(error)
            raise
        if self.distrust:
            log.warning("the clock is trusted again")
        self.distrust = ""
        return now

    def _health(self) -> Health:
        return Health(
            version=__version__,
            config_hash=self.current.config.digest,
            reloaded=self.watcher.good,
            leader=self.leader.fence is not None,
            clock_trusted=not self.distrust,
            deliveries=self._alarms.counts(),
            maintained=maintenances.active(
                self.store, self.current.config.pipeline, int(self.wall() * SECOND)
            ),
        )

    def _late_groups(self) -> list[str]:
        now = self.boot()
        return [
            f"no tick of {group.id} for {now - self._ticked.get(group.id, now):.0f} s"
            for group in groups(self.current.config)
            if now - self._ticked.get(group.id, now) > LATE * group.every / SECOND
        ]

    def _late_leader(self) -> list[str]:
        every = min((group.every for group in groups(self.current.config)), default=None)
        if every is None:
            return []
        since_start = self.boot() - self._began
        silence = since_start if self._live is None else min(since_start, self.wall() - self._live / SECOND)
        return [f"no replica has measured for {silence:.0f} s"] if silence > LATE * every / SECOND else []

    @contextmanager
    def _leading(self) -> Generator[Fence | None]:
        """The tenure, if this replica leads; it is given up where another one has begun."""
        try:
            yield None if self.stopping.is_set() else self.leader.fence
        except LeaseLost:
            self.leader.give_up()
        except ClockError:
            return  # said where it was found

    @contextmanager
    def _reported(self, what: str) -> Generator[None]:
        """Errors as one line. Texts of ours are safe; others may quote data, so only their place is told."""
        try:
            yield
        except WeirError as error:
            log.error("%s failed: %s", what, error)
        except Exception as error:
            frame = extract_tb(error.__traceback__)[-1]
            log.error("%s failed: %s at %s:%s", what, type(error).__name__, frame.name, frame.lineno)


def _changed(old: Config, new: Config) -> frozenset[str]:
    """Checks that are new or read differently, or whose dataset or source does."""
    if (old.datasets, old.sources) != (new.datasets, new.sources):
        return frozenset(new.checks)
    return frozenset(name for name, check in new.checks.items() if old.checks.get(name) != check)


def _line(group: Group, ticked: Ticked, seconds: float) -> str:
    """`tick 1m lake: 4 checks, 2 scans, 0.31 s, pass 3, error 1 (loss: SourceDown)`."""
    outcomes = Counter(said.reading.outcome for said in ticked.readings if said.segment == TOTAL)
    counts = ", ".join(f"{outcome.value} {outcomes[outcome]}" for outcome in Outcome if outcomes[outcome])
    errors = ", ".join(f"{name}: {type(error).__name__}" for name, error in sorted(ticked.errors.items()))
    text = f"tick {group.id}: {len(group.checks)} checks, {ticked.scans} scans, {seconds:.2f} s, {counts}"
    return f"{text} ({errors})" if errors else text
