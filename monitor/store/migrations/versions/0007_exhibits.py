"""What is kept for a page that asked for it: explanations, dead letters by cause, reports.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "exhibits",
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("progress", sa.Float(53), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "subject", "name"),
    )


def downgrade() -> None:
    """Refuses."""
    raise NotImplementedError("a store is not taken back to an older version: restore a copy")
