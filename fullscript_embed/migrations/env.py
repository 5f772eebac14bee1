"""Runs the extension's migrations, in a connection that tables.py gives, and on its tables alone."""

from __future__ import annotations

from alembic import context

from fullscript_embed.models import Base
from fullscript_embed.tables import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
