"""The tables of what pages ask for, and of what is kept for them: example rows, explanations, reports."""

from sqlalchemy import BigInteger, Column, Float, Index, LargeBinary, Table, Text

from monitor.store.tables import Id, metadata

requests = Table(
    "requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", BigInteger),
    Column("result", Text, nullable=False),
    Index("requests_pipeline_state", "pipeline", "state"),
)

samples = Table(
    "samples",
    metadata,
    Column("check_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("rows", Text, nullable=False),
)

exhibits = Table(
    "exhibits",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("progress", Float(53), nullable=False),
    Column("said", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
