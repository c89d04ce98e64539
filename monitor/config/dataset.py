"""A table, a set of files or a query, with its event time, key and lateness."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.config.replays import Replay, Resend
from monitor.config.words import STRICT, Name, Slip, Text, Words, nearest, one_of
from monitor.grammar import Column, Delay, KeyColumns, SqlExpression
from monitor.model import MINUTE, Stage

FORMATS = ("parquet", "csv", "json")
_SUFFIX = re.compile(r"\.(parquet|pq|csv|tsv|json|jsonl|ndjson)(\.gz|\.zst)?$", re.IGNORECASE)
_FORMAT_OF = {"pq": "parquet", "tsv": "csv", "jsonl": "json", "ndjson": "json"}
_PART = r'(?:[A-Za-z_][A-Za-z0-9_$]*|"[^"]+")'
_TABLE = re.compile(rf"{_PART}(?:\.{_PART}){{0,2}}")

# Where a dataset plays one of these parts, its checks look at that stage of the loop, whatever their kind.
ROLE_STAGES = {
    "features": Stage.FEATURE,
    "outcomes": Stage.LABEL,
    "requests": Stage.SERVE,
    "queries": Stage.SERVE,
    "responses": Stage.SERVE,
}


def _table(value: object) -> object:
    if isinstance(value, str) and not _TABLE.fullmatch(value):
        raise Slip(f"'{value[:60]}' is no table", 'name one such as public.events, or "Public"."Events"')
    return value


def zone(value: object) -> object:
    """The name of a time zone. Raises Slip for one that nobody knows."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        if isinstance(value, str):
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = nearest(str(value), available_timezones()) or "name one such as UTC or Europe/Berlin"
        raise Slip(f"unknown time zone '{str(value)[:60]}'", hint) from None
    return value


Table = Annotated[
    str, BeforeValidator(_table), WithJsonSchema({"type": "string", "pattern": f"^{_TABLE.pattern}$"})
]


_SHAPE: dict[str, Any] = {
    "oneOf": [{"required": [name]} for name in ("files", "table", "query")],
    "dependentRequired": {"format": ["files"]},
}
"""What `_one_relation` says, for editors."""


class Dataset(BaseModel):
    """What is measured. Give one of `files`, `table` and `query`."""

    model_config = STRICT | ConfigDict(json_schema_extra=_SHAPE)
    name: Name
    source: Name = Field("", description="one of `sources`; may be left out where there is only one")
    files: Words | None = Field(None, description="paths or patterns under the source's root")
    table: Table | None = Field(None, description="a table or view, such as public.events")
    query: Annotated[str, SqlExpression()] | None = Field(None, description="one SELECT")
    format: Annotated[Literal["parquet", "csv", "json"], *one_of("format", FORMATS)] | None = Field(
        None, description="of the files; default: by their suffix"
    )
    time: Column | None = Field(
        None, description="event time; without it the dataset is a snapshot, measured whole"
    )
    key: KeyColumns = Field((), description="column or columns that name a row")
    # Mobile clients flush within minutes; a longer lateness makes every tick read and restate more.
    lateness: Delay = Field(10 * MINUTE, description="how long after its event time a row may still arrive")
    timezone: Annotated[str, BeforeValidator(zone)] = Field("UTC", description="of times that name none")
    columns: dict[str, Text] = Field(default_factory=dict, description="Weir's word: your column")
    replay: Replay | None = Field(None, description="how `weir replay` derives it again from its raw log")
    resend: Resend | None = Field(None, description="of dead letters: how they are sent once more")

    @model_validator(mode="after")
    def _one_relation(self) -> "Dataset":
        given = [name for name in ("files", "table", "query") if getattr(self, name) is not None]
        if len(given) != 1:
            raise Slip(
                "a dataset takes one of 'files', 'table' and 'query'",
                f"here are {' and '.join(given) or 'none'}",
            )
        if self.files is not None and not self.files:
            raise Slip("'files' is empty", "give a path or a pattern, such as events/*.parquet")
        if self.format and self.files is None:
            raise Slip("'format' belongs to 'files'", "remove it")
        return self


def format_of(dataset: Dataset) -> Any:
    """The format of a dataset's files. Raises Slip where it cannot be told, or the files differ."""
    if dataset.format or dataset.files is None:
        return dataset.format
    found = {_suffix(pattern) for pattern in dataset.files}
    if len(found) > 1:
        raise Slip(
            f"the files are of different formats: {' and '.join(sorted(found))}", "declare a dataset for each"
        )
    return found.pop()


def _suffix(pattern: str) -> str:
    match = _SUFFIX.search(pattern)
    if not match:
        raise Slip(
            f"the format of '{pattern[:60]}' cannot be told from its name",
            f"give 'format', {nearest('', FORMATS)}",
        )
    word = match[1].lower()
    return _FORMAT_OF.get(word, word)
