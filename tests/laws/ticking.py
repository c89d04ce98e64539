"""Ticks of a pipeline with what they read and stored laid open."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor.binding.sources import Sources
from monitor.cli import main
from monitor.model import MINUTE, Window
from monitor.plan import Scan
from monitor.store import Store
from monitor.store.database import reading
from monitor.store.tables import checks, definitions, rollups
from monitor.tick import tick
from tests.pipelines import EPOCH, Pipeline, Result, micros

RATIO = {"kind": "ratio", "dataset": "events", "good": "ok"}


def moment(at: Any) -> datetime:
    return EPOCH + timedelta(microseconds=micros(at))


def rows(first: Any, last: Any, every: int = 10, **columns: Any) -> list[dict[str, Any]]:
    """A good row every so many seconds in [first, last)."""
    start, end = micros(first), micros(last)
    return [{"t": moment(at), "ok": True} | columns for at in range(start, end, every * 1_000_000)]


@dataclass(frozen=True)
class Tick(Result):
    """A tick's answers, and the scans that it planned."""

    scans: Sequence[Scan]

    def read(self, check: str) -> list[Window]:
        """The stretches that were read for a check, joined."""
        parts = [part for scan in self.scans for part in scan.parts if part.check == check]
        joined: list[Window] = []
        for window in sorted({window for part in parts for window in part.windows}):
            if joined and window.start <= joined[-1].end:
                joined[-1] = Window(joined[-1].start, max(window.end, joined[-1].end))
            else:
                joined.append(window)
        return joined


def measure(pipeline: Pipeline, at: Any, checks: Mapping[str, Any], most: int | None = None) -> Tick:
    """A tick in the pipeline's own store."""
    loaded, planned = pipeline.load(checks), list[Scan]()
    with Sources(loaded) as sources:
        ticked = tick(loaded, pipeline.store, sources, micros(at), most=most, progress=planned.extend)
    return Tick(ticked, planned)


@dataclass(frozen=True)
class Rollup:
    width: int
    final: bool
    revision: int
    good: float | None
    total: float | None


def stored(store: Store, check: str) -> dict[int, Rollup]:
    """The totals' rollups of a check's present definition by their start, the finest there are."""
    columns = (
        rollups.c.start,
        rollups.c.width,
        rollups.c.final,
        rollups.c.revision,
        rollups.c.good,
        rollups.c.total,
    )
    query = select(*columns).join(definitions, definitions.c.id == rollups.c.definition_id)
    mine = query.join(checks, checks.c.id == definitions.c.check_id).where(checks.c.name == check)
    present = mine.where(definitions.c.retired.is_(None), rollups.c.segment_id == 0)
    with reading(store) as connection:
        found = connection.execute(present.order_by(rollups.c.width.desc()))
        return {start: Rollup(width, bool(final), *more) for start, width, final, *more in found}


def minutes(found: Mapping[int, Rollup], origin: Any) -> list[int]:
    """The starts in minutes from an instant."""
    return [(start - micros(origin)) // MINUTE for start in sorted(found)]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def weir(capsys: pytest.CaptureFixture[str], command: str, folder: Path, *arguments: str) -> Said:
    """A command as a person calls it."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as exited:
        main([command, "--config", str(folder / "weir.yaml"), *arguments])
    captured = capsys.readouterr()
    return Said(int(exited.value.code or 0), captured.out, captured.err)


def iso(at: Any) -> str:
    return moment(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
