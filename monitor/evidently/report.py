"""An Evidently report of a check's rows: the window beside its baseline, from a bounded sample.

The sample is taken in the source. Columns that name or may hold personal data never leave it, and neither do
identifiers, free texts, documents and times. Evidently takes seconds to import and runs in a process of its
own (`monitor.evidently.process`).
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from monitor import kinds
from monitor.binding.bind import bind
from monitor.errors import SourceError, UsageError, WeirError
from monitor.model import DAY, Window
from monitor.plan import target

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

_WORDS = """
    email mail phone mobile fax name firstname lastname surname address street zip postcode ip ssn iban card
    password secret token user uid customer account session cookie agent birthday birthdate birth dob latitude
    longitude lat lon geo payload message comment prompt query response answer text body trace id uuid guid
"""
PERSONAL = frozenset(_WORDS.split())
"""Words in a column's name for which it is left out."""
_PERSONAL_VALUE = re.compile(r"@|\d{7,}|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-Z]{2}\d{2}(?: ?\w{4}){3,}")
_SHOWN = frozenset({"text", "integer", "number", "boolean"})


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


def report(config: Any, sources: "Sources", wanted: Wanted, out: Path) -> Reported:
    """Write the report as one HTML file. Raises WeirError where there are no rows or Evidently is missing."""
    if not 0 < wanted.most <= MOST:
        raise UsageError(f"a sample has 1 to {MOST:,} rows, not {wanted.most:,}")
    bound, tables = _bound(config, sources, wanted.check)
    check, table = bound.check, tables[bound.check.main_dataset]
    window = _window(bound, wanted)
    names = [name for name in table.columns if _allowed(config, table, name)]
    if not names:
        raise UsageError(
            f"every column of '{table.dataset.name}' may hold personal data, or is no plain value"
        )
    current = _sampled(sources, tables, check, names, window, wanted.most)
    if not current.num_rows:
        raise UsageError(f"the window of '{check.name}' has no rows", hint="name another instant with --at")
    before = _baseline(sources, tables, bound, names, wanted)
    plain = [name for name in current.column_names if _plain(current, before, name)]
    if not plain:
        raise UsageError("no column is left that is neither an identifier nor free text")
    preset = wanted.preset or ("drift" if before is not None and before.num_rows else "summary")
    if preset == "drift" and (before is None or not before.num_rows):
        raise UsageError("the baseline has no rows", hint="ask for a summary: --kind summary")
    _render(preset, current.select(plain), before.select(plain) if before is not None else None, out)
    left_out = tuple(name for name in table.columns if name not in plain)
    rows = before.num_rows if before is not None else 0
    return Reported(preset, current.num_rows, rows, tuple(plain), left_out, window)


def _bound(config: Any, sources: "Sources", name: str) -> tuple[Any, "Mapping[str, Table]"]:
    only = frozenset([name])
    described = sources.describe(config, only)
    bound, errors = bind(config, described, only)
    if not bound:
        raise errors.get(name) or UsageError(f"the check '{name}' is switched off")
    return bound[0], sources.live(described)


def _window(bound: Any, wanted: Wanted) -> Window | None:
    if not bound.timed:
        return None
    aim = target(bound.check, wanted.now) if not bound.query else Window(wanted.now - DAY, wanted.now)
    return Window(aim.end - wanted.window, aim.end) if wanted.window else aim


# Columns ----------------------------------------------------------------------------------------------------


def _allowed(config: Any, table: "Table", name: str) -> bool:
    """Whether a column may leave its source: by its type, name and word, and by what checks look for PII."""
    dataset = table.dataset
    words = [word for word, own in dataset.columns.items() if own == name]
    named = any(personal(each) for each in (name, *words)) or name in _suspected(config, table)
    return table.columns[name].family in _SHOWN and not named


def personal(name: str) -> bool:
    """Whether a column's name has one of the words of personal data or identifiers in it."""
    parts = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    return any(part in PERSONAL or part.removesuffix("s") in PERSONAL for part in parts)


def _suspected(config: Any, table: "Table") -> frozenset[str]:
    """The columns in which some check looks for personal data."""
    mine = [c for c in config.checks.values() if c.kind == "pii" and c.main_dataset == table.dataset.name]
    found = [table.find(name) for check in mine for name in check.params.columns]
    return frozenset(column.name for column in found if column is not None)


def _plain(current: "pa.Table", before: "pa.Table | None", name: str) -> bool:
    """Whether a column's values can be shown: numbers, or a few texts none of which looks like a person's."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for table in (current, before):
        column: Any = None if table is None else table.column(name)
        if column is None or not pa.types.is_string(column.type):
            continue
        values: list[Any] = pc.unique(column).to_pylist()
        if len(values) > VALUES or any(_PERSONAL_VALUE.search(value) for value in values if value):
            return False
    return current.column(name).null_count < current.num_rows


# Rows -------------------------------------------------------------------------------------------------------


def _baseline(
    sources: "Sources", tables: "Mapping[str, Table]", bound: Any, names: Sequence[str], wanted: Wanted
) -> "pa.Table | None":
    """A sample of what the window is compared with; None for a dataset without a time and a baseline."""
    check = bound.check
    window, other = _window(bound, wanted), getattr(check.params, "reference", "")
    given = getattr(check.params, "baseline", None) if check.kind == "drift" else None
    if other and given is not None and not wanted.baseline:
        kept = [name for name in names if name in tables[other].columns]
        pinned = Window(given.start, given.to) if given.start is not None else None
        found = _sampled(sources, tables, check, kept, pinned, wanted.most, other, given.where)
        return found if len(kept) == len(names) else None
    if window is None:
        return None
    stretch = Window(window.start - (wanted.baseline or BASELINE), window.start)
    if given is not None and not wanted.baseline:
        stretch = kinds.load(check.kind).freeze_window(check.params, window)
    return _sampled(sources, tables, check, names, stretch, wanted.most)


def _sampled(  # noqa: PLR0913 -- what, of whom, where
    sources: "Sources",
    tables: "Mapping[str, Table]",
    check: Any,
    names: Sequence[str],
    window: Window | None,
    most: int,
    dataset: str = "",
    where: str | None = None,
) -> "pa.Table":
    """At most so many rows, each as likely as any other."""
    from monitor.engines.render import quote, render
    from monitor.expr import Fragment
    from monitor.scanning.view import Rows, Scope

    table = tables[dataset or check.main_dataset]
    engine = sources.engines[table.dataset.source]

    def relation(name: str, stretch: Window | None) -> str | None:
        declared = tables[name].dataset
        return sources.engines[declared.source].relation(declared, stretch)

    view = Rows(tables, relation, sources.engines, check.main_dataset, check.where, (), window, 0)
    chosen = f" WHERE {render(Fragment(where), Scope(table))}" if where else ""
    rows = f"(SELECT * FROM {view.relation(dataset, window=window)} AS r{chosen}) AS r"
    count = int(engine.fetch(f"SELECT count(*) AS n FROM {rows}")["n"][0].as_py() or 0)
    some = f" WHERE random() < {most / count!r}" if count > most else ""
    items = ", ".join(_item(quote(name), table.columns[name].family, name) for name in names)
    return engine.fetch(f"SELECT {items} FROM {rows}{some} LIMIT {most}")


def _item(quoted: str, family: str, name: str) -> str:
    """Texts as text: enumerations and the like have types of their own."""
    if family == "text":
        return f"CAST({quoted} AS text) AS {quoted}"
    return f"CAST({quoted} AS double precision) AS {quoted}" if family == "number" else quoted


# The other process ------------------------------------------------------------------------------------------


def _render(preset: Preset, current: "pa.Table", before: "pa.Table | None", out: Path) -> None:
    import pyarrow.parquet as pq

    with TemporaryDirectory(prefix="weir-report-") as folder:
        paths: list[str] = []
        for name, table in (("current", current), ("baseline", before)):
            if table is not None:
                paths.append(str(Path(folder) / f"{name}.parquet"))
                pq.write_table(table, paths[-1])
        made = Path(folder) / "report.html"
        command = [sys.executable, "-m", "monitor.evidently.process", preset, str(made), *paths]
        _run(command)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(made.read_bytes())


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise SourceError(f"Evidently took longer than {SECONDS} seconds", hint="take fewer rows") from None
    if done.returncode == MISSING:
        raise UsageError("Evidently is not installed", hint="pip install 'weir-slo[report]'")
    if done.returncode:
        raise WeirError(f"Evidently failed ({done.stderr.strip().splitlines()[-1:] or ['no message']})"[:200])


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
