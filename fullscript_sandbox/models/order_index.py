"""The place of each order in its clinic's list, kept by SQLite itself (see patient_index.py)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event

from fullscript_sandbox.models.orders import Order

_CREATE = (
    """
    CREATE TRIGGER IF NOT EXISTS order_added AFTER INSERT ON "order" BEGIN
      UPDATE "order" SET
        position = (SELECT coalesce(max(position), 0) + 1 FROM "order" WHERE clinic_id = NEW.clinic_id)
      WHERE rowid = NEW.rowid;
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS order_removed AFTER DELETE ON "order" BEGIN
      UPDATE "order" SET position = position - 1
        WHERE clinic_id = OLD.clinic_id AND position > OLD.position;
    END
    """,
)


@event.listens_for(Order.__table__, "after_create")
def _add_triggers(_table: Any, connection: Connection, **_: Any) -> None:
    for statement in _CREATE:
        connection.exec_driver_sql(statement)
