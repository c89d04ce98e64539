"""The tables. Times and durations are integer microseconds, objects compact JSON text with sorted keys."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

Number = Float(53)
Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself in INTEGER columns only

metadata = MetaData()


def _required(name: str, kind: type[BigInteger] | type[Text], key: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=key, nullable=False, autoincrement=False)


checks = Table(
    "checks",
    metadata,
    Column("id", Id, primary_key=True),
    _required("pipeline", Text),
    _required("name", Text),
    _required("created", BigInteger),
    Column("deleted", BigInteger),
    _required("settings", Text),
    UniqueConstraint("pipeline", "name", name="checks_pipeline_name"),
)

definitions = Table(
    "definitions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("check_id", BigInteger, ForeignKey("checks.id", name="definitions_check"), nullable=False),
    _required("hash", Text),
    _required("kind", Text),
    _required("bucket", BigInteger),
    _required("merges", Text),
    _required("canonical", Text),
    _required("created", BigInteger),
    Column("since", BigInteger),
    Column("retired", BigInteger),
    UniqueConstraint("check_id", "hash", name="definitions_check_hash"),
)

seams = Table(
    "seams",
    metadata,
    _required("check_id", BigInteger, key=True),
    _required("at", BigInteger, key=True),
    _required("hash", Text),
    sqlite_with_rowid=False,
)

segments = Table(
    "segments",
    metadata,
    Column("id", Id, primary_key=True),
    _required("definition_id", BigInteger),
    _required("dimension", Text),
    _required("value", Text),
    _required("admitted", BigInteger),
    UniqueConstraint("definition_id", "dimension", "value", name="segments_definition_dimension_value"),
)

rollups = Table(
    "rollups",
    metadata,
    _required("definition_id", BigInteger, key=True),
    _required("width", BigInteger, key=True),
    _required("segment_id", BigInteger, key=True),  # 0 is the total
    _required("start", BigInteger, key=True),
    _required("revision", BigInteger),
    # A bucket's state stands in its total's row; segments have NULL: an unchanged one is not rewritten.
    Column("final", Boolean),
    Column("computed", BigInteger),
    Column("good", Number),
    Column("total", Number),
    _required("rest", Text),
    sqlite_with_rowid=False,
)

# Budgets add up thousands of totals at once: here they lie side by side, without segments and histograms.
Index(
    "rollups_totals",
    rollups.c.definition_id,
    rollups.c.width,
    rollups.c.start,
    rollups.c.final,
    rollups.c.good,
    rollups.c.total,
    sqlite_where=text("segment_id = 0"),
    postgresql_where=text("segment_id = 0"),
)

counters = Table(
    "counters",
    metadata,
    _required("definition_id", BigInteger, key=True),
    Column("good", Number),
    Column("total", Number),
    _required("rest", Text),
    _required("overflow", BigInteger),
)

memory = Table(
    "memory",
    metadata,
    _required("definition_id", BigInteger, key=True),
    _required("key", Text, key=True),
    _required("value", BigInteger),
    sqlite_with_rowid=False,
)

frozen = Table(
    "frozen",
    metadata,
    _required("definition_id", BigInteger, key=True),
    _required("at", BigInteger),
    _required("value", Text),
)

readings = Table(
    "readings",
    metadata,
    _required("check_id", BigInteger, key=True),
    _required("dimension", Text, key=True),
    _required("segment", Text, key=True),
    _required("at", BigInteger, key=True),
    _required("definition_id", BigInteger),
    _required("window_start", BigInteger),
    _required("window_end", BigInteger),
    _required("outcome", Text),
    Column("value", Number),
    Column("judged", Number),
    Column("good", Number),
    Column("total", Number),
    Column("events", Number),
    _required("detail", Text),
    _required("message", Text),
    sqlite_with_rowid=False,
)
Index("readings_check_at", readings.c.check_id, readings.c.at)

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    _required("check_id", BigInteger),
    _required("at", BigInteger),
    _required("started", BigInteger),
    Column("finished", BigInteger),
    Column("outcome", Text),
    _required("error", Text),
    _required("rows", BigInteger),
    _required("scans", BigInteger),
)
Index("runs_check_started", runs.c.check_id, runs.c.started)

run_totals = Table(
    "run_totals",
    metadata,
    _required("check_id", BigInteger, key=True),
    _required("outcome", Text, key=True),
    _required("count", BigInteger),
    _required("rows", BigInteger),
)

watermarks = Table(
    "watermarks",
    metadata,
    _required("pipeline", Text, key=True),
    _required("dataset", Text, key=True),
    _required("at", BigInteger),
    Column("newest", BigInteger),
    _required("no_time", BigInteger),
    _required("ancient", BigInteger),
    _required("future", BigInteger),
    _required("too_late", BigInteger),
)

marks = Table("marks", metadata, _required("key", Text, key=True), _required("value", BigInteger))

leases = Table(
    "leases",
    metadata,
    _required("name", Text, key=True),
    _required("holder", Text),
    _required("epoch", BigInteger),
    _required("expires", BigInteger),
)
