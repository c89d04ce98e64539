"""Sending what is due: again where it did not arrive, and a sign that all of it works."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

from monitor.errors import DeliveryError
from monitor.model import MINUTE, SECOND
from monitor.notify import alertmanager, chat, notice
from monitor.notify.http import ask
from monitor.notify.targets import Target, targets
from monitor.store import Fence, Store, outbox
from monitor.store.outbox import Delivery

FIRST, LONGEST = 5 * SECOND, 5 * MINUTE
"""A message that did not arrive is tried again after 5 s, then after twice as long each time, up to 5 min."""

AT_ONCE = 8
"""Targets that are told at the same time."""

MOMENT = 2.0
"""Seconds that a round waits for its targets."""

Count = Callable[[str, str], None]
"""Counts a delivery of a target, by outcome."""

log = logging.getLogger(__name__)


def backoff(attempts: int) -> int:
    """Microseconds until the next attempt, after so many that failed."""
    return min(LONGEST, FIRST << min(attempts, 10))


def send(target: Target, notices: Iterable[notice.Notice], key: str, now: int) -> None:
    """Tells a target. Raises DeliveryError."""
    if target.manager:
        alertmanager.post(target.urls, list(notices), now)
    else:
        chat.send(target.urls, list(notices), key)


class Sender:
    """Sends what is due, each target in its order and apart from the others: one that hangs holds up none."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="deliver")
        self._lock, self._busy = Lock(), set[str]()

    def deliver(self, store: Store, config: Any, now: Callable[[], int], fence: Fence, count: Count) -> None:
        """One round; targets that take longer than a moment go on by themselves, and log what fails.

        Raises StoreError, and LeaseLost where another replica has taken over.
        """
        known = targets(config.routes)
        by_target: dict[str, list[Delivery]] = {}
        for each in outbox.due(store, config.pipeline, now()):
            by_target.setdefault(each.route, []).append(each)

        def run(name: str) -> None:
            try:
                for each in by_target[name]:
                    failure = _try(store, known.get(name), each, now, fence)
                    count(name, "failed" if failure else "delivered")
                    if failure:  # it is out of order: the others of its messages wait with this one
                        log.warning("not delivered: %s: %s", name, failure)
                        return
                    log.log(logging.DEBUG if each.sent else logging.INFO, "told %s", name)
            finally:
                self._free(name)

        running = [self._pool.submit(run, name) for name in by_target if self._take(name)]
        for future in wait(running, MOMENT).done:
            future.result()

    def beside(self, name: str, work: Callable[[], None]) -> None:
        """Does something else that talks to a target, unless it is still at it; what fails is logged."""

        def run() -> None:
            try:
                work()
            except DeliveryError as error:
                log.warning("%s: %s", name, error)
            finally:
                self._free(name)

        if self._take(name):
            self._pool.submit(run)

    def close(self) -> None:
        """Begin nothing more; what is being sent is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, name: str) -> bool:
        with self._lock:
            free = name not in self._busy
            self._busy.add(name)
            return free

    def _free(self, name: str) -> None:
        with self._lock:
            self._busy.discard(name)


def _try(store: Store, target: Target | None, each: Delivery, now: Callable[[], int], fence: Fence) -> str:
    if target is None:
        outbox.settle(store, each, at=now(), error="this route is no longer declared", fence=fence)
        return "this route is no longer declared"
    try:
        send(target, notice.read(each.content), each.key, now())
    except DeliveryError as error:
        at = now()
        outbox.settle(store, each, at=at, error=str(error), retry=at + backoff(each.attempts), fence=fence)
        return str(error)
    outbox.settle(store, each, at=now(), fence=fence)
    return ""


def works(store: Store, config: Any) -> bool:
    """Whether what was to be told has arrived, and every Alertmanager's route would take more."""
    known = targets(config.routes)
    if any(each.route in known for each in outbox.waiting(store, config.pipeline)):
        return False
    return all(alertmanager.healthy(target.urls) for target in known.values() if target.manager)


def beat(config: Any) -> None:
    """Tells the dead-man's switch that all is well. Raises DeliveryError."""
    ask(config.routes.heartbeat)
