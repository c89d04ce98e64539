"""Deployments that people or their tools recorded.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "deployments",
        sa.Column("id", ID, nullable=False),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pipeline", "at", "what", name="deployments_pipeline_at_what"),
    )


def downgrade() -> None:
    """Refuses."""
    raise NotImplementedError("a store is not taken back to an older version: restore a copy")
