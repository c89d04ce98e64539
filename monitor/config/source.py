"""A place that answers queries. Weir asks for no more than read rights on it."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.config.words import STRICT, Name, Slip, one_of
from monitor.grammar import Bytes, Duration
from monitor.model import MINUTE

ENGINES = ("duckdb", "postgresql")

_URL = re.compile(r"(postgres|postgresql)(\+psycopg)?://(.+)", re.DOTALL)


def _url(value: object) -> object:
    # The message quotes nothing: a URL holds a password.
    if not isinstance(value, str) or "${" in value:
        return value
    match = _URL.fullmatch(value)
    if not match:
        raise Slip(
            "'url' must be an address of PostgreSQL", "such as postgresql://reader@warehouse:5432/shop"
        )
    return f"postgresql+psycopg://{match[3]}"


def _path(value: object) -> object:
    return Path(value) if isinstance(value, str) and value.strip() else value


FilePath = Annotated[Path, BeforeValidator(_path), WithJsonSchema({"type": "string", "minLength": 1})]
Url = Annotated[
    str,
    BeforeValidator(_url),
    WithJsonSchema({"type": "string", "pattern": r"^(postgres(ql)?(\+psycopg)?://|\$\{)"}),
]


_SHAPE: dict[str, Any] = {
    "if": {"properties": {"engine": {"const": "postgresql"}}, "required": ["engine"]},
    "then": {"required": ["url"], "properties": {"root": False, "database": False}},
    "else": {"properties": {"url": False}},
}
"""What `_fits_engine` says, for editors."""


class Source(BaseModel):
    """A DuckDB over files or a database file, or a PostgreSQL server."""

    model_config = STRICT | ConfigDict(json_schema_extra=_SHAPE)
    name: Name
    engine: Annotated[Literal["duckdb", "postgresql"], *one_of("engine", ENGINES)] = Field(
        description="how it is asked"
    )
    root: FilePath | None = Field(
        None, description="duckdb: folder that `files` start from; default: this file's"
    )
    database: FilePath | None = Field(None, description="duckdb: a database file, opened read-only")
    url: Url | None = Field(
        None, repr=False, description="postgresql: its address; take the password from ${NAME}"
    )
    # A scan that blocks for longer is worth an error of its own, and a tick is usually due every minute.
    timeout: Duration = Field(MINUTE, description="longest that one scan may take")
    max_scan: Bytes | None = Field(None, description="refuse a scan that would read more; default: no limit")
    # One connection answers, one waits its turn; more would be felt by the people who own the source.
    parallel: int = Field(2, ge=1, le=64, description="scans at once")

    @property
    def dialect(self) -> str:
        """What sqlglot calls the engine's SQL."""
        return "postgres" if self.engine == "postgresql" else "duckdb"

    @model_validator(mode="after")
    def _fits_engine(self) -> "Source":
        if self.engine == "postgresql":
            if self.url is None:
                raise Slip("a postgresql source needs a 'url'", "such as url: ${WAREHOUSE_URL}")
            foreign = [key for key in ("root", "database") if getattr(self, key) is not None]
        else:
            foreign = ["url"] if self.url is not None else []
        if foreign:
            raise Slip(f"a {self.engine} source takes no '{foreign[0]}'", "remove it, or change 'engine'")
        return self


def located_in(source: Source, folder: Path) -> Source:
    """The source with paths that do not depend on where Weir was started."""
    paths: dict[str, Any] = {}
    if source.engine == "duckdb":
        paths["root"] = (folder / (source.root or "")).resolve()
        paths["database"] = (folder / source.database).resolve() if source.database else None
    return source.model_copy(update=paths)
