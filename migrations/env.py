"""Alembic's environment for the practice app's own tables; Flask-Migrate runs it (`flask db upgrade`).

The extension has tables in the same database, with migrations of its own: they are left alone here.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from ehr.database import UtcDateTime


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """False for the extension's tables, so that `flask db migrate` does not want to drop them."""
    return kind != "table" or not str(name).startswith("fullscript_")


def rendered(kind: str, item: Any, _context: object) -> str | bool:
    """How a type of ours is written into a migration, which must not need this app's code in years."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


migrate = current_app.extensions["migrate"]

with migrate.db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        include_name=is_ours,
        render_item=rendered,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
