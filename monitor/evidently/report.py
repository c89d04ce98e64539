"""An Evidently report of a check's rows: the window beside its baseline, from a bounded sample.

The sample is taken in the source. Columns that name or may hold personal data never leave it, and neither do
identifiers, free texts, documents and times. Evidently takes seconds to import and runs in a process of its
own (`monitor.evidently.process`), which says how far it is.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

from monitor import kinds
from monitor.beside import Beside, Progress, run
from monitor.errors import UsageError
from monitor.inspection.columns import allowed, looks_personal
from monitor.inspection.rows import bound, sampled, window_of
from monitor.model import DAY, Window

if TYPE_CHECKING:
    import pyarrow as pa

    from monitor.binding.sources import Sources
    from monitor.engines import Table

MOST = 100_000
"""Rows of a sample."""
BASELINE = 7 * DAY
"""How long before the window the baseline begins, where the check has none of its own."""
VALUES = 200
"""A text with more values than these is an identifier or free text: its values could be anyone's."""
SECONDS = 600
"""How long the report may take."""
Preset = Literal["drift", "summary"]


@dataclass(frozen=True, slots=True)
class Reported:
    """What went into a report: rows on both sides, columns, and which columns were left out."""

    preset: Preset
    rows: int
    baseline: int
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    window: Window | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to report. `now` and lengths in microseconds; None takes what the check has."""

    check: str
    now: int
    preset: Preset | None = None
    window: int | None = None
    baseline: int | None = None
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Taken:
    """What a report is made of, once it has left the source."""

    reported: Reported
    current: "pa.Table"
    before: "pa.Table | None"


def report(
    config: Any, sources: "Sources", wanted: Wanted, out: Path, progress: Progress = lambda share, what: None
) -> Reported:
    """Write the report as one HTML file. Raises WeirError where there are no rows or Evidently is missing."""
    taken = take(config, sources, wanted, progress)
    write(taken, out, progress)
    return taken.reported


def take(
    config: Any, sources: "Sources", wanted: Wanted, progress: Progress = lambda share, what: None
) -> Taken:
    """Sample the window and its baseline. Raises WeirError where there are no rows to report."""
    if not 0 < wanted.most <= MOST:
        raise UsageError(f"a sample has 1 to {MOST:,} rows, not {wanted.most:,}")
    progress(0.0, "looking at the table")
    found, tables = bound(config, sources, wanted.check)
    check, table = found.check, tables[found.check.main_dataset]
    window = _window(found, wanted)
    names = [name for name in table.columns if allowed(config, table, name)]
    if not names:
        raise UsageError(
            f"every column of '{table.dataset.name}' may hold personal data, or is no plain value"
        )
    progress(0.05, "sampling the window")
    current = sampled(sources, tables, check, names, window, wanted.most)
    if not current.num_rows:
        raise UsageError(f"the window of '{check.name}' has no rows", hint="name another instant with --at")
    progress(0.15, "sampling the baseline")
    before = _baseline(sources, tables, found, names, wanted)
    plain = [name for name in current.column_names if _plain(current, before, name)]
    if not plain:
        raise UsageError("no column is left that is neither an identifier nor free text")
    preset = wanted.preset or ("drift" if before is not None and before.num_rows else "summary")
    if preset == "drift" and (before is None or not before.num_rows):
        raise UsageError("the baseline has no rows", hint="ask for a summary: --kind summary")
    left_out = tuple(name for name in table.columns if name not in plain)
    rows = before.num_rows if before is not None else 0
    said = Reported(preset, current.num_rows, rows, tuple(plain), left_out, window)
    return Taken(said, current.select(plain), before.select(plain) if before is not None else None)


def write(
    taken: Taken,
    out: Path,
    progress: Progress = lambda share, what: None,
    stopping: Event | None = None,
) -> None:
    """Have Evidently write what was taken, as one HTML file; `stopping` gives it up. Raises WeirError."""
    _render(taken.reported.preset, taken.current, taken.before, out, progress, stopping or Event())


def _window(found: Any, wanted: Wanted) -> Window | None:
    aim = window_of(found, wanted.now)
    return Window(aim.end - wanted.window, aim.end) if aim and wanted.window else aim


def _plain(current: "pa.Table", before: "pa.Table | None", name: str) -> bool:
    """Whether a column's values can be shown: numbers, or a few texts none of which looks like a person's."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for table in (current, before):
        column: Any = None if table is None else table.column(name)
        if column is None or not pa.types.is_string(column.type):
            continue
        values: list[Any] = pc.unique(column).to_pylist()
        if len(values) > VALUES or looks_personal(values, name) or any(map(_markup, (name, *values))):
            return False
    return current.column(name).null_count < current.num_rows


def _markup(text: str | None) -> bool:
    """Whether a text could end what it stands in: Evidently writes values into its page's scripts."""
    return text is not None and "<" in text


# Rows -------------------------------------------------------------------------------------------------------


def _baseline(
    sources: "Sources", tables: "Mapping[str, Table]", found: Any, names: Sequence[str], wanted: Wanted
) -> "pa.Table | None":
    """A sample of what the window is compared with; None for a dataset without a time and a baseline."""
    check = found.check
    window, other = _window(found, wanted), getattr(check.params, "reference", "")
    given = getattr(check.params, "baseline", None) if check.kind == "drift" else None
    if other and given is not None and not wanted.baseline:
        kept = [name for name in names if name in tables[other].columns]
        pinned = Window(given.start, given.to) if given.start is not None else None
        rows = sampled(sources, tables, check, kept, pinned, wanted.most, other, given.where)
        return rows if len(kept) == len(names) else None
    if window is None:
        return None
    stretch = Window(window.start - (wanted.baseline or BASELINE), window.start)
    if given is not None and not wanted.baseline:
        stretch = kinds.load(check.kind).freeze_window(check.params, window)
    return sampled(sources, tables, check, names, stretch, wanted.most)


# The other process ------------------------------------------------------------------------------------------


def _render(
    preset: Preset,
    current: "pa.Table",
    before: "pa.Table | None",
    out: Path,
    progress: Progress,
    stopping: Event,
) -> None:
    import pyarrow.parquet as pq

    with TemporaryDirectory(prefix="weir-report-") as folder:
        paths: list[str] = []
        for name, table in (("current", current), ("baseline", before)):
            if table is not None:
                paths.append(str(Path(folder) / f"{name}.parquet"))
                pq.write_table(table, paths[-1])
        made = Path(folder) / "report.html"
        command = [sys.executable, "-m", "monitor.evidently.process", preset, str(made), *paths]
        _run(command, progress, stopping)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(made.read_bytes())


def _run(command: Sequence[str], progress: Progress, stopping: Event | None = None) -> None:
    """Run the other process and pass on how far it says to be. Raises WeirError."""
    missing = UsageError("Evidently is not installed", hint="pip install 'weir-slo[report]'")
    run(Beside("Evidently", SECONDS, "take fewer rows", {MISSING: missing}), command, progress, stopping)


MISSING = 69
"""How the other process says that Evidently is not installed (EX_UNAVAILABLE of sysexits.h)."""


def lines(said: Reported, shown: Any) -> Iterator[str]:
    """What a person wants to know of a report that was written."""
    of = f" of {shown(said.window.start)} to {shown(said.window.end)}" if said.window else ""
    beside = f" beside {said.baseline:,} of the baseline" if said.baseline else ""
    yield f"{said.preset} of {said.rows:,} rows{of}{beside}"
    yield f"columns: {', '.join(said.columns)}"
    if said.left_out:
        yield f"left out: {', '.join(said.left_out)}"
