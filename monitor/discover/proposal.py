"""A starting configuration for a target: its datasets, their checks, and what was left aside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.discover.catalog import Candidate, catalog
from monitor.discover.checks import Proposed, checks
from monitor.discover.columns import Described, describe, lateness_text
from monitor.discover.entries import Entries, Entry, entry
from monitor.discover.files import safe_name
from monitor.discover.matches import matches
from monitor.discover.naming import plain, role
from monitor.discover.pace import Pace, is_finished, pace
from monitor.discover.sample import Seen, sample
from monitor.discover.target import Target, opened
from monitor.discover.write import text
from monitor.errors import SourceDown, SourceError, UsageError

OWNER = "your-team"


@dataclass(frozen=True, slots=True)
class Found:
    """A dataset of the proposal, for people: `newest` in microseconds, None for a snapshot or no rows."""

    name: str
    where: str
    rows: int
    whole: bool
    time: str | None
    key: tuple[str, ...]
    newest: int | None
    checks: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """The text of a configuration, what it is about, and what was left aside and why."""

    text: str
    found: tuple[Found, ...]
    notes: tuple[str, ...]


def propose(
    what: Target,
    now: int,
    *,
    name: str = "",
    schema: str | None = None,
    progress: Callable[[str], None] = lambda name: None,
) -> Proposal:
    """Look at a target and propose a configuration. `now`: microseconds; `progress` hears of each dataset.

    Raises SourceDown where a database cannot be reached, UsageError where there is nothing to measure.
    """
    engine = opened(what)
    try:
        listed = catalog(what, engine, schema)
        seen, notes = _seen(what, listed.candidates, engine, progress)
        dialect = engine.dialect
    finally:
        engine.close()
    notes = [*listed.notes, *notes]
    if not seen:
        raise UsageError(
            f"nothing to measure in {what.shown}",
            hint="; ".join(notes) or "it holds no Parquet, CSV or JSON lines",
        )
    renamed = _roles(seen)
    datasets = [describe(each, renamed.get(each.name, each.name), dialect) for each in seen]
    paces = _paces(datasets, now)
    proposed = [check for each in datasets for check in checks(each, paces[each.name], dialect)]
    proposed += matches(datasets, paces)
    sections = _sections(what, name or what.pipeline, datasets, proposed)
    found = tuple(_found(each, paces[each.name], proposed) for each in datasets)
    return Proposal(text(sections, _heading(what)), found, tuple(notes))


def _seen(
    what: Target, candidates: Sequence[Candidate], engine: Any, progress: Callable[[str], None]
) -> tuple[list[Seen], list[str]]:
    seen: list[Seen] = []
    notes: list[str] = []
    for candidate in candidates:
        progress(candidate.name)
        try:
            each = sample(candidate, engine, what)
        except SourceDown:
            raise
        except SourceError as error:
            notes.append(
                f"left out: '{candidate.name}', which cannot be read as {_form(candidate)} ({error.message})"
            )
            continue
        if each.columns:
            seen.append(each)
    return seen, notes


def _form(candidate: Candidate) -> str:
    return {"parquet": "Parquet", "csv": "CSV", "json": "JSON lines"}.get(
        candidate.group.format if candidate.group else "", "a table"
    )


def _roles(seen: Sequence[Seen]) -> dict[str, str]:
    """New names for datasets that play a part under another name, where only one does."""
    parts = {each.name: role(each.name) for each in seen}
    taken = {each.name for each in seen}
    return {
        name: part
        for name, part in parts.items()
        if part and part not in taken and list(parts.values()).count(part) == 1 and "_" not in plain(name)
    }


def _paces(datasets: Sequence[Described], now: int) -> dict[str, Pace]:
    paces = {each.name: pace(each, now) for each in datasets}
    newest = max((each.newest for each in paces.values() if each.newest is not None), default=None)
    late = {each.name: each.lateness.value for each in datasets}
    return {
        name: replace(each, finished=is_finished(each, newest, late[name])) for name, each in paces.items()
    }


def _heading(what: Target) -> list[str]:
    return [
        f"Written by `weir init` from {what.shown}: a start, to be read and changed.",
        "Lines with a comment are guesses from names, types and a sample; the comment says why.",
    ]


def _sections(
    what: Target, name: str, datasets: Sequence[Described], proposed: Sequence[Proposed]
) -> list[Entry]:
    source = tuple(Entry(key, value) for key, value in what.written.items())
    keys = entry("pipeline", safe_name(name, "pipeline"))
    keys += entry("owner", OWNER, "who looks after it: the default for every check")
    keys += entry(
        "store", "sqlite:///weir.db", "beside this file; postgresql+psycopg://… for several replicas"
    )
    keys += entry("sources", (Entry(what.source.name, source, flow=True),))
    keys += entry("datasets", tuple(Entry(each.name, _dataset(each), _renamed(each)) for each in datasets))
    keys += entry(
        "checks", tuple(Entry(each.name, entry("kind", each.kind) + each.keys) for each in proposed)
    )
    return list(keys)


def _dataset(each: Described) -> Entries:
    candidate = each.seen.candidate
    if each.query:
        keys = entry("query", each.query.replace("${", "$${"), "turns numbers into times")
    elif "files" in candidate.relation:
        files = candidate.relation["files"]
        keys = entry("files", files[0] if len(files) == 1 else tuple(files))
    else:
        keys = entry("table", candidate.relation["table"])
    if each.time.value is None:
        keys += entry("time", "event_time", each.time.why, off=True)
    else:
        zone = "; no zone given: taken for UTC" if each.naive else ""
        keys += entry("time", each.time.value, each.time.why + zone)
    if each.key.value:
        names = each.key.value
        keys += entry("key", names[0] if len(names) == 1 else names, each.key.why)
    if each.time.value is not None:
        keys += entry("lateness", lateness_text(each), each.lateness.why)
    if each.mapped:
        keys += entry(
            "columns", tuple(Entry(word, column) for word, column in each.mapped.items()), flow=_short(each)
        )
    return keys


def _short(each: Described) -> bool:
    return sum(len(word) + len(column) + 4 for word, column in each.mapped.items()) < 90


def _renamed(each: Described) -> str:
    return (
        f"yours is called {each.seen.name}; packaged checks know it by this name"
        if each.name != each.seen.name
        else ""
    )


def _found(each: Described, pace: Pace, proposed: Sequence[Proposed]) -> Found:
    candidate = each.seen.candidate
    relation: Any = candidate.relation.get("files") or candidate.relation.get("table")
    where = relation if isinstance(relation, str) else ", ".join(relation)
    count = sum(check.dataset == each.name for check in proposed)
    return Found(
        each.name, where, each.seen.rows, each.seen.whole, each.time.value, each.key.value, pace.newest, count
    )
