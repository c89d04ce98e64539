"""The configuration in force and its open sources. A tick keeps those that it began with."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from monitor.binding.sources import Sources
from monitor.config import Config


@dataclass(slots=True)
class _Generation:
    config: Config
    sources: Sources
    users: int = 0
    retired: bool = False

    @property
    def done(self) -> bool:
        return self.retired and not self.users


class Current:
    """Hands out the newest configuration; closes the sources of an older one when its last user is done."""

    def __init__(self, config: Config) -> None:
        self._changed = Condition()
        self._newest = _Generation(config, Sources(config))
        self._users = 0

    @property
    def config(self) -> Config:
        return self._newest.config

    @contextmanager
    def use(self) -> Generator[tuple[Config, Sources]]:
        """A configuration and its sources, which stay open meanwhile."""
        with self._changed:
            mine = self._newest
            mine.users += 1
            self._users += 1
        try:
            yield mine.config, mine.sources
        finally:
            with self._changed:
                mine.users -= 1
                self._users -= 1
                self._changed.notify_all()
            if mine.done:
                mine.sources.close()

    def replace(self, config: Config) -> None:
        """Put another configuration in force."""
        fresh = _Generation(config, Sources(config))
        with self._changed:
            old, self._newest = self._newest, fresh
            old.retired = True
        if old.done:
            old.sources.close()

    def close(self, timeout: float) -> bool:
        """Wait so many seconds for the users, then close the sources; whether all were done."""
        with self._changed:
            idle = self._changed.wait_for(lambda: self._users == 0, timeout)
            self._newest.retired = True
        self._newest.sources.close()
        return idle
