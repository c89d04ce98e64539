"""Planned maintenance, and who did what.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "maintenance",
        sa.Column("id", ID, nullable=False),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("checks", sa.Text),
        sa.Column("starts", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("cancelled", sa.BigInteger),
        sa.Column("cancelled_by", sa.Text),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("maintenance_pipeline_ends", "maintenance", ["pipeline", "ends"])
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_pipeline_at", "audit", ["pipeline", "at"])


def downgrade() -> None:
    """Refuses."""
    raise NotImplementedError("a store is not taken back to an older version: restore a copy")
