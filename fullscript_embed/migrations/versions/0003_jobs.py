"""How far polls came, when workers were seen, and what was counted.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WITHIN = ("within_100_ms", "within_300_ms", "within_1_s", "within_3_s", "within_10_s")


def upgrade() -> None:
    op.create_table(
        "fullscript_poll_state",
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("newest_at", sa.DateTime(), nullable=True),
        sa.Column("polled_at", sa.DateTime(), nullable=True),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "environment", "clinic_id", "category", name=op.f("pk_fullscript_poll_state")
        ),
    )
    op.create_table(
        "fullscript_heartbeat",
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fullscript_heartbeat")),
    )
    op.create_table(
        "fullscript_accepted_count",
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "door", name=op.f("pk_fullscript_accepted_count")),
    )
    op.create_table(
        "fullscript_counted_up_to",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_counted_up_to")),
    )
    op.create_table(
        "fullscript_call_count",
        sa.Column("route", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("microseconds", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in WITHIN),
        sa.PrimaryKeyConstraint("route", "status", name=op.f("pk_fullscript_call_count")),
    )


def downgrade() -> None:
    for name in ("call_count", "counted_up_to", "accepted_count", "heartbeat", "poll_state"):
        op.drop_table(f"fullscript_{name}")
