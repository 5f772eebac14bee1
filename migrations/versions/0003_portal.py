"""The patients' own accounts, and their consent to text messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the portal, and remember what patients agreed to."""
    op.add_column("patient", sa.Column("text_message_consent", sa.Boolean(), nullable=True))
    op.add_column("patient", sa.Column("text_message_consent_at", sa.DateTime(), nullable=True))
    _patient_account()
    _patient_invitation()
    _patient_stay()


def downgrade() -> None:
    """Drop the portal's tables and columns."""
    for table in ("patient_stay", "patient_invitation", "patient_account"):
        op.drop_table(table)
    for column in ("text_message_consent_at", "text_message_consent"):
        op.drop_column("patient", column)


def _patient_account() -> None:
    op.create_table(
        "patient_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_patient_account_patient_id"),
        sa.PrimaryKeyConstraint("id", name="pk_patient_account"),
        sa.UniqueConstraint("email", name="uq_patient_account_email"),
        sa.UniqueConstraint("patient_id", name="uq_patient_account_patient_id"),
    )


def _patient_invitation() -> None:
    op.create_table(
        "patient_invitation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_patient_invitation_patient_id"),
        sa.PrimaryKeyConstraint("id", name="pk_patient_invitation"),
        sa.UniqueConstraint("patient_id", name="uq_patient_invitation_patient_id"),
    )


def _patient_stay() -> None:
    op.create_table(
        "patient_stay",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["patient_account.id"], name="fk_patient_stay_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_patient_stay"),
    )
    op.create_index("ix_patient_stay_account_id", "patient_stay", ["account_id"])
