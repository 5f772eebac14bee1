"""The inbox's states and witnesses, refused webhooks, and what events tell of beside plans.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVENT = "fullscript_event"
PLAN = "fullscript_treatment_plan"
PLAN_KEY = "uq_fullscript_treatment_plan_environment"
NOUNS = {
    "fullscript_order": (
        ("order_number", sa.String(length=64)),
        ("fullscript_patient_id", sa.String(length=64)),
        ("completed_at", sa.DateTime()),
        ("treatment_plan_ids", sa.JSON()),
        ("practitioner_ids", sa.JSON()),
        ("line_items", sa.JSON()),
    ),
    "fullscript_lab_order": (
        ("state", sa.String(length=64)),
        ("fullscript_patient_id", sa.String(length=64)),
        ("practitioner_id", sa.String(length=64)),
        ("treatment_plan_id", sa.String(length=64)),
    ),
    "fullscript_patient_facts": (
        ("first_name", sa.Text()),
        ("last_name", sa.Text()),
        ("email", sa.Text()),
        ("date_of_birth", sa.String(length=10)),
        ("gender", sa.String(length=32)),
        ("mobile_number", sa.String(length=32)),
        ("discount", sa.String(length=24)),
        ("total_discount", sa.String(length=24)),
        ("text_message_notification", sa.Boolean()),
        ("is_dependent", sa.Boolean()),
        ("guardian_patient_id", sa.String(length=64)),
    ),
    "fullscript_clinic_key": (("state", sa.String(length=24)),),
}
NEEDED = {"treatment_plan_ids", "practitioner_ids", "line_items"}


def upgrade() -> None:
    _change_events()
    _change_plans()
    op.add_column("fullscript_name", sa.Column("known_at", sa.DateTime(), nullable=True))
    _create_witnesses()
    for table, columns in NOUNS.items():
        _create_noun(table, columns)


def downgrade() -> None:
    for table in NOUNS:
        op.drop_table(table)
    op.drop_table("fullscript_webhook_refusal")
    op.drop_table("fullscript_witness")
    op.drop_column("fullscript_name", "known_at")
    # Plans that nobody's page made have no place in the earlier tables; their events come again by a replay.
    op.execute(f"DELETE FROM {PLAN} WHERE patient_id IS NULL")
    op.drop_index(op.f("ix_fullscript_treatment_plan_fullscript_patient_id"), table_name=PLAN)
    with op.batch_alter_table(PLAN) as plans:
        plans.alter_column("patient_id", existing_type=sa.String(length=255), nullable=False)
        plans.drop_column("cancelled_at")
        plans.drop_column("stamps")
        plans.drop_constraint(PLAN_KEY, type_="unique")
        plans.create_unique_constraint(PLAN_KEY, ["environment", "fullscript_id"])
    op.drop_index("ix_fullscript_event_open", table_name=EVENT)
    with op.batch_alter_table(EVENT) as events:
        events.alter_column("door", new_column_name="source", existing_type=sa.String(length=16))
        for column in ("due_at", "state", "happened_at"):
            events.drop_column(column)
    op.create_index("ix_fullscript_event_waiting", EVENT, ["applied_at", "id"], unique=False)


def _change_events() -> None:
    op.drop_index("ix_fullscript_event_waiting", table_name=EVENT)
    with op.batch_alter_table(EVENT) as events:
        events.alter_column("source", new_column_name="door", existing_type=sa.String(length=16))
        events.add_column(sa.Column("happened_at", sa.DateTime(), nullable=True))
        events.add_column(sa.Column("state", sa.String(length=16), nullable=True))
        events.add_column(sa.Column("due_at", sa.DateTime(), nullable=True))
    op.execute(
        f"UPDATE {EVENT} SET due_at = received_at, state = "
        "CASE WHEN applied_at IS NOT NULL AND announced THEN 'applied' ELSE 'waiting' END"
    )
    with op.batch_alter_table(EVENT) as events:
        events.alter_column("state", existing_type=sa.String(length=16), nullable=False)
        events.alter_column("due_at", existing_type=sa.DateTime(), nullable=False)
    op.create_index(
        "ix_fullscript_event_open",
        EVENT,
        ["state", "due_at"],
        unique=False,
        sqlite_where=sa.text("state <> 'applied'"),
        postgresql_where=sa.text("state <> 'applied'"),
    )


def _change_plans() -> None:
    with op.batch_alter_table(PLAN) as plans:
        plans.alter_column("patient_id", existing_type=sa.String(length=255), nullable=True)
        plans.add_column(sa.Column("cancelled_at", sa.DateTime(), nullable=True))
        plans.add_column(sa.Column("stamps", sa.JSON(), nullable=True))
        plans.drop_constraint(PLAN_KEY, type_="unique")
        plans.create_unique_constraint(PLAN_KEY, ["environment", "clinic_id", "fullscript_id"])
    op.execute(f"UPDATE {PLAN} SET stamps = '{{}}'")
    with op.batch_alter_table(PLAN) as plans:
        plans.alter_column("stamps", existing_type=sa.JSON(), nullable=False)
    op.create_index(
        op.f("ix_fullscript_treatment_plan_fullscript_patient_id"), PLAN, ["fullscript_patient_id"], unique=False
    )


def _create_witnesses() -> None:
    op.create_table(
        "fullscript_witness",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=True),
        sa.Column("patient_id", sa.String(length=255), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["number"], [f"{EVENT}.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", "door", name=op.f("pk_fullscript_witness")),
    )
    op.create_table(
        "fullscript_webhook_refusal",
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "reason", name=op.f("pk_fullscript_webhook_refusal")),
    )


def _create_noun(table: str, columns: tuple[tuple[str, sa.types.TypeEngine[object]], ...]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("fullscript_id", sa.String(length=64), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("stamps", sa.JSON(), nullable=False),
        *(sa.Column(name, kind, nullable=name not in NEEDED) for name, kind in columns),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "environment", "clinic_id", "fullscript_id", name=op.f(f"uq_{table}_environment")
        ),
    )
    if any(name == "fullscript_patient_id" for name, _kind in columns):
        op.create_index(
            op.f(f"ix_{table}_fullscript_patient_id"), table, ["fullscript_patient_id"], unique=False
        )
