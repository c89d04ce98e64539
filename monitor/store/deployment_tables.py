"""The table of deployments."""

from sqlalchemy import BigInteger, Column, Table, Text, UniqueConstraint

from monitor.store.tables import Id, metadata

deployments = Table(
    "deployments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("pipeline", "at", "what", name="deployments_pipeline_at_what"),
)
