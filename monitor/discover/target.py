"""What `weir init` was pointed at: a folder of files, a file, a DuckDB database or a PostgreSQL server."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.config.source import Source
from monitor.discover.files import format_of, safe_name
from monitor.errors import UsageError

VARIABLE = "WAREHOUSE_URL"
"""The environment variable that holds an address with a password."""

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRETS = ("password", "passfile", "sslpassword", "sslkey")
_MAGIC, _SQLITE = b"DUCK", b"SQLite format 3"


@dataclass(frozen=True, slots=True)
class Target:
    """A source to look at, what the YAML will say of it, and what that needs from the environment."""

    source: Source
    written: Mapping[str, str]
    pipeline: str
    shown: str
    only: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def target(text: str, folder: Path, env: Mapping[str, str] | None = None) -> Target:
    """Tell what a path or address is. `folder` is where the configuration will be: paths are relative to it.

    Raises UsageError for what Weir does not read.
    """
    env = os.environ if env is None else env
    reference = _REFERENCE.fullmatch(text.strip())
    if reference and not env.get(reference[1]):
        raise UsageError(f"the environment variable '{reference[1]}' is not set", hint="export it first")
    address = env[reference[1]] if reference else text
    if re.match(r"postgres(ql)?(\+\w+)?://", address):
        return _server(address, reference[1] if reference else "")
    if "://" in address:
        raise UsageError(
            f"cannot look at '{address.partition('://')[0]}://…'",
            hint="give a folder, a file, or postgresql://…",
        )
    return _path(Path(address).expanduser(), folder)


def _server(address: str, variable: str) -> Target:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise UsageError("the address is no URL", hint="postgresql://reader@warehouse:5432/shop") from None
    plain = url.set(drivername="postgresql")
    secret = url.password is not None or any(key in url.query for key in _SECRETS)
    name = variable or (VARIABLE if secret else "")
    written = "${" + name + "}" if name else plain.render_as_string(hide_password=False).replace("${", "$${")
    value = url.render_as_string(hide_password=False)
    pipeline = safe_name(url.database or url.host or "", "warehouse")
    return Target(
        _source(name="warehouse", engine="postgresql", url=value),
        {"engine": "postgresql", "url": written},
        pipeline,
        f"the database {url.database or '(default)'} on {url.host or 'this machine'}",
        env={name: plain.render_as_string(hide_password=False)} if name else {},
    )


def _path(path: Path, folder: Path) -> Target:
    if not path.exists():
        raise UsageError(
            f"'{path}' does not exist", hint="give a folder of files, a DuckDB file, or postgresql://…"
        )
    path = path.resolve()
    try:
        return (
            _database(path, folder) if path.is_file() and not format_of(path.name) else _files(path, folder)
        )
    except OSError as error:
        raise UsageError(f"'{path.name}' cannot be read: {error.strerror}") from None


def _database(path: Path, folder: Path) -> Target:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(_SQLITE):
        raise UsageError(
            f"'{path.name}' is a SQLite database", hint="Weir reads files, DuckDB and PostgreSQL"
        )
    if head[8:12] != _MAGIC:
        raise UsageError(
            f"'{path.name}' is of no format that Weir reads",
            hint="Parquet, CSV, JSON lines or a DuckDB database",
        )
    name = safe_name(path.stem)
    source = _source(name=name, engine="duckdb", database=path, root=path.parent)
    return Target(
        source, {"engine": "duckdb", "database": _relative(path, folder)}, name, f"the database {path.name}"
    )


def _files(path: Path, folder: Path) -> Target:
    root = path if path.is_dir() else path.parent
    name = safe_name(root.name, "files")
    source = _source(name=name, engine="duckdb", root=root)
    written = {"engine": "duckdb", "root": _relative(root, folder) + "/"}
    only = path if path.is_file() else None
    return Target(
        source, written, safe_name(path.stem if only else root.name, "pipeline"), f"{path.name or path}", only
    )


def _relative(path: Path, folder: Path) -> str:
    """A path from the configuration's folder; absolute where the two have little in common."""
    near = os.path.relpath(path, folder.resolve())
    return (path.as_posix() if near.count("..") > 4 else Path(near).as_posix()).replace("${", "$${")


def _source(**keys: Any) -> Source:
    return Source.model_validate(keys)


def opened(found: Target) -> Any:
    """The target's engine. Nothing is contacted before the first query."""
    from monitor.engines import open_engine

    return open_engine(found.source)
