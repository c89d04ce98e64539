"""The table of what was found to have caused a trouble: a row for each stretch of it."""

from sqlalchemy import BigInteger, Column, Table, Text

from monitor.store.tables import metadata

attributions = Table(
    "attributions",
    metadata,
    Column("check_id", BigInteger, primary_key=True, autoincrement=False, nullable=False),
    Column("since", BigInteger, primary_key=True, autoincrement=False, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
)
