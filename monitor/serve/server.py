"""A serving process put together: worker, timetable, HTTP, and the threads that drive them."""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread

from prometheus_client import CollectorRegistry, ProcessCollector

from monitor.serve.clock import Clock, boottime
from monitor.serve.http import Certificate, Listener, Site, application
from monitor.serve.reload import Watcher, leading_to
from monitor.serve.schedule import Timetable
from monitor.serve.worker import Worker
from monitor.store import open_store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Process:
    """What a serving process runs by, beside its configuration; all in seconds.

    `heartbeat`: between looks at clock and lease; `poll`: at files and store; `alerts`: at what is to be
    evaluated and sent; `patience`: what the last ticks get to end. `boot` is the time since boot. Setting
    `reload` has the configuration read again in any case. `pages` is the address of pages that run beside it.
    """

    heartbeat: float = 5.0
    poll: float = 2.0
    alerts: float = 1.0
    patience: float = 20.0
    boot: Clock = boottime
    reload: Event = field(default_factory=Event)
    pages: str = ""


def run_server(
    config_path: Path,
    *,
    stop: Event,
    host: str | None = None,
    port: int | None = None,
    clock: Clock = time.time,
    ready: Callable[[str], None] = lambda url: None,
    process: Process | None = None,
) -> bool:
    """Serve until `stop` is set; whether every tick then ended in time.

    `host` and `port` go before the configuration's; port 0 takes a free one. `ready` is called with the
    address once it answers. `clock` gives seconds since 1970. Raises ConfigError, UsageError (the address or
    the certificate), StoreError.
    """
    process = process or Process()
    watcher = Watcher(config_path, leading_to(process.pages))
    with closing(open_store(watcher.config.store)) as store:
        worker = Worker(watcher, store, clock, process.boot)
        with closing(listen(worker, host, port)) as listener:
            timetable = Timetable(worker.tick, worker.compact)
            threads = _start(worker, timetable, listener, stop, process)
            log.info("serving %s on %s", watcher.config.pipeline, listener.url)
            if process.pages:
                log.info("the pages are at %s", process.pages)
            ready(listener.url)
            stop.wait()
            return _end(worker, timetable, listener, threads, process.patience)


def listen(worker: Worker, host: str | None, port: int | None) -> Listener:
    """A listener of what a worker shows. Raises UsageError where address or certificate is no good."""
    config = worker.current.config
    host, port = host or config.serve.host, config.serve.port if port is None else port
    registry = CollectorRegistry()
    registry.register(worker.collector)
    ProcessCollector(registry=registry)
    tls = config.serve.tls
    certificate = Certificate(config.folder / tls.certificate, config.folder / tls.key) if tls else None
    if not (config.serve.users or host.startswith("127.") or host in ("::1", "localhost")):
        log.warning("anyone who reaches %s can read the metrics: declare serve.users", host)
    site = Site(
        config.pipeline,
        registry,
        users=lambda: worker.current.config.serve.users,
        role=lambda: worker.role,
        problems=worker.problems,
        runbook=worker.runbook,
    )
    return Listener(host, port, application(site), certificate)


def _start(
    worker: Worker, timetable: Timetable, listener: Listener, stop: Event, process: Process
) -> list[Thread]:
    config = worker.current.config
    worker.heartbeat()
    worker.refresh()
    timetable.start()
    timetable.follow(config, frozenset(config.checks))

    def beat() -> None:
        if worker.heartbeat():
            timetable.all_due()

    def look() -> None:
        changed = worker.reload(force=process.reload.is_set())
        process.reload.clear()
        if changed is not None:
            timetable.follow(worker.current.config, changed)
        if listener.certificate:
            listener.certificate.renew()
        worker.refresh()
        worker.deal()

    steps = (
        (beat, process.heartbeat),
        (look, process.poll),
        (worker.evaluate, process.alerts),
        (worker.deliver, process.alerts),
        (worker.deal_long, process.poll),
    )
    loops = [partial(_repeat, step, seconds, stop) for step, seconds in steps]
    threads = [Thread(target=loop, daemon=True) for loop in (*loops, partial(listener.serve_forever, 0.1))]
    for thread in threads:
        thread.start()
    return threads


def _repeat(step: Callable[[], None], seconds: float, stop: Event) -> None:
    """Waits by a clock that nobody sets: a schedule by the wall clock would stand still after a jump back."""
    while not stop.wait(seconds):
        step()


def _end(
    worker: Worker, timetable: Timetable, listener: Listener, threads: list[Thread], patience: float
) -> bool:
    log.info("stopping")
    timetable.stop()
    done = worker.close(patience)
    listener.shutdown()
    for thread in threads:
        thread.join(1.0)
    if not done:
        log.warning("a tick did not end within %g s and is abandoned: the next one repeats it", patience)
    return done
