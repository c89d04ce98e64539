"""Options and small steps that several commands share."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.errors import UsageError
from monitor.iso import EPOCH, iso

if TYPE_CHECKING:
    from monitor.store import Store

__all__ = ["chosen", "config_option", "dropped_lines", "instant", "iso", "load", "off_lines", "opened"]

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """`--config PATH`: a file or a folder."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        default=Path("weir.yaml"),
        envvar="WEIR_CONFIG",
        show_default=True,
        show_envvar=True,
        help="Configuration: a file, or a folder with weir.yaml and checks/.",
    )(function)


def load(path: Path, allow_missing_env: bool = False) -> Any:
    """The configuration. Raises ConfigError."""
    from monitor import config

    return config.load(path, allow_missing_env=allow_missing_env)


@contextmanager
def opened(config: Any) -> "Generator[Store]":
    """The configuration's store, closed afterwards. Raises StoreError."""
    from monitor.store import open_store

    store = open_store(config.store)
    try:
        yield store
    finally:
        store.close()


def instant(text: str) -> int:
    """Microseconds of an ISO 8601 time; without an offset it is UTC. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise UsageError(f"'{text}' is no time", hint="write one such as 2026-11-20T23:00:00Z") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def off_lines(why: Mapping[str, str]) -> Iterator[str]:
    """What is off, a line for each reason: a missing dataset keeps a dozen checks from running."""
    checks: dict[str, list[str]] = {}
    for name, reason in why.items():
        checks.setdefault(reason, []).append(name)
    yield from (f"off, {reason}: {', '.join(names)}" for reason, names in checks.items())


def dropped_lines(config: Any) -> Iterator[str]:
    """The burn-rate rows that a budget is not watched by, since they could never fire."""
    from monitor.slo.burn import rows_of

    for check in config.checks.values():
        if check.slo and check.enabled:
            yield from (f"{check.name}: {why}" for why in rows_of(check)[1])


def chosen(config: Any, names: tuple[str, ...]) -> frozenset[str] | None:
    """The checks that `--check` names; None for all. Raises UsageError for one that does not exist."""
    from difflib import get_close_matches

    for name in names:
        if name not in config.checks:
            near = get_close_matches(name, list[str](config.checks), 1)
            raise UsageError(
                f"no check is called '{name}'", hint=f"did you mean '{near[0]}'?" if near else ""
            )
    return frozenset(names) or None
