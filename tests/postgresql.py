"""A PostgreSQL server for one test session: loopback, a free port, a folder that goes away with it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from tests.components import program

STARTS = 3  # another program may take the free port before the server binds it
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "timezone": "America/New_York",  # not UTC: a test passes only where the code asks for UTC itself
}


@contextmanager
def server() -> Iterator[str]:
    """Run a server; yields the SQLAlchemy URL of its maintenance database, `postgresql+psycopg://…`."""
    home = Path(tempfile.mkdtemp(prefix="weir-pg-"))
    account = _account(home)
    try:
        _initialise(home, account)
        port = _start(home, account)
        try:
            url = URL.create("postgresql+psycopg", "weir", host="127.0.0.1", port=port, database="postgres")
            yield url.render_as_string()
        finally:
            _run("pg_ctl", account, "stop", "-D", home / "data", "-m", "immediate", check=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(server_url: str, name: str) -> Iterator[str]:
    """Create a database, yield its URL, and drop it together with whoever is still connected."""
    _execute(server_url, f'CREATE DATABASE "{name}"')
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def _account(home: Path) -> dict[str, Any]:
    """Whose account runs the server: PostgreSQL refuses root, so root lends it the account `postgres`."""
    options: dict[str, Any] = {"cwd": home, "env": {**os.environ, "LC_ALL": "C.UTF-8"}}
    if os.geteuid() == 0:
        entry = pwd.getpwnam("postgres")
        os.chown(home, entry.pw_uid, entry.pw_gid)
        options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return options


def _initialise(home: Path, account: dict[str, Any]) -> None:
    options = ["-U", "weir", "-A", "trust", "-E", "UTF8", "--no-sync"]
    _run("initdb", account, "-D", home / "data", *options, check=True)


def _start(home: Path, account: dict[str, Any]) -> int:
    """Start the server and return its port."""
    settings = " ".join(f"-c {key}={value}" for key, value in SETTINGS.items())
    for _ in range(STARTS):
        port = _free_port()
        options = f"-p {port} -k {home} {settings}"
        if _run("pg_ctl", account, "start", "-w", "-D", home / "data", "-l", home / "log", "-o", options):
            return port
    raise AssertionError(f"PostgreSQL did not start: {(home / 'log').read_text(errors='replace')[-2000:]}")


def _run(name: str, account: dict[str, Any], *arguments: str | Path, check: bool = False) -> bool:
    # The server inherits the streams: a pipe here would be waited for until it ends.
    done = subprocess.run(
        [program(name), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=check,
        **account,
    )
    return done.returncode == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
