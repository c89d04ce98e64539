"""The tables of what Weir gave a pipeline to carry: dead letters once more, and probes.

Times are integer microseconds. No key of a row is kept, only a hash of it; a probe's id is Weir's own.
"""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from monitor.store.tables import metadata

letters = Table(
    "letters",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("letter", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("batch", Text, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("probe", Text, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
)
Index("probes_pipeline_probe_sent", probes.c.pipeline, probes.c.probe, probes.c.sent)

arrivals = Table(
    "probe_arrivals",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("arrived", BigInteger),
    Column("rows", BigInteger, nullable=False),
    Column("leaked", Text, nullable=False),
)
