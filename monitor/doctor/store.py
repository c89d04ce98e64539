"""Whether Weir's own store can be reached and written, is up to date, and agrees about the time."""

from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

from monitor.doctor.finding import Finding, failed, ok, skipped, wrong
from monitor.errors import WeirError
from monitor.model import MINUTE, SECOND

_SQLITE = "sqlite:///"


def store(config: Any, now: int) -> Iterator[Finding]:
    """The store as it is. Tables are neither made nor changed by looking."""
    path = Path(config.store.removeprefix(_SQLITE)) if config.store.startswith(_SQLITE) else None
    if path and not path.exists():
        yield _place(path)
        return
    try:
        revision = _revision(config.store)
    except WeirError as error:
        yield failed("store", error)
        return
    yield from _tables(config, revision, now)


def _place(path: Path) -> Finding:
    import os

    if not path.parent.is_dir():
        return wrong("store", f"its folder '{path.parent.name}' does not exist", "make it, or change `store`")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return wrong(
            "store", f"its folder '{path.parent.name}' cannot be written", "change its rights, or `store`"
        )
    return ok("store", f"{path.name} does not exist yet; the first tick makes it")


def _revision(url: str) -> str | None:
    """The revision of its tables, None for none. Raises StoreError."""
    from sqlalchemy import create_engine, inspect, text
    from sqlalchemy.exc import DBAPIError

    from monitor.errors import StoreError

    arguments: dict[str, Any] = {"connect_timeout": 10} if url.startswith("postgresql") else {"timeout": 10}
    engine = create_engine(url, connect_args=arguments, hide_parameters=True)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.scalar(text("SELECT version_num FROM alembic_version"))
    except ModuleNotFoundError:
        raise StoreError("a PostgreSQL store needs psycopg", hint="install weir-slo[postgres]") from None
    except DBAPIError as error:
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or ""
        name = f"{type(error.orig).__name__} {code}".strip()
        raise StoreError(f"it cannot be reached ({name})", hint="is it up, and is `store` right?") from None
    finally:
        engine.dispose()


def _tables(config: Any, revision: str | None, now: int) -> Iterator[Finding]:
    from monitor.store.schema import HEAD

    if revision is None:
        yield ok("store", "it answers; the first tick makes its tables")
    elif revision > HEAD:
        hint = "it was written by a newer version: upgrade this one"
        yield wrong("store", f"its tables are of revision {revision}, newer than {HEAD}", hint)
    elif revision < HEAD:
        yield skipped("store", f"its tables are of revision {revision}; the next tick brings them to {HEAD}")
    else:
        try:
            yield from _open(config, now)
        except WeirError as error:
            yield failed("store", error)


def _open(config: Any, now: int) -> Iterator[Finding]:
    from sqlalchemy import false, update

    from monitor.store import open_store, store_clock
    from monitor.store.database import writing
    from monitor.store.tables import marks

    opened = open_store(config.store)
    try:
        with writing(opened) as connection:
            connection.execute(
                update(marks).where(false()).values(value=0)
            )  # asks for the right, changes nothing
        yield ok("store", f"{_named(opened.name)} can be written; its tables are up to date")
        at = store_clock(opened)
        if at is not None:
            yield _skew(at - int(time() * SECOND))
        yield _last_tick(config, opened, now)
    finally:
        opened.close()


def _named(name: str) -> str:
    return Path(name.removeprefix(_SQLITE)).name if name.startswith(_SQLITE) else name


def _skew(apart: int) -> Finding:
    from monitor.serve.clock import APART

    seconds = apart / SECOND
    if abs(seconds) > APART:
        message = f"the store's is {abs(seconds):,.0f} s {'ahead of' if seconds > 0 else 'behind'} this one"
        return wrong("clock", message, "set one of the two: ticks are refused meanwhile")
    return ok("clock", f"within {abs(seconds):.1f} s of the store's")


def _last_tick(config: Any, opened: Any, now: int) -> Finding:
    from monitor.discover.nice import about
    from monitor.store import runs

    found = runs.last(opened, config.pipeline)
    if not found:
        return skipped("last tick", "none yet", "weir run measures once, weir serve on schedule")
    age = max(now - max(run.started for run in found), 0) // SECOND * SECOND
    due = 3 * max((check.every for check in config.checks.values() if check.enabled), default=MINUTE)
    if age > due:
        return skipped(
            "last tick", f"{about(age)} ago, longer than any check waits", "is weir serve running?"
        )
    return ok("last tick", f"{about(age)} ago")
