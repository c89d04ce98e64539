"""What a pipeline was given to carry: dead letters that were sent again, probes and where they arrived.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "letters",
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "dataset", "letter"),
    )
    op.create_table(
        "probes",
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("probe", sa.Text, nullable=False),
        sa.Column("sent", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "id"),
    )
    op.create_index("probes_pipeline_probe_sent", "probes", ["pipeline", "probe", "sent"])
    op.create_table(
        "probe_arrivals",
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("arrived", sa.BigInteger),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("leaked", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "id", "dataset"),
    )


def downgrade() -> None:
    """Refuses."""
    raise NotImplementedError("a store is not taken back to an older version: restore a copy")
