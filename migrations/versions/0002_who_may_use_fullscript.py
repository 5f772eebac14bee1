"""Who may use Fullscript, and who sent the invitation to connect away"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever is there may use it, as before."""
    allowed = sa.Column("may_use_fullscript", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("user_account", allowed)
    op.add_column("user_account", sa.Column("invitation_dismissed_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    """Forget both."""
    op.drop_column("user_account", "invitation_dismissed_at")
    op.drop_column("user_account", "may_use_fullscript")
