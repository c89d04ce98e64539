"""What was found to have caused a check's trouble.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "attributions",
        sa.Column("check_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "since"),
    )


def downgrade() -> None:
    """Refuses."""
    raise NotImplementedError("a store is not taken back to an older version: restore a copy")
