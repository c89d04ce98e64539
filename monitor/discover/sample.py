"""A bounded sample of a dataset, as numbers: instants, hashes of identifiers, and which values are NULL.

Identifiers are hashed in the source and nothing else leaves it, so that no value of a column, and nothing
personal, can get into the configuration or a message.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.config.dataset import Dataset
from monitor.discover.catalog import Candidate, relation
from monitor.discover.evidence import Shares, shares
from monitor.discover.naming import event_times, identifies, is_identifier, stem
from monitor.discover.target import Target
from monitor.engines import ColumnType, Table
from monitor.engines.render import Scope, instant, quote
from monitor.errors import BindError, SourceError
from monitor.model import DAY, SECOND

if TYPE_CHECKING:
    import pyarrow as pa

Numbers: TypeAlias = NDArray[Any]

MOST_ROWS, MOST_FILES, MOST_BYTES = 100_000, 8, 256_000_000
"""What is read of a dataset at most, but for a first file that is larger than so many bytes."""
MOST_COLUMNS = 400
LOOKED_AT = 64
"""Newest files among which those with rows are looked for."""

NEVER = np.iinfo(np.int64).min
"""Stands for NULL in arrays of instants and hashes."""

EPOCHS = {"s": SECOND, "ms": 1000, "us": 1, "ns": 0.001}
"""Microseconds of one, by the unit that numbers of a time column count."""
_EARLIEST, _LATEST = 3_652 * DAY, 47_482 * DAY
"""1980 and 2100: what a time can mean."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate with its columns and the numbers of its sample.

    `instants` (microseconds) and `hashes` hold one value a row, NEVER for NULL; `nulls` are shares; `units`
    tells what numbers of time columns count; `forms` what the values of texts look like; `whole` says that
    the sample is everything there is.
    """

    candidate: Candidate
    columns: Mapping[str, ColumnType]
    rows: int
    whole: bool
    nulls: Mapping[str, float] = field(default_factory=dict[str, float])
    instants: Mapping[str, Numbers] = field(default_factory=dict[str, Any])
    hashes: Mapping[str, Numbers] = field(default_factory=dict[str, Any])
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    forms: Shares = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return self.candidate.name


def sample(candidate: Candidate, engine: Any, found: Target) -> Seen:
    """Read a candidate's sample. Raises SourceError where it cannot be read."""
    dataset, whole = _files(candidate, found)
    described = engine.describe(dataset)
    columns = {name: each for name, each in list(described.items())[:MOST_COLUMNS] if name.strip()}
    if not columns:
        return Seen(candidate, columns, 0, whole)
    asked = list(_asked(candidate, Table(dataset, engine.dialect, columns)))
    items = ", ".join(f"{sql} AS c{number}" for number, (_, _, sql) in enumerate(asked))
    relation = _newest(candidate, engine, dataset, columns)
    rows = engine.fetch(f"SELECT {items} FROM {relation}")
    seen = Seen(candidate, columns, rows.num_rows, whole and rows.num_rows < MOST_ROWS)
    return replace(_filled(seen, asked, rows), forms=shares(engine, relation, columns))


def _files(candidate: Candidate, found: Target) -> tuple[Dataset, bool]:
    """The newest files, by the order of their names, and whether they are all."""
    if candidate.group is None:
        return candidate.dataset(), True
    chosen: list[str] = []
    rows = size = 0
    paths = candidate.group.paths[::-1]
    for path in paths[:LOOKED_AT]:
        whole = (found.source.root or Path()) / path
        count = _rows(whole, candidate.group.format)
        if count == 0 and (path != paths[-1] or candidate.group.format != "parquet"):
            continue  # an empty Parquet file says what a dataset is like, an empty text nothing
        rows, size = rows + count, size + whole.stat().st_size
        if chosen and (rows > MOST_ROWS or size > MOST_BYTES):
            break
        chosen.append(path)
        if len(chosen) == MOST_FILES:
            break
    if not chosen:
        raise SourceError("its files are empty")
    sampled = Dataset.model_validate(
        {"name": candidate.name, "files": [escape(path) for path in chosen], "format": candidate.group.format}
    )
    return sampled, len(chosen) == len(paths)


def _rows(path: Path, form: str) -> int:
    """Rows of a Parquet file, by its footer; 1 where that is not known."""
    if form != "parquet":
        return 1 if path.stat().st_size else 0
    import pyarrow.parquet as pq

    try:
        meta: Any = pq.read_metadata(path)
    except (OSError, ValueError):
        return 1
    return int(meta.num_rows)


def _asked(candidate: Candidate, table: Table) -> Iterator[tuple[str, str, str]]:
    """What to read of each column: (column, what, SQL)."""
    scope = Scope(table)
    for name, column in table.columns.items():
        yield name, "null", f"({quote(name)} IS NULL)"
        if column.family in ("integer", "number") and stem(name) is not None:
            yield name, "number", f"CAST({quote(name)} AS double precision)"
        elif column.family in ("aware", "aware_ns", "naive", "date") or (
            column.family == "text" and stem(name) is not None
        ):
            try:
                yield name, "instant", instant(name, scope)
            except BindError:  # text, where this engine cannot tell a time from other text
                continue
        elif column.family in ("text", "integer", "other", "number") and (
            name in candidate.key or is_identifier(name) or identifies(name, candidate.name) is not None
        ):
            yield name, "hash", _HASH[table.dialect].format(quote(name))


_HASH = {
    "duckdb": "CAST(hash(CAST({0} AS VARCHAR)) >> 1 AS BIGINT) * CASE WHEN {0} IS NOT NULL THEN 1 END",
    "postgres": "hashtextextended(CAST({0} AS text), 0)",
}


def _newest(candidate: Candidate, engine: Any, dataset: Dataset, columns: Mapping[str, ColumnType]) -> str:
    """The sample's FROM clause: the newest rows, where an index or the order of storage gives them."""
    whole, where = relation(candidate, engine, dataset), ""
    if engine.dialect == "duckdb":
        if candidate.stored and candidate.group is None and candidate.rows > MOST_ROWS:
            where = f" WHERE rowid >= {candidate.rows - MOST_ROWS}"
        return f"(SELECT * FROM {whole}{where} LIMIT {MOST_ROWS}) AS sample"
    times = [each.column for each in event_times(columns.values(), candidate.name)]
    typed = [name for name in times if columns[name].family in ("aware", "naive", "date")]
    if typed and typed[0] in candidate.indexed:
        column = quote(typed[0])
        where = f" WHERE {column} <= now() ORDER BY {column} DESC"
    return f"(SELECT * FROM {whole}{where} LIMIT {MOST_ROWS}) AS sample"


def _filled(seen: Seen, asked: Sequence[tuple[str, str, str]], rows: "pa.Table") -> Seen:
    nulls: dict[str, float] = {}
    units: dict[str, str] = {}
    instants: dict[str, Numbers] = {}
    hashes: dict[str, Numbers] = {}
    for number, (name, what, _) in enumerate(asked):
        column: Any = rows.column(number)
        if what == "null":
            nulls[name] = float(_floats(column).mean()) if seen.rows else 0.0
        elif what == "number":
            unit, values = _epoch(_floats(column))
            if unit:
                instants[name], units[name] = values, unit
        elif what == "instant":
            instants[name] = _integers(column)
        else:
            hashes[name] = _integers(column)
    return Seen(seen.candidate, seen.columns, seen.rows, seen.whole, nulls, instants, hashes, units)


def _integers(column: Any) -> Numbers:
    import pyarrow as pa

    return column.cast(pa.int64()).fill_null(NEVER).to_numpy()


def _floats(column: Any) -> Numbers:
    import pyarrow as pa

    return column.cast(pa.float64()).fill_null(np.nan).to_numpy()


def _epoch(values: Numbers) -> tuple[str, Numbers]:
    """What numbers count since 1970, or `day` for 20261120, and the instants; "" for no time."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "", values
    for unit, factor in EPOCHS.items():
        inside = (finite * factor >= _EARLIEST) & (finite * factor < _LATEST)
        if unit == "s":  # small numbers are counts and durations more often than times of the eighties
            inside &= finite >= 600_000_000
        if inside.mean() > 0.95:
            scaled = np.where(np.isfinite(values), values, 0) * factor
            return unit, np.where(np.isfinite(values), scaled, NEVER).astype(np.int64)
    return _days(values, finite)


def _days(values: Numbers, finite: Numbers) -> tuple[str, Numbers]:
    whole = finite[finite == np.floor(finite)].astype(np.int64)
    month, day = whole // 100 % 100, whole % 100
    right = (
        (whole >= 19_800_101) & (whole < 21_000_101) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    )
    if len(whole) < len(finite) or not right.all() or np.isnan(values).any():
        return "", values
    months = (whole // 10_000 - 1970) * 12 + month - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1
    return "day", days * DAY


def present(values: Numbers) -> Numbers:
    """The values that are not NULL."""
    return values[values != NEVER]


def plausible(values: Numbers) -> Numbers:
    """Instants from 1980 to 2100."""
    return values[(values >= _EARLIEST) & (values < _LATEST)]
