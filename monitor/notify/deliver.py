"""Sending what is due: again where it did not arrive, and a sign that all of it works."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
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

Count = Callable[[str, str], None]
"""Counts a delivery of a target, by outcome."""


def backoff(attempts: int) -> int:
    """Microseconds until the next attempt, after so many that failed."""
    return min(LONGEST, FIRST << min(attempts, 10))


def send(target: Target, notices: Iterable[notice.Notice], key: str, now: int) -> None:
    """Tells a target. Raises DeliveryError."""
    if target.manager:
        alertmanager.post(target.urls, list(notices), now)
    else:
        chat.send(target.urls, list(notices), key)


def deliver(store: Store, config: Any, now: Callable[[], int], fence: Fence, count: Count) -> list[str]:
    """Sends what is due, each target in its order; returns a sentence for each failure.

    Raises StoreError, and LeaseLost where another replica has taken over.
    """
    known, waiting = targets(config.routes), outbox.due(store, config.pipeline, now())
    by_target: dict[str, list[Delivery]] = {}
    for each in waiting:
        by_target.setdefault(each.route, []).append(each)

    def run(name: str) -> list[str]:
        tried = (_try(store, known.get(name), each, now, fence) for each in by_target[name])
        return _counted(name, tried, count)

    if not by_target:
        return []
    with ThreadPoolExecutor(min(AT_ONCE, len(by_target))) as pool:
        return [failure for failures in pool.map(run, by_target) for failure in failures]


def _counted(name: str, tried: Iterable[str], count: Count) -> list[str]:
    failures: list[str] = []
    for failure in tried:
        count(name, "failed" if failure else "delivered")
        if failure:
            failures.append(f"{name}: {failure}")
            break  # the target is out of order: the others of its messages wait with this one
    return failures


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
