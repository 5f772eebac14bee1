"""Connections, pending revocations, the inbox, patient links, plans, names, the audit trail.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fullscript_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=True),
        sa.Column("patient_id", sa.String(length=255), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_audit")),
    )
    op.create_index(op.f("ix_fullscript_audit_at"), "fullscript_audit", ["at"], unique=False)
    op.create_index(op.f("ix_fullscript_audit_patient_id"), "fullscript_audit", ["patient_id"], unique=False)
    op.create_table(
        "fullscript_connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("fullscript_user_id", sa.String(length=64), nullable=True),
        sa.Column("user_type", sa.String(length=24), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("clinic_id", sa.String(length=64), nullable=True),
        sa.Column("clinic_name", sa.Text(), nullable=True),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("token_created_at", sa.DateTime(), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(), nullable=True),
        sa.Column("redirect_uri", sa.Text(), nullable=True),
        sa.Column("refresh_lock", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_connection")),
        sa.UniqueConstraint("user_id", "environment", name=op.f("uq_fullscript_connection_user_id")),
    )
    op.create_index(
        op.f("ix_fullscript_connection_clinic_id"), "fullscript_connection", ["clinic_id"], unique=False
    )
    op.create_table(
        "fullscript_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=True),
        sa.Column("patient_id", sa.String(length=255), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_event")),
        sa.UniqueConstraint("environment", "event_id", name=op.f("uq_fullscript_event_environment")),
    )
    op.create_index("ix_fullscript_event_waiting", "fullscript_event", ["applied_at", "id"], unique=False)
    op.create_table(
        "fullscript_name",
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fullscript_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("size", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_again_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("environment", "kind", "fullscript_id", name=op.f("pk_fullscript_name")),
    )
    op.create_table(
        "fullscript_patient_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=255), nullable=False),
        sa.Column("fullscript_patient_id", sa.String(length=64), nullable=False),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_patient_link")),
        sa.UniqueConstraint(
            "environment", "clinic_id", "patient_id", name=op.f("uq_fullscript_patient_link_environment")
        ),
    )
    op.create_index(
        op.f("ix_fullscript_patient_link_fullscript_patient_id"),
        "fullscript_patient_link",
        ["fullscript_patient_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fullscript_patient_link_patient_id"), "fullscript_patient_link", ["patient_id"], unique=False
    )
    op.create_table(
        "fullscript_pending_revocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_pending_revocation")),
    )
    op.create_table(
        "fullscript_treatment_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("fullscript_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=255), nullable=False),
        sa.Column("fullscript_patient_id", sa.String(length=64), nullable=True),
        sa.Column("practitioner_id", sa.String(length=64), nullable=True),
        sa.Column("user_id", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=True),
        sa.Column("personal_message", sa.Text(), nullable=True),
        sa.Column("available_at", sa.String(length=32), nullable=True),
        sa.Column("recommendations", sa.JSON(), nullable=False),
        sa.Column("lab_recommendations", sa.JSON(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("names_missing", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_treatment_plan")),
        sa.UniqueConstraint(
            "environment", "fullscript_id", name=op.f("uq_fullscript_treatment_plan_environment")
        ),
    )
    op.create_index(
        op.f("ix_fullscript_treatment_plan_names_missing"),
        "fullscript_treatment_plan",
        ["names_missing"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fullscript_treatment_plan_patient_id"),
        "fullscript_treatment_plan",
        ["patient_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_fullscript_treatment_plan_patient_id"), table_name="fullscript_treatment_plan")
    op.drop_index(op.f("ix_fullscript_treatment_plan_names_missing"), table_name="fullscript_treatment_plan")
    op.drop_table("fullscript_treatment_plan")
    op.drop_table("fullscript_pending_revocation")
    op.drop_index(op.f("ix_fullscript_patient_link_patient_id"), table_name="fullscript_patient_link")
    op.drop_index(
        op.f("ix_fullscript_patient_link_fullscript_patient_id"), table_name="fullscript_patient_link"
    )
    op.drop_table("fullscript_patient_link")
    op.drop_table("fullscript_name")
    op.drop_index("ix_fullscript_event_waiting", table_name="fullscript_event")
    op.drop_table("fullscript_event")
    op.drop_index(op.f("ix_fullscript_connection_clinic_id"), table_name="fullscript_connection")
    op.drop_table("fullscript_connection")
    op.drop_index(op.f("ix_fullscript_audit_patient_id"), table_name="fullscript_audit")
    op.drop_index(op.f("ix_fullscript_audit_at"), table_name="fullscript_audit")
    op.drop_table("fullscript_audit")
