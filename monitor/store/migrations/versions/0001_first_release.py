"""Every table of the first release.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER = sa.Float(precision=53)


def upgrade() -> None:
    """Creates them."""
    for create in (
        _checks,
        _definitions,
        _counters,
        _leases,
        _marks,
        _memory,
        _readings,
        _rollups,
        _run_totals,
        _runs,
        _seams,
        _segments,
        _watermarks,
    ):
        create()


def downgrade() -> None:
    """Refuses."""
    raise NotImplementedError("a store is not taken back to an older version: restore a copy")


def _checks() -> None:
    op.create_table(
        "checks",
        sa.Column("id", ID, nullable=False),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("deleted", sa.BigInteger),
        sa.Column("settings", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pipeline", "name", name="checks_pipeline_name"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("definition_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("good", NUMBER),
        sa.Column("total", NUMBER),
        sa.Column("rest", sa.Text, nullable=False),
        sa.Column("overflow", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("definition_id"),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.execute("INSERT INTO marks (key, value) VALUES ('revision', 0)")


def _memory() -> None:
    op.create_table(
        "memory",
        sa.Column("definition_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("definition_id", "key"),
        sqlite_with_rowid=False,
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("check_id", sa.BigInteger, nullable=False),
        sa.Column("dimension", sa.Text, nullable=False),
        sa.Column("segment", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("definition_id", sa.BigInteger, nullable=False),
        sa.Column("window_start", sa.BigInteger, nullable=False),
        sa.Column("window_end", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("value", NUMBER),
        sa.Column("judged", NUMBER),
        sa.Column("good", NUMBER),
        sa.Column("total", NUMBER),
        sa.Column("events", NUMBER),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "dimension", "segment", "at"),
        sqlite_with_rowid=False,
    )
    op.create_index("readings_check_at", "readings", ["check_id", "at"])


def _rollups() -> None:
    op.create_table(
        "rollups",
        sa.Column("definition_id", sa.BigInteger, nullable=False),
        sa.Column("width", sa.BigInteger, nullable=False),
        sa.Column("segment_id", sa.BigInteger, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("final", sa.Boolean()),
        sa.Column("computed", sa.BigInteger),
        sa.Column("good", NUMBER),
        sa.Column("total", NUMBER),
        sa.Column("rest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("definition_id", "width", "segment_id", "start"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "rollups_totals",
        "rollups",
        ["definition_id", "width", "start", "final", "good", "total"],
        sqlite_where=sa.text("segment_id = 0"),
        postgresql_where=sa.text("segment_id = 0"),
    )


def _run_totals() -> None:
    op.create_table(
        "run_totals",
        sa.Column("check_id", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "outcome"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("check_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.BigInteger),
        sa.Column("outcome", sa.Text),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("scans", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("runs_check_started", "runs", ["check_id", "started"])


def _seams() -> None:
    op.create_table(
        "seams",
        sa.Column("check_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "at"),
        sqlite_with_rowid=False,
    )


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("id", ID, nullable=False),
        sa.Column("definition_id", sa.BigInteger, nullable=False),
        sa.Column("dimension", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("admitted", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "definition_id", "dimension", "value", name="segments_definition_dimension_value"
        ),
    )


def _watermarks() -> None:
    op.create_table(
        "watermarks",
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("newest", sa.BigInteger),
        sa.Column("no_time", sa.BigInteger, nullable=False),
        sa.Column("ancient", sa.BigInteger, nullable=False),
        sa.Column("future", sa.BigInteger, nullable=False),
        sa.Column("too_late", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "dataset"),
    )


def _definitions() -> None:
    op.create_table(
        "definitions",
        sa.Column("id", ID, nullable=False),
        sa.Column("check_id", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("bucket", sa.BigInteger, nullable=False),
        sa.Column("merges", sa.Text, nullable=False),
        sa.Column("canonical", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.Column("retired", sa.BigInteger),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name="definitions_check"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("check_id", "hash", name="definitions_check_hash"),
    )
