"""Who of several replicas measures: the one that holds a lease in the store."""

import logging
import os
import socket
from collections.abc import Callable
from threading import Lock
from uuid import uuid4

from monitor.model import SECOND
from monitor.store import Fence, Store, lease

TTL = 30.0
"""Seconds after which a replica that does not answer is replaced."""

log = logging.getLogger(__name__)


class Leader:
    """This replica's part in the election for one pipeline."""

    def __init__(self, store: Store, pipeline: str, boot: Callable[[], float], holder: str = "") -> None:
        """`boot` counts seconds that nobody sets: a tenure ends in time, whatever the wall clock does."""
        self.name = f"serve:{pipeline}"
        self.holder = holder or f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._store, self._boot, self._lock = store, boot, Lock()
        self._fence: Fence | None = None
        self._until = 0.0

    @property
    def fence(self) -> Fence | None:
        """The tenure, while it lasts: what is written under it is refused once another has begun."""
        return self._fence if self._boot() < self._until else None

    def step(self, now: int) -> bool:
        """Take or keep the lease, at `now` in microseconds; whether this replica has just become the leader.

        Raises StoreError; the tenure then runs out by itself.
        """
        with self._lock:
            before, asked = self.fence, self._boot()
            held = (
                self._fence if before and lease.renew(self._store, before, int(TTL * SECOND), now) else None
            )
            self._fence = held or lease.acquire(self._store, self.name, self.holder, int(TTL * SECOND), now)
            self._until = asked + TTL
        if before and not held:
            log.warning("lost the lease %s", self.name)
        if self._fence and not held:
            log.info("leading: this replica measures (%s, tenure %d)", self.name, self._fence.epoch)
        return self._fence is not None and held is None

    def give_up(self) -> None:
        """End the tenure, so that another replica need not wait. Raises StoreError."""
        with self._lock:
            fence, self._fence = self._fence, None
            if fence:
                lease.release(self._store, fence)
                log.info("no longer leading (%s)", self.name)
