"""Events are found by type, clinic, door and time, however many there are.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_fullscript_event_type": ("fullscript_event", ["type", "id"]),
    "ix_fullscript_event_clinic": ("fullscript_event", ["clinic_id", "id"]),
    "ix_fullscript_event_door": ("fullscript_event", ["door", "id"]),
    "ix_fullscript_event_received": ("fullscript_event", ["received_at"]),
    "ix_fullscript_witness_door": ("fullscript_witness", ["door", "number"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _columns) in INDEXES.items():
        op.drop_index(name, table_name=table)
