"""A shop that Weir has watched for a while, and copies of it: each scenario breaks one of its own."""

import os
import pickle
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor import config
from monitor.alerting.states import Life
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.gameday.watch import Watch
from monitor.grammar import show_duration
from monitor.model import DAY, HOUR, MINUTE, Severity, Window
from monitor.simulate.simulation import LAKE, Simulation, start
from monitor.simulate.watched import watched
from monitor.store import Store, open_store

BEGIN = 1_790_000_400_000_000
"""A Monday's minute in September 2026, at which the stage of seed 0 is ready."""

RATE = 10.0
"""Events per second, a mean over the week: few, for speed, and enough for every segment's alert."""

HISTORY, WARM = 26 * HOUR, 20 * MINUTE
"""How much past a stage has, with the same hour of the day before, and for how long of it Weir ticked: what
fires then fired before any fault."""

PACE = 30 * MINUTE
"""As often as checks are due that only raise tickets and are not looked for; what may page is each minute."""

SOUGHT = 5 * MINUTE
"""As often as a ticket is looked for that a fault should raise."""

FLOOR = 30.0
"""Under so many seconds' worth of events in five minutes a volume fails: a tenth of what comes on average."""

MINUTELY = frozenset({"volume", "freshness"})
"""Kinds that what pages is held against, so they are as fresh."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with lake, store and configuration as they are at `now`, in microseconds, of one seed."""

    folder: Path
    seed: int
    now: int


@dataclass(frozen=True, slots=True)
class Staged:
    """What a stage keeps beside its lake and store: the shop, and where its alerts stand."""

    simulation: Simulation
    lives: Mapping[str, Life]
    measured: Mapping[str, int]


def begin(seed: int) -> int:
    """The instant of a seed's stage: another hour and another weekday for another seed."""
    return BEGIN + seed * 5 * HOUR % DAY + seed * 3 % 7 * DAY


def stage(
    folder: Path, seed: int, *, rate: float = RATE, history: int = HISTORY, text: str | None = None
) -> Stage:
    """A shop with its past on disk, measured; its last minutes tick by tick. Takes a minute.

    `text` is another configuration than the one with every pack.
    """
    now = begin(seed)
    folder.mkdir(parents=True)
    simulation = start(folder, now - WARM, history - WARM, seed, events_per_second=rate)
    path = folder / "weir.yaml"
    text = text or watched(simulation.since_us)
    path.write_text(watching(text, rate, folder), encoding="utf-8")
    loaded = config.load(path, {})
    store = scratch(loaded.store)
    with Sources(loaded) as sources:
        backfill(loaded, store, sources, Window(now - history, now - WARM), now - WARM)
        watch = Watch(loaded, store, sources, simulation)
        for at in range(now - WARM, now + 1, 10 * MINUTE):
            watch.step(at)
    store.close()
    kept = Staged(simulation, watch.lives, watch.measured)
    (folder / "staged.pickle").write_bytes(pickle.dumps(kept))
    return Stage(folder, seed, now)


def scratch(url: str) -> Store:
    """A store of which nobody asks after a power cut: nothing waits for the disk."""
    from sqlalchemy import event

    store = open_store(url)
    event.listen(store.engine, "connect", _hurry)
    store.engine.dispose()  # what is open already would wait
    return store


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def watching(text: str, rate: float, folder: Path, tickets: int = PACE, pages: int = MINUTE) -> str:
    """The shop's configuration for so many events a second, in which tickets and pages are due as often.

    Most of a minute's cost is for checks of whole hours; a team that pays for its ticks would do the same.
    """
    from io import StringIO

    from ruamel.yaml import YAML

    text = text.replace('"< 1000"', f'"< {round(rate * FLOOR)}"')
    draft = folder / "draft.yaml"
    draft.write_text(text, encoding="utf-8")
    loaded = config.load(draft, {})
    draft.unlink()
    yaml = YAML(typ="safe", pure=True)
    data = yaml.load(text)
    for check in loaded.checks.values():
        often = pages if check.severity == Severity.PAGE or check.kind in MINUTELY else tickets
        if check.every < often:
            slower = {"every": show_duration(often), "for": show_duration(check.hold)}
            data["checks"].setdefault(check.name, {}).update(slower)
    written = StringIO()
    yaml.dump(data, written)
    return written.getvalue()


def fork(of: Stage, folder: Path) -> Staged:
    """A copy of a stage in another folder, which shares the files that nobody writes to again."""
    folder.mkdir(parents=True)
    for name in ("weir.yaml", "weir.db"):
        shutil.copyfile(of.folder / name, folder / name)
    shutil.copytree(of.folder / LAKE, folder / LAKE, copy_function=os.link)
    kept: Staged = pickle.loads((of.folder / "staged.pickle").read_bytes())  # noqa: S301 -- written by stage
    kept.simulation.state.lake = folder / LAKE
    return replace(kept, simulation=replace(kept.simulation, directory=folder))


def seeking(loaded: Any, names: frozenset[str]) -> Any:
    """A configuration in which some checks are due every few minutes: what is looked for."""

    def sought(name: str, check: Any) -> Any:
        if name not in names or check.every != PACE:
            return check
        return check.model_copy(update={"every": min(check.every, SOUGHT)})

    # What was packaged is looked up there by variant, by the board among others.
    packaged = {
        name: replace(each, variants=tuple(sought(name, variant) for variant in each.variants))
        for name, each in loaded.packaged.items()
    }
    checks = {name: sought(name, check) for name, check in loaded.checks.items()}
    return replace(loaded, checks=checks, packaged=packaged)


def moved(loaded: Any, to: Path) -> Any:
    """A stage's configuration, for the copy in another folder."""
    sources = {
        name: source.model_copy(update={"root": to / LAKE}) if source.root else source
        for name, source in loaded.sources.items()
    }
    return replace(loaded, folder=to, sources=sources, store=f"sqlite:///{to / 'weir.db'}")
