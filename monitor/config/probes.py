"""Synthetic events that a pipeline carries from end to end: how they are made, sent, and known again."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.config.commands import Command, Running
from monitor.config.dataset import Table
from monitor.config.draft import Draft, checked_name
from monitor.config.faults import validate
from monitor.config.words import STRICT, Name, Names, Slip, Text, nearest, one_of
from monitor.grammar import Duration, Share
from monitor.model import MINUTE, SECOND, Severity

SHORTEST = 4
"""Characters of a tag: rows of the pipeline's own that begin alike would be left out of every check."""
PERSONAL = ("email", "phone", "card", "iban", "ip", "ssn")
"""Sorts of personal data that a probe can carry."""
PLACES = ("id", "now", "probe", *PERSONAL)
_PLACE = re.compile(r"\{([a-z_]+)\}")


def _tag(value: object) -> object:
    if not isinstance(value, dict) or not value:
        raise Slip("'tag' is columns and what a probe's value begins with", "such as {event_id: weir-probe-}")
    for column, prefix in cast(dict[Any, Any], value).items():
        if not isinstance(prefix, str) or len(prefix) < SHORTEST or prefix != prefix.strip():
            hint = f"at least {SHORTEST} characters that no row of yours begins with, such as weir-probe-"
            raise Slip(f"the tag of '{str(column)[:60]}' must be told from everything else", hint)
    return cast(Any, value)


def _row(value: object) -> object:
    for column, text in cast(dict[Any, Any], value if isinstance(value, dict) else {}).items():
        for name in _PLACE.findall(text) if isinstance(text, str) else ():
            if name not in PLACES:
                raise Slip(f"unknown '{{{name}}}'", nearest(name, PLACES), where=(str(column),))
    return cast(object, value)


def _address(value: object) -> object:
    if isinstance(value, str) and "${" not in value:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Slip("'http' is an address", "such as https://collector.example.com/events")
    return value


Tag = Annotated[
    dict[str, str],
    BeforeValidator(_tag),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "string", "minLength": SHORTEST},
        }
    ),
]
Row = Annotated[dict[str, Any], BeforeValidator(_row), WithJsonSchema({"type": "object"})]
Address = Annotated[
    str, BeforeValidator(_address), WithJsonSchema({"type": "string", "pattern": r"^(https?://|.*\$\{)"})
]
_SUFFIXES = (".json", ".jsonl", ".parquet", ".csv")
_WAYS = ("command", "file", "table", "http")
_ONE_WAY: dict[str, Any] = {"oneOf": [{"required": [name]} for name in _WAYS]}


class Sending(Running):
    """How a probe enters the pipeline. Give one of `command`, `file`, `table` and `http`."""

    model_config = STRICT | ConfigDict(json_schema_extra=_ONE_WAY)
    timeout: Duration = Field(30 * SECOND, description="longest that one sending may take")
    command: Command | None = Field(
        None, description="a program with its words, which takes the rows in the file {input}"
    )
    file: Text | None = Field(
        None, description="or a file to write, new each time, such as inbox/{id}.json: by its suffix"
    )
    table: Table | None = Field(None, description="or a table of a PostgreSQL source to add rows to")
    source: Name | None = Field(None, description="the source of the table; its user must be let insert")
    http: Address | None = Field(None, repr=False, description="or an address to POST each row to, as JSON")
    headers: dict[str, str] = Field(default_factory=dict, repr=False, description="of the requests")

    @model_validator(mode="after")
    def _one_way(self) -> "Sending":
        given = [name for name in _WAYS if getattr(self, name) is not None]
        if len(given) != 1:
            raise Slip(
                f"a probe is sent in one of the ways {', '.join(_WAYS)}",
                f"here are {' and '.join(given) or 'none'}",
            )
        if self.file is not None and not ("{id}" in self.file and self.file.endswith(_SUFFIXES)):
            raise Slip("'file' needs {id} and a suffix that says its format", "such as inbox/{id}.json")
        for name, way in (("source", "table"), ("headers", "http"), ("env", "command")):
            if name in self.model_fields_set and given != [way]:
                raise Slip(f"'{name}' belongs to '{way}'", "remove it")
        return self


class Probe(BaseModel):
    """A synthetic event that is sent into the pipeline, and looked for where it must arrive."""

    model_config = STRICT
    name: Name
    tag: Tag = Field(
        description="columns by which a probe is known: the row's value begins so; every check leaves it out"
    )
    row: Row = Field(
        default_factory=dict, description="the other columns; {id}, {now}, {email} and the like are filled in"
    )
    send: Sending = Field(description="how it enters the pipeline")
    arrives: Names = Field(description="the datasets in which it must be found")
    # As long as a dataset waits for its rows: what comes later is late for checks, too.
    within: Duration = Field(10 * MINUTE, description="how long it may take to arrive")
    count: int = Field(1, ge=1, le=10_000, description="how many are sent at once")
    # A probe is carried like everything else: one that is lost is a loss of which nobody was told.
    objective: Share = Field(
        1.0, description="share that must arrive, and of personal data that must be redacted"
    )
    every: Duration | None = Field(None, description="how often they are sent: silence for longer is no data")
    severity: Annotated[Severity, *one_of("severity", Severity, Severity)] = Field(
        Severity.TICKET, description="what one that is lost, late or not redacted raises"
    )

    @property
    def personal(self) -> tuple[str, ...]:
        """The sorts of personal data that its rows carry."""
        texts = [each for each in self.row.values() if isinstance(each, str)]
        return tuple(name for name in PERSONAL if any(f"{{{name}}}" in text for text in texts))


def probes_of(draft: Draft) -> dict[str, Probe]:
    """The probes of the main file; what is wrong with them is noted."""
    found: dict[str, Probe] = {}
    for name, data in draft.declared("probes").items():
        filled = {"name": checked_name(draft, "probes", name)}
        probe = validate(Probe, data, draft.trees[0], ("probes", name), draft.faults, filled=filled)
        if probe and _fits(draft, name, probe):
            found[name] = probe
    return found


def _fits(draft: Draft, name: str, probe: Probe) -> bool:
    tree, before = draft.trees[0], len(draft.faults.found)
    declared = draft.declared("datasets")
    if not probe.arrives:
        draft.faults.add(tree, ("probes", name, "arrives"), "'arrives' is empty", nearest("", declared))
    for dataset in probe.arrives:
        if dataset not in declared:
            hint = nearest(dataset, declared)
            draft.faults.add(tree, ("probes", name, "arrives"), f"unknown dataset '{dataset}'", hint)
    for column in probe.tag.keys() & probe.row.keys():
        message = f"'{column}' is the tag: Weir fills it in"
        draft.faults.add(tree, ("probes", name, "row", column), message, "remove it", key=True)
    if probe.send.table is not None:
        _check_source(draft, name, probe.send.source)
    return len(draft.faults.found) == before


def _check_source(draft: Draft, name: str, source: str | None) -> None:
    servers = [each for each, of in draft.sources.items() if of.engine == "postgresql"]
    place, tree = ("probes", name, "send"), draft.trees[0]
    if source is None:
        draft.faults.add(tree, place, "'table' needs a 'source'", nearest("", servers), key=True)
    elif source not in draft.declared("sources"):
        draft.faults.add(tree, (*place, "source"), f"unknown source '{source}'", nearest(source, servers))
    elif source in draft.sources and source not in servers:
        message = f"'table' needs a postgresql source, and '{source}' is none"
        draft.faults.add(tree, (*place, "source"), message, "send a 'file', or a 'command'")


def tags_of(probes: Iterable[Probe]) -> tuple[tuple[str, str], ...]:
    """Every tag once: a column, and what a probe's value in it begins with."""
    return tuple(sorted({each for probe in probes for each in probe.tag.items()}))
