"""Orders in full.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ORDER = "fullscript_order"
TOTALS = ("item_total", "msrp_total", "payment_total")


def upgrade() -> None:
    with op.batch_alter_table(ORDER) as orders:
        for name in TOTALS:
            orders.add_column(sa.Column(name, sa.String(length=24), nullable=True))
        orders.add_column(sa.Column("is_whole", sa.Boolean(), nullable=True))
    # The next check asks for the amounts of what events told.
    op.execute("UPDATE fullscript_order SET is_whole = false")
    with op.batch_alter_table(ORDER) as orders:
        orders.alter_column("is_whole", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table(ORDER) as orders:
        for name in ("is_whole", *TOTALS):
            orders.drop_column(name)
