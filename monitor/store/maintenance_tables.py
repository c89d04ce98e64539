"""The tables of planned maintenance, and of who did what.

Times are integer microseconds, lists and objects compact JSON text, as in `tables`.
"""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from monitor.store.tables import Id, metadata

maintenance = Table(
    "maintenance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("checks", Text),  # NULL: the whole pipeline
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("cancelled", BigInteger),
    Column("cancelled_by", Text),
)
Index("maintenance_pipeline_ends", maintenance.c.pipeline, maintenance.c.ends)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
Index("audit_pipeline_at", audit.c.pipeline, audit.c.at)
