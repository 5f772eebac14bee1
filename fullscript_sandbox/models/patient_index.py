"""What SQLite itself keeps about patients: their numbers, their places in lists, and the search index.

Kept by triggers, so that it is right whoever writes: a page, the API, a seed of a hundred thousand rows.
With it a page deep in a list costs what the first one costs, and so does a search (bench/sandbox_api.py).
"""

from __future__ import annotations

import sqlite3
import unicodedata
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from fullscript_sandbox.models.patients import Patient

_CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS patient_search USING fts5(words, tokenize='trigram')",
    """
    CREATE TRIGGER IF NOT EXISTS patient_added AFTER INSERT ON patient BEGIN
      UPDATE patient SET
        number = coalesce(NEW.number, (SELECT coalesce(max(number), 120000) + 1 FROM patient)),
        position = (SELECT coalesce(max(position), 0) + 1 FROM patient WHERE clinic_id = NEW.clinic_id)
      WHERE rowid = NEW.rowid;
      INSERT INTO patient_search (rowid, words)
        SELECT number, fold(NEW.first_name || ' ' || NEW.last_name || ' ' || NEW.email)
        FROM patient WHERE rowid = NEW.rowid;
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS patient_renamed
      AFTER UPDATE OF first_name, last_name, email ON patient BEGIN
      UPDATE patient_search
        SET words = fold(NEW.first_name || ' ' || NEW.last_name || ' ' || NEW.email)
        WHERE rowid = NEW.number;
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS patient_removed AFTER DELETE ON patient BEGIN
      DELETE FROM patient_search WHERE rowid = OLD.number;
      UPDATE patient SET position = position - 1
        WHERE clinic_id = OLD.clinic_id AND position > OLD.position;
    END
    """,
)


@event.listens_for(Patient.__table__, "after_create")
def _add_index(_table: Any, connection: Connection, **_: Any) -> None:
    for statement in _CREATE:
        connection.exec_driver_sql(statement)


@event.listens_for(Patient.__table__, "after_drop")
def _drop_index(_table: Any, connection: Connection, **_: Any) -> None:
    connection.exec_driver_sql("DROP TABLE IF EXISTS patient_search")


def fold(text: str) -> str:
    """*text* without case and accents, as search compares it."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


@event.listens_for(Engine, "connect")
def _teach_sqlite(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("fold", 1, fold, deterministic=True)
