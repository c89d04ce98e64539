"""A starting configuration for a target: its datasets, their checks, and what was left aside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.discover.catalog import Candidate, catalog
from monitor.discover.checks import Proposed, checks
from monitor.discover.columns import Described, describe
from monitor.discover.matches import matches
from monitor.discover.naming import role
from monitor.discover.pace import Pace, is_finished, pace
from monitor.discover.sample import Seen, sample
from monitor.discover.sections import heading, sections
from monitor.discover.spelling import plain
from monitor.discover.target import Target, opened
from monitor.discover.write import text
from monitor.errors import SourceDown, SourceError, UsageError


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
    """Datasets and checks, what was left aside and why, and the newest event time of each dataset."""

    what: Target
    name: str
    datasets: tuple[Described, ...]
    proposed: tuple[Proposed, ...]
    notes: tuple[str, ...]
    newest: Mapping[str, int | None]

    @property
    def text(self) -> str:
        """The configuration, as YAML."""
        return text(sections(self.what, self.name, self.datasets, self.proposed), heading(self.what))

    @property
    def found(self) -> tuple[Found, ...]:
        """Each dataset, for people."""
        return tuple(_found(each, self.newest[each.name], self.proposed) for each in self.datasets)

    def without(self, why: Mapping[str, str]) -> "Proposal":
        """The same without some checks, by name, each with why it cannot be."""
        kept = tuple(each for each in self.proposed if each.name not in why)
        notes = tuple(f"left out: the check '{name}' ({each})" for name, each in why.items())
        return replace(self, proposed=kept, notes=self.notes + notes)


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
    newest = {name: each.newest for name, each in paces.items()}
    return Proposal(what, name or what.pipeline, tuple(datasets), tuple(proposed), tuple(notes), newest)


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


def _found(each: Described, newest: int | None, proposed: Sequence[Proposed]) -> Found:
    candidate = each.seen.candidate
    relation: Any = candidate.relation.get("files") or candidate.relation.get("table")
    where = relation if isinstance(relation, str) else ", ".join(relation)
    count = sum(check.dataset == each.name for check in proposed)
    return Found(
        each.name, where, each.seen.rows, each.seen.whole, each.time.value, each.key.value, newest, count
    )
