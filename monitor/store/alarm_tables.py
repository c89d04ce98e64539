"""The tables of alerts: where each stands, what they came to, who was told, and who wants to hear nothing.

Times are integer microseconds, labels and lists compact JSON text, as in `tables`.
"""

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from monitor.store.tables import Id, metadata

alert_states = Table(
    "alert_states",
    metadata,
    Column("pipeline", Text, primary_key=True, nullable=False),
    Column("key", Text, primary_key=True, nullable=False),
    Column("name", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("active_at", BigInteger),
    Column("fired_at", BigInteger),
    Column("fading_since", BigInteger),
    Column("resolved_at", BigInteger),
    Column("onset", BigInteger),
    Column("summary", Text, nullable=False),
    Column("links", Text, nullable=False),
    Column("evaluated", BigInteger, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("onset", BigInteger, nullable=False),
    Column("fired_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", Text),
    Column("summary", Text, nullable=False),
    UniqueConstraint("pipeline", "key", "fired_at", name="incidents_pipeline_key_fired_at"),
)
Index("incidents_pipeline_fired_at", incidents.c.pipeline, incidents.c.fired_at)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("grouping", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("due", BigInteger),
    Column("sent", BigInteger),
    Column("outcome", Text, nullable=False),
    Column("error", Text, nullable=False),
    UniqueConstraint("pipeline", "route", "key", name="deliveries_pipeline_route_key"),
)
Index("deliveries_pipeline_due", deliveries.c.pipeline, deliveries.c.due)

silences = Table(
    "silences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("matchers", Text, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("ended", BigInteger),
)
Index("silences_pipeline_ends", silences.c.pipeline, silences.c.ends)
