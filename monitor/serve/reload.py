"""The configuration on disk, watched; a broken one leaves the last good one in force."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from monitor import config as configuration
from monitor.config import Config
from monitor.errors import ConfigError, Fault

Print = tuple[tuple[str, int, int, int], ...]

log = logging.getLogger(__name__)


def leading_to(pages: str) -> Callable[[Path], Config]:
    """Reads a configuration whose alerts lead to these pages, unless its `links` say otherwise."""

    def load(path: Path) -> Config:
        read = configuration.load(path)
        if not pages or read.links.dashboards:
            return read
        return replace(read, links=read.links.model_copy(update={"dashboards": pages}))

    return load


NAMED = 3
"""Checks that a line about a change names."""


def difference(old: Config, fresh: Config, changed: frozenset[str]) -> str:
    """What another configuration brings, in a line; `changed` are its new or changed checks."""
    gone = old.checks.keys() - fresh.checks.keys()
    new = changed - old.checks.keys()
    some = (("changed", changed - new), ("new", new), ("gone", gone))
    said = "; ".join(f"{word} {few(sorted(names))}" for word, names in some if names)
    return said or "nothing of its checks changed"


def few(names: Sequence[str]) -> str:
    """The first names of some, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


class Watcher:
    """`config` is the last good configuration; `good` says whether it is the one on disk."""

    def __init__(self, path: Path, load: Callable[[Path], Config] = configuration.load) -> None:
        """Raises ConfigError: there is nothing to fall back to yet."""
        self._path, self._load = path, load
        own = fingerprint(path)
        self.config, self.good = load(path), True
        self._seen = own + looks(self.config.beside)

    def poll(self, *, force: bool = False) -> Config | None:
        """A configuration to put in force, or None. `force` reads unchanged files too, for new secrets."""
        own = fingerprint(self._path)
        seen = own + looks(self.config.beside)
        if seen == self._seen and not force:
            return None
        self._seen = seen
        try:
            fresh = self._load(self._path)
            _refuse_what_needs_a_restart(self.config, fresh)
        except ConfigError as error:
            self.good = False
            log.error("configuration refused, the last good one stays in force:\n%s", error)
            return None
        self.good = True
        if fresh.digest == self.config.digest and not force:
            return None
        _mention_what_waits_for_a_restart(self.config, fresh)
        self.config = fresh
        self._seen = own + looks(fresh.beside)
        return fresh


def files(path: Path) -> list[Path]:
    """The files that a configuration is read from."""
    return [path / "weir.yaml", *sorted((path / "checks").rglob("*.y*ml"))] if path.is_dir() else [path]


def fingerprint(path: Path) -> Print:
    """Something that changes when a file is edited, replaced, added or removed."""
    return looks(files(path))


def looks(paths: Sequence[Path]) -> Print:
    """The same of some files, those that the configuration names."""
    return tuple(_look(file) for file in paths)


def _look(file: Path) -> tuple[str, int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return str(file), 0, 0, 0
    return str(file), found.st_mtime_ns, found.st_size, found.st_ino


def _refuse_what_needs_a_restart(old: Config, new: Config) -> None:
    changed = [name for name in ("pipeline", "store") if getattr(old, name) != getattr(new, name)]
    if changed:
        faults = [
            Fault(new.place(name), f"'{name}' cannot change while Weir runs", "restart it")
            for name in changed
        ]
        raise ConfigError(faults)


def _mention_what_waits_for_a_restart(old: Config, new: Config) -> None:
    names = [name for name in ("host", "port", "tls") if getattr(old.serve, name) != getattr(new.serve, name)]
    if names:
        log.warning("a new %s under 'serve' takes effect after a restart", " and ".join(names))
