"""How a dataset is derived again from its raw log, and how dead letters are sent once more."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.config.commands import Command, Running
from monitor.config.words import STRICT, Name, Names, Slip, listed, nearest, one_of
from monitor.grammar import Column, Delay, KeyColumns, Share, SqlExpression

FORMATS = ("parquet", "csv", "json")
LETTERS = ("json", "csv", "parquet")


def _tolerance(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise Slip("'tolerance' is a relative difference from 0 to 1", "such as 1e-9; 0 wants equal numbers")
    return float(value)


_SHAPE: dict[str, Any] = {
    "required": ["from"],
    "oneOf": [{"required": ["query"]}, {"required": ["command"]}],
}
Tolerance = Annotated[
    float,
    BeforeValidator(_tolerance),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 1}),
]
Columns = Annotated[
    tuple[Column, ...],
    BeforeValidator(listed),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "uniqueItems": True}]}
    ),
]


class Replay(Running):
    """How `weir replay` derives a dataset again. Give `from`, and one of `query` and `command`."""

    model_config = STRICT | ConfigDict(json_schema_extra=_SHAPE)
    raw: Names = Field(alias="from", description="the datasets that it is derived from: its raw log")
    query: Annotated[str, SqlExpression()] | None = Field(
        None, description="one SELECT over these datasets, by their names"
    )
    command: Command | None = Field(
        None, description="or a program with its words: it reads files in {input}, writes files in {output}"
    )
    form: Annotated[Literal["parquet", "csv", "json"], *one_of("format", FORMATS)] = Field(
        "parquet", alias="format", description="of the command's files, both ways; json is one object a line"
    )
    keys: KeyColumns = Field((), description="what names a row; default: the dataset's key")
    compare: Columns = Field((), description="columns that must be alike; default: all of them")
    ignore: Columns = Field((), description="columns that may differ, such as the time of storing")
    # Sums of floating numbers depend on their order; whoever knows that says how much may differ.
    tolerance: Tolerance = Field(0.0, description="relative difference that two numbers may have")
    version: Column = Field("schema_version", description="the column of schema versions, where there is one")
    margin: Delay = Field(0, description="how much more of the raw log is read on either side of the window")
    into: Name | None = Field(
        None, description="the dataset that replayed rows are added to; default of `events`: `replays`"
    )
    # IF-M9's objective.
    objective: Share = Field(0.99, description="share of the rows that must come back identical")

    @model_validator(mode="after")
    def _one_way(self) -> "Replay":
        if (self.query is None) == (self.command is None):
            raise Slip(
                "a replay takes one of 'query' and 'command'", "the way in which the pipeline makes it"
            )
        if not self.raw:
            raise Slip("'from' is empty", "name the dataset of the raw log")
        if self.query is not None:
            foreign = [key for key in ("form", "env", "timeout") if key in self.model_fields_set]
            if foreign:
                name = "format" if foreign[0] == "form" else foreign[0]
                raise Slip(f"'{name}' belongs to a command", "remove it: the source has a timeout of its own")
        both = sorted({*self.compare} & {*self.ignore})
        if both:
            raise Slip(f"'{both[0]}' is to be compared and ignored", "remove it from one of them")
        return self


class Resend(Running):
    """How `weir replay --dead-letters` sends refused rows once more."""

    model_config = STRICT
    command: Command = Field(description="a program with its words, which takes the rows in the file {input}")
    form: Annotated[Literal["json", "csv", "parquet"], *one_of("format", LETTERS)] = Field(
        "json", alias="format", description="of the file that it is given; json is one object a line"
    )
    cause: Column | None = Field(None, description="the column that says why; default: one that is named so")
    # What dies half way leaves so many letters of which nobody knows.
    batch: int = Field(500, ge=1, le=100_000, description="rows that it is given at once")


def check_replays(draft: Any) -> None:
    """Note what a dataset's `replay` and `resend` say that the rest of the file contradicts."""
    for name, dataset in draft.datasets.items():
        if dataset.replay:
            _check_replay(draft, name, dataset.replay, dataset.key)
        if dataset.resend and not dataset.key:
            place = ("datasets", name, "resend")
            message = "letters are told apart by a 'key', and this dataset has none"
            draft.faults.add(draft.trees[0], place, message, "give the dataset its 'key'", key=True)


def _check_replay(draft: Any, name: str, replay: Replay, key: tuple[str, ...]) -> None:
    place, tree, declared = ("datasets", name, "replay"), draft.trees[0], draft.declared("datasets")
    for index, raw in enumerate(replay.raw):
        at = (
            (*place, "from") if isinstance(declared[name]["replay"]["from"], str) else (*place, "from", index)
        )
        if raw not in declared:
            draft.faults.add(tree, at, f"unknown dataset '{raw}'", nearest(raw, declared))
        elif raw == name:
            draft.faults.add(tree, at, "a dataset is not derived from itself", "name its raw log")
    if not (replay.keys or key):
        message = "rows are compared by a 'key', and this dataset has none"
        draft.faults.add(tree, place, message, "give the dataset its 'key', or 'keys' here", key=True)
    if replay.into and replay.into not in declared:
        hint = nearest(replay.into, declared)
        draft.faults.add(tree, (*place, "into"), f"unknown dataset '{replay.into}'", hint)
    if replay.query is not None:
        _check_query(draft, name, replay, tree)


def _check_query(draft: Any, name: str, replay: Replay, tree: Any) -> None:
    from monitor.config.references import parsed

    known: Mapping[str, Any] = draft.datasets
    sources = sorted({known[raw].source for raw in replay.raw if raw in known})
    if len(sources) > 1:
        message = f"one query cannot read two sources: {' and '.join(sources)}"
        hint = "give a 'command': it is handed the rows of both"
        draft.faults.add(tree, ("datasets", name, "replay", "from"), message, hint)
    elif sources and replay.query:
        dialect = draft.sources[sources[0]].dialect
        parsed(replay.query, dialect, ("datasets", name, "replay", "query"), tree, draft.faults)
