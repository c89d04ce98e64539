"""Ticks in processes that kill themselves: run by test_kill.py, since only a process of its own may die.

    python -m tests.laws.kills FOLDER '{"ticks": [2], "random": 9, "lane": 0, "lanes": 2, "checks": null}'

prints a line of JSON for each kill. Everything heavy is imported once, and every tick runs in a fork. A
process that is to die counts the points where it could (before each statement of the store, before and after
each of its commits, around each query of the lake) and kills itself at the one that it is told.
"""

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import alembic.command  # noqa: F401
import duckdb  # noqa: F401
import pandas  # noqa: F401
import pyarrow.compute
import pyarrow.parquet  # noqa: F401
from sqlalchemy import Engine, Pool, event

from monitor import config
from monitor.binding.sources import Sources
from monitor.engines.duckdb import DuckDB
from monitor.model import SECOND
from monitor.store import compact, open_store
from monitor.tick import tick
from tests.laws.shop import TICKS, arrive, differences, dump

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER")


class Fuse:
    """Counts points; at the one of that number the process dies as by `kill -9`."""

    def __init__(self, writes_only: bool, dies_at: int | None) -> None:
        self.writes_only, self.dies_at = writes_only, dies_at
        self.points: list[tuple[str, bool]] = []

    def point(self, what: str, write: bool) -> None:
        if write or not self.writes_only:
            self.points.append((what, write))
            if len(self.points) - 1 == self.dies_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def lay(self) -> None:
        """Hook into every engine of SQLAlchemy's and into the queries of DuckDB."""

        written: set[int] = set()

        def statement(connection: Any, cursor: Any, sql: str, *_: Any) -> None:
            write = sql.lstrip().upper().startswith(WRITES)
            written.update([id(cursor.connection)] if write else [])
            self.point(f"before {' '.join(sql.split())[:60]}", write)

        def commit(connection: Any) -> None:
            self.point("before commit", id(connection.connection.dbapi_connection) in written)

        def checkin(connection: Any, record: Any) -> None:
            self.point("after commit", id(connection) in written)
            written.discard(id(connection))

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", commit)
        event.listen(Pool, "checkin", checkin)
        fetch = DuckDB.fetch

        def watched(self_: DuckDB, sql: str, *more: Any) -> Any:
            self.point("before fetch", False)
            found = fetch(self_, sql, *more)
            self.point("after fetch", False)
            return found

        DuckDB.fetch = watched


def forked(work: Callable[[], Any]) -> tuple[int, Any]:
    """(exit status, result) of a function run in a fork."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(out)
            os.write(into, json.dumps(work()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(said) if said else None


@dataclass(frozen=True)
class Course:
    """A folder with the configuration, and which of its checks are measured."""

    folder: Path
    config: Any
    checks: frozenset[str] | None

    def run(self, store: Path, ticks: Iterable[int], fuse: Fuse | None = None) -> list[tuple[str, bool]]:
        """Ticks in turn, with the rows that have arrived by each; the points that were passed."""
        if fuse:
            fuse.lay()
        for number in ticks:
            self.one(store, number)
        return fuse.points if fuse else []

    def one(self, store: Path, number: int) -> None:
        """A tick by its number."""
        now = TICKS[number]
        arrive(self.folder, number)
        opened = open_store(f"sqlite:///{store}")
        with Sources(self.config) as sources:
            tick(self.config, opened, sources, now, only=self.checks, wall=lambda: now / SECOND)
        compact(opened, now)
        opened.close()

    def before(self, number: int) -> Path:
        """A copy of the store as the ticks before one left it."""
        store = self.folder / f"{uuid4().hex}.db"
        if number:
            shutil.copy(self.folder / "before.db", store)
        return store

    def kill(self, number: int, dies_at: int, writes_only: bool, wanted: Any) -> dict[str, Any]:
        """Kill a tick at a point, start it again, and say what differs from a store that was never killed."""
        store = self.before(number)
        ended, _ = forked(lambda: self.run(store, [number], Fuse(writes_only, dies_at)))
        again, _ = forked(lambda: self.run(store, [number]))
        differs = (
            differences(wanted, dump(f"sqlite:///{store}")) if again == 0 else ["it does not start again"]
        )
        for path in self.folder.glob(f"{store.name}*"):
            path.unlink()
        return {"tick": number, "point": dies_at, "write": writes_only, "status": ended, "differs": differs}


def course(folder: Path, number: int, checks: frozenset[str] | None) -> Course:
    """A lake and a store as the ticks before one left them."""
    here = folder / f"tick-{number}"
    here.mkdir()
    (here / "aside").symlink_to(folder / "aside")
    shutil.copy(folder / "weir.yaml", here)
    made = Course(here, config.load(here / "weir.yaml"), checks)
    if number:
        assert forked(lambda: made.run(here / "before.db", range(number)))[0] == 0
    return made


def kills(
    made: Course, number: int, at_random: int, draw: random.Random
) -> list[Callable[[], dict[str, Any]]]:
    """Every write boundary of a tick in turn, then random points."""
    store = made.before(number)
    points: list[tuple[str, bool]] = forked(lambda: made.run(store, [number], Fuse(False, None)))[1]
    wanted = dump(f"sqlite:///{store}")
    writes = [(at, True) for at in range(sum(write for _, write in points))]
    anywhere = [(draw.randrange(len(points)), False) for _ in range(at_random)]
    return [partial(made.kill, number, at, write, wanted) for at, write in writes + anywhere]


def main() -> None:
    folder, asked = Path(sys.argv[1]), json.loads(sys.argv[2])
    checks = frozenset(asked["checks"]) if asked["checks"] else None
    draw = random.Random(7)
    planned = [
        kill
        for number in asked["ticks"]
        for kill in kills(
            course(folder, number, checks), number, -(-asked["random"] // len(asked["ticks"])), draw
        )
    ]
    for kill in planned[asked["lane"] :: asked["lanes"]]:
        print(json.dumps(kill()), flush=True)


if __name__ == "__main__":
    main()
