"""Dead letters by cause, and sent once more by the pipeline's own command: each once, unless one asks.

A letter is told by a hash of its key. It is claimed in the store before the command gets it, so that what
dies half way is known, and is not sent again by itself: nobody can say how far it came.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from monitor import audit
from monitor.engines import Engine, Table
from monitor.engines.render import Scope, as_text, quote, within
from monitor.errors import SourceError, UsageError, WeirError
from monitor.inspection.columns import looks_personal
from monitor.inspection.letters import CAUSES, MOST
from monitor.inspection.masking import LONGEST, MASK
from monitor.iso import iso
from monitor.model import Window
from monitor.replay.command import run
from monitor.replay.derive import SUFFIXES, write
from monitor.replay.scratch import scratch
from monitor.store import Store, letters
from monitor.store.letters import Sent

if TYPE_CHECKING:
    import pyarrow as pa

    from monitor.binding.sources import Sources

ACTION = "replay dead letters"
NO_CAUSE = "no cause given"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters: of a window, of some causes, at most so many; `retry` those that failed or of which
    nobody knows, `again` all of them.
    """

    window: Window
    causes: frozenset[str] = frozenset()
    most: int | None = None
    retry: bool = False
    again: bool = False

    def takes(self, state: Sent | None) -> bool:
        return self.again or state is None or (self.retry and state != Sent.SENT)


@dataclass(frozen=True, slots=True)
class Pile:
    """The letters that were found. `chosen` are hashes in order of the rows, by which `rows` are found."""

    rows: "pa.Table" = field(repr=False)
    names: Sequence[str]
    causes: Sequence[str]
    states: Mapping[str, Sent | None]
    chosen: Sequence[int]
    returned: int

    @property
    def by_cause(self) -> dict[str, dict[str, int]]:
        """For each cause: all letters, those to be sent, and those that were, by how far they came."""
        found: dict[str, Counter[str]] = {}
        for name, cause in dict(zip(self.names, self.causes, strict=True)).items():
            state = self.states[name]
            found.setdefault(cause, Counter()).update(["letters", str(state or "new")])
        for place in self.chosen:
            found[self.causes[place]]["chosen"] += 1
        order = sorted(found, key=lambda cause: (-found[cause]["letters"], cause))
        words = ("letters", "chosen", *Sent)
        return {cause: {word: found[cause][word] for word in words} for cause in order}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the chosen letters: rows sent, failed, and not taken since another replay had them."""

    sent: int
    failed: int
    elsewhere: int
    code: int = 0


def pile(config: Any, store: Store, sources: "Sources", name: str, choice: Choice) -> Pile:
    """The letters of a window, and which of them are to be sent. Raises WeirError."""
    dataset = config.datasets[name]
    if dataset.resend is None:
        hint = "declare one: resend: {command: [python, '{folder}/resend.py', '{input}']}"
        place = config.place("datasets", name)
        raise UsageError(f"the dataset '{name}' says not how it is sent again", place=place, hint=hint)
    engine = sources.engines[dataset.source]
    table = Table(dataset, engine.dialect, engine.describe(dataset))
    cause = _cause(table)
    rows = _rows(engine, table, cause, choice.window)
    names = _names(rows, dataset.key)
    shown = _shown(rows.column("weir_cause").to_pylist())
    known = letters.known(store, config.pipeline, name)
    states = {each: known[each][0] if each in known else None for each in names}
    _check_causes(choice.causes, shown)
    chosen = _chosen(names, shown, states, choice)
    back = {each for each, n in zip(names, _times(rows), strict=True) if each in known and n > known[each][1]}
    return Pile(rows, names, shown, states, chosen, len(back))


def _cause(table: Table) -> str | None:
    """The column that says why. Raises BindError for a declared one that is not there."""
    declared = table.dataset.resend.cause
    if declared:
        return Scope(table).column(declared).name
    return next((found.name for each in CAUSES if (found := table.find(each)) is not None), None)


def _rows(engine: Engine, table: Table, cause: str | None, window: Window) -> "pa.Table":
    """Every column as the source has it, and `weir_cause`, `weir_time` and `weir_key0` …, oldest first."""
    from monitor.engines.render import instant

    scope, time = Scope(table), table.dataset.time
    listed = [
        f"CAST({quote(name)} AS text) AS {quote(name)}"
        if table.dialect == "postgres" and column.family == "other"
        else quote(name)
        for name, column in table.columns.items()
    ]
    listed += [f"{as_text(key, scope)} AS weir_key{place}" for place, key in enumerate(table.dataset.key)]
    listed.append(f"{as_text(cause, scope) if cause else 'CAST(NULL AS text)'} AS weir_cause")
    listed.append(f"{instant(time, scope) if time else '0'} AS weir_time")
    relation = engine.relation(table.dataset, window if time else None)
    where = f" WHERE {within(window, scope)}" if time else ""
    if relation is None:
        relation, where = engine.example(table.dataset), " WHERE FALSE"
    keys = ", ".join(f"weir_key{place}" for place in range(len(table.dataset.key)))
    return engine.fetch(f"SELECT {', '.join(listed)} FROM {relation}{where} ORDER BY weir_time, {keys}")


def _names(rows: "pa.Table", key: Sequence[str]) -> list[str]:
    """A hash of each row's key; where a part is NULL, as in what could not be read, of the whole row."""
    keys = zip(*(rows.column(f"weir_key{place}").to_pylist() for place in range(len(key))), strict=True)
    own = rows.select([name for name in rows.column_names if not name.startswith("weir_key")])
    return [
        _hash([None, str(own.slice(place, 1).to_pydict())] if None in each else each)
        for place, each in enumerate(keys)
    ]


def _times(rows: "pa.Table") -> list[int]:
    return [int(each or 0) for each in rows.column("weir_time").to_pylist()]


def _hash(key: Sequence[str | None]) -> str:
    """Of a key's parts, or of None and a row's."""
    return sha256(json.dumps(key).encode()).hexdigest()[:32]


def _shown(causes: Sequence[str | None]) -> list[str]:
    """Causes as they may be shown, like those of the pages: what quotes data stands under a mask."""
    names = len(set(causes)) <= MOST
    shown = {
        each: NO_CAUSE
        if each is None
        else each
        if names and len(each) <= LONGEST and not looks_personal([each])
        else MASK
        for each in set(causes)
    }
    return [shown[each] for each in causes]


def _check_causes(wanted: frozenset[str], there: Sequence[str]) -> None:
    for each in sorted(wanted - set(there)):
        known = ", ".join(sorted(set(there))[:8]) or "there are no letters"
        raise UsageError(f"no letter has the cause '{each}'", hint=known)


def _chosen(
    names: Sequence[str], causes: Sequence[str], states: Mapping[str, Sent | None], choice: Choice
) -> list[int]:
    """The rows to send, the newest of a letter that lies there more than once."""
    last = {name: place for place, name in enumerate(names)}
    found = [
        place
        for name, place in last.items()
        if (not choice.causes or causes[place] in choice.causes) and choice.takes(states[name])
    ]
    return sorted(found)[: choice.most]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends letters of which dataset, and when; `say` hears of every batch."""

    config: Any
    store: Store
    name: str
    actor: str
    clock: Callable[[], int]
    say: Callable[[int], None] = lambda rows: None

    @property
    def resend(self) -> Any:
        return self.config.datasets[self.name].resend


def send(sender: Sender, found: Pile) -> Outcome:
    """Send what was chosen, batch by batch, until one fails. Every batch is a line of the audit trail.

    Raises UsageError where there is no such program, StoreError.
    """
    size, done = sender.resend.batch, Outcome(0, 0, 0)
    for at in range(0, len(found.chosen), size):
        places = found.chosen[at : at + size]
        sent, failed, elsewhere, code = _batch(sender, found, places)
        done = Outcome(done.sent + sent, done.failed + failed, done.elsewhere + elsewhere, code)
        sender.say(len(places))
        if code:
            break
    return done


def _batch(sender: Sender, found: Pile, places: Sequence[int]) -> tuple[int, int, int, int]:
    batch, pipeline = f"letters-{token_hex(8)}", sender.config.pipeline
    wanted = {found.names[place]: found.states[found.names[place]] for place in places}
    taken = letters.claim(sender.store, pipeline, sender.name, batch, sender.clock(), wanted)
    mine = [place for place in places if found.names[place] in taken]
    if not mine:
        return 0, 0, len(places), 0
    causes = Counter(found.causes[place] for place in mine)
    detail: dict[str, Any] = {"batch": batch, "letters": len(mine), "causes": dict(causes)}
    try:
        code = _carried(sender, found, mine, batch)
    except UsageError:  # it was not even started
        letters.settle(sender.store, pipeline, sender.name, batch, Sent.FAILED)
        _write(sender, detail | {"state": "not started"})
        raise
    except WeirError as error:
        code, detail["error"] = -1, error.message
    state = Sent.FAILED if code else Sent.SENT
    letters.settle(sender.store, pipeline, sender.name, batch, state)
    _write(sender, detail | {"state": str(state), "code": code})
    gone = len(mine) if not code else 0
    return gone, len(mine) - gone, len(places) - len(mine), code


def _write(sender: Sender, detail: dict[str, Any]) -> None:
    audit.record(
        sender.store, sender.config.pipeline, sender.clock(), sender.actor, ACTION, sender.name, detail
    )


def _carried(sender: Sender, found: Pile, places: Sequence[int], batch: str) -> int:
    """Hand rows to the command; its exit code. Raises UsageError, SourceError."""
    resend = sender.resend
    own = [name for name in found.rows.column_names if not name.startswith("weir_")]
    with scratch() as folder:
        path = Path(folder / f"letters{SUFFIXES[resend.form]}")
        try:
            write(found.rows.select(own).take(list(places)), path, resend.form)
        except OSError as error:
            raise SourceError(f"the letters cannot be written ({type(error).__name__})") from None
        where = {
            "input": str(path),
            "scratch": str(folder),
            "folder": str(sender.config.folder),
            "run": batch,
        }
        return run(resend.command, resend, where, folder)


def dataset_of(config: Any, name: str | None) -> str:
    """The dataset of dead letters that is meant. Raises UsageError."""
    there = [each for each, of in config.datasets.items() if of.resend]
    if name is None and len(there) == 1:
        return there[0]
    if name is None:
        hint = f"one of {', '.join(there)}" if there else "give one its `resend`"
        raise UsageError("say which dataset of dead letters", hint=hint)
    return name


def said(name: str, choice: Choice, found: Pile) -> dict[str, Any]:
    """The pile for machines."""
    return {
        "dataset": name,
        "from": iso(choice.window.start),
        "to": iso(choice.window.end),
        "letters": len(set(found.names)),
        "chosen": len(found.chosen),
        "returned": found.returned,
        "causes": found.by_cause,
    }


__all__ = ["ACTION", "Choice", "Outcome", "Pile", "Sender", "dataset_of", "pile", "said", "send"]
