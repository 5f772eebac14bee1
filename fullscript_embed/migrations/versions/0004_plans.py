"""What Redirect and the plans on the chart need.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PLAN, NAME = "fullscript_treatment_plan", "fullscript_name"


def upgrade() -> None:
    with op.batch_alter_table(PLAN) as plans:
        plans.add_column(sa.Column("resources", sa.JSON(), nullable=True))
        plans.add_column(sa.Column("read_at", sa.DateTime(), nullable=True))
    op.execute("UPDATE fullscript_treatment_plan SET resources = '[]', names_missing = true")
    with op.batch_alter_table(PLAN) as plans:
        plans.alter_column("resources", existing_type=sa.JSON(), nullable=False)
    _change_names()
    _create_tables()


def downgrade() -> None:
    op.drop_table("fullscript_plan_change")
    op.drop_table("fullscript_last_check")
    with op.batch_alter_table(NAME) as names:
        for column in ("has_details", "unit_of_measure", "units", "image_url"):
            names.drop_column(column)
    with op.batch_alter_table(PLAN) as plans:
        plans.drop_column("read_at")
        plans.drop_column("resources")


def _change_names() -> None:
    with op.batch_alter_table(NAME) as names:
        names.add_column(sa.Column("image_url", sa.Text(), nullable=True))
        names.add_column(sa.Column("units", sa.Integer(), nullable=True))
        names.add_column(sa.Column("unit_of_measure", sa.String(length=64), nullable=True))
        names.add_column(sa.Column("has_details", sa.Boolean(), nullable=True))
    # Pictures and counts are looked up by the next sweeps; people have neither.
    op.execute("UPDATE fullscript_name SET has_details = (kind <> 'variant')")
    with op.batch_alter_table(NAME) as names:
        names.alter_column("has_details", existing_type=sa.Boolean(), nullable=False)


def _create_tables() -> None:
    op.create_table(
        "fullscript_last_check",
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("fullscript_patient_id", sa.String(length=64), nullable=False),
        sa.Column("noun", sa.String(length=16), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=True),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("failure", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint(
            "environment",
            "clinic_id",
            "fullscript_patient_id",
            "noun",
            name=op.f("pk_fullscript_last_check"),
        ),
    )
    op.create_table(
        "fullscript_plan_change",
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=True),
        sa.Column("recommendations", sa.JSON(), nullable=True),
        sa.Column("lab_recommendations", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint(
            "environment", "clinic_id", "plan_id", "event_id", name=op.f("pk_fullscript_plan_change")
        ),
    )
