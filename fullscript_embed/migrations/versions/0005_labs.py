"""Lab orders and their results.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ORDER, RESULT, CHECK = "fullscript_lab_order", "fullscript_lab_result", "fullscript_lab_check"
ADDED = {
    "order_id": sa.String(length=64),
    "name": sa.Text(),
    "tests": sa.JSON(),
    "reached": sa.JSON(),
    "revision": sa.Integer(),
}


def upgrade() -> None:
    with op.batch_alter_table(ORDER) as orders:
        for name, kind in ADDED.items():
            orders.add_column(sa.Column(name, kind, nullable=True))
    op.execute(f"UPDATE {ORDER} SET revision = 1")
    with op.batch_alter_table(ORDER) as orders:
        orders.alter_column("revision", existing_type=sa.Integer(), nullable=False)
    _create_results()
    op.create_table(
        CHECK,
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("fullscript_patient_id", sa.String(length=64), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=True),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("failure", sa.String(length=32), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint(
            "environment", "clinic_id", "fullscript_patient_id", name=op.f(f"pk_{CHECK}")
        ),
    )
    op.create_index(op.f(f"ix_{CHECK}_due_at"), CHECK, ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table(CHECK)
    op.drop_table(RESULT)
    with op.batch_alter_table(ORDER) as orders:
        for name in ADDED:
            orders.drop_column(name)


def _create_results() -> None:
    op.create_table(
        RESULT,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("lab_order_id", sa.String(length=64), nullable=False),
        sa.Column("fullscript_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("is_aggregate", sa.Boolean(), nullable=False),
        sa.Column("is_amendment", sa.Boolean(), nullable=False),
        sa.Column("replaces", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.Column("heard_at", sa.DateTime(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(), nullable=True),
        sa.Column("gone_at", sa.DateTime(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("tell_attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{RESULT}")),
        sa.UniqueConstraint(
            "environment",
            "clinic_id",
            "lab_order_id",
            "fullscript_id",
            name=op.f(f"uq_{RESULT}_environment"),
        ),
    )
