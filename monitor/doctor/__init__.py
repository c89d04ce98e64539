"""What is reachable, what is missing, and what to do about it.

Each module looks at one thing and gives findings: environment (Python, libraries, programs, the port), source
(sources and datasets), store. Nothing is changed by looking.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monitor.doctor.finding import Finding, exit_code, ok, skipped, wrong
from monitor.errors import ConfigError

__all__ = ["Finding", "examine", "exit_code"]


def examine(path: Path, now: int, env: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Every finding about the configuration at a path, at an instant in microseconds, as it is found."""
    from monitor.doctor import environment

    yield from environment.versions()
    config = None
    for each in _configuration(path, env):
        if isinstance(each, Finding):
            yield each
        else:
            config = each
    if config is not None:
        yield from _configured(config, now)
    else:
        yield skipped("sources, store and port", "not looked at: the configuration says where they are")
    yield from environment.programs()


def _configuration(path: Path, env: Mapping[str, str] | None) -> Iterator[Any]:
    """The configuration, and what is to be said of it."""
    from monitor import config

    try:
        loaded = config.load(path, env)
    except ConfigError as error:
        for fault in error.faults:
            yield wrong("configuration", f"{fault.place}: {fault.message}", fault.hint, code=2)
        return
    except OSError as error:
        yield wrong("configuration", f"{path} cannot be read: {error.strerror}", code=2)
        return
    yield loaded
    sections = {"source": loaded.sources, "dataset": loaded.datasets, "check": loaded.checks}
    counts = ", ".join(f"{len(found)} {word}{'s' * (len(found) != 1)}" for word, found in sections.items())
    yield ok("configuration", f"{path}: pipeline '{loaded.pipeline}', {counts}")
    yield from _runbooks(loaded)


def _runbooks(config: Any) -> Iterator[Finding]:
    from monitor.config.runbooks import own
    from monitor.runbook.text import of_configuration

    faults = of_configuration(config)
    for fault in faults:
        yield wrong("runbooks", f"{fault.place}: {fault.message}", fault.hint, code=2)
    if not faults and (mine := own(config.folder)):
        yield ok("runbooks", f"{', '.join(mine)} beside weir.yaml")


def _configured(config: Any, now: int) -> Iterator[Finding]:
    from monitor.doctor import environment, source, store

    yield from environment.drivers(config)
    yield from environment.notifiers(config)
    yield from source.sources(config, now)
    yield from store.store(config, now)
    yield from environment.port(config.serve)
