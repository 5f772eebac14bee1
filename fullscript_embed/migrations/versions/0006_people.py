"""Cross-indexing: candidates, differences, metadata.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LINK, FACTS = "fullscript_patient_link", "fullscript_patient_facts"
PERSON = "uq_fullscript_patient_link_person"
ONE_PERSON = sa.text("NOT is_shared")


def upgrade() -> None:
    _change_links()
    op.add_column(FACTS, sa.Column("is_archived", sa.Boolean(), nullable=True))
    op.add_column(FACTS, sa.Column("checked_at", sa.DateTime(), nullable=True))
    _create_cross_index()
    op.create_table(
        "fullscript_link_note",
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=255), nullable=False),
        sa.Column("unlinked_id", sa.String(length=64), nullable=True),
        sa.Column("unlinked_at", sa.DateTime(), nullable=True),
        sa.Column("taken_id", sa.String(length=64), nullable=True),
        sa.Column("taken_at", sa.DateTime(), nullable=True),
        sa.Column("expected_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint(
            "environment", "clinic_id", "patient_id", name=op.f("pk_fullscript_link_note")
        ),
    )


def downgrade() -> None:
    op.drop_table("fullscript_link_note")
    op.drop_table("fullscript_cross_index")
    for column in ("checked_at", "is_archived"):
        op.drop_column(FACTS, column)
    op.drop_index(PERSON, table_name=LINK)
    for column in ("found_by", "is_shared"):
        op.drop_column(LINK, column)


def _change_links() -> None:
    with op.batch_alter_table(LINK) as links:
        links.add_column(sa.Column("is_shared", sa.Boolean(), nullable=False, server_default=sa.false()))
        links.add_column(sa.Column("found_by", sa.String(length=16), nullable=True))
    with op.batch_alter_table(LINK) as links:
        links.alter_column("is_shared", existing_type=sa.Boolean(), server_default=None)
    # Those who share an account so far go on doing so.
    several = (
        f"SELECT 1 FROM {LINK} AS other WHERE other.environment = {LINK}.environment"
        f" AND other.clinic_id = {LINK}.clinic_id AND other.id <> {LINK}.id"
        f" AND other.fullscript_patient_id = {LINK}.fullscript_patient_id"
    )
    op.execute(f"UPDATE {LINK} SET is_shared = {_true()} WHERE EXISTS ({several})")
    op.create_index(
        PERSON,
        LINK,
        ["environment", "clinic_id", "fullscript_patient_id"],
        unique=True,
        sqlite_where=ONE_PERSON,
        postgresql_where=ONE_PERSON,
    )


def _true() -> str:
    return "1" if op.get_bind().dialect.name == "sqlite" else "TRUE"


def _create_cross_index() -> None:
    op.create_table(
        "fullscript_cross_index",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fullscript_id", sa.String(length=64), nullable=False),
        sa.Column("wanted_id", sa.String(length=255), nullable=True),
        sa.Column("written_id", sa.String(length=255), nullable=True),
        sa.Column("overwrites", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fullscript_cross_index")),
        sa.UniqueConstraint(
            "environment",
            "clinic_id",
            "kind",
            "fullscript_id",
            name=op.f("uq_fullscript_cross_index_environment"),
        ),
    )
    op.create_index(
        "ix_fullscript_cross_index_due", "fullscript_cross_index", ["state", "due_at"], unique=False
    )
