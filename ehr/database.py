"""The practice app's database: SQLite by default, PostgreSQL by DATABASE_URL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, MetaData, event
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
# How long a writer waits for another one before it gives up.
BUSY_TIMEOUT_MS = 10_000


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Takes and gives aware datetimes; stored without an offset, in UTC, in every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the base class's signature
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the base class's signature
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What every table of the practice app is declared on. Constraints have names, so that migrations can
    change them in SQLite too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


def utcnow() -> datetime:
    """The current moment, aware."""
    return datetime.now(UTC)


def init_database(app: Flask) -> None:
    """Attach the database and its migrations to *app*, and tune SQLite where it is that."""
    app.config["SETTINGS"].instance_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        event.listen(db.engine, "connect", _tune_sqlite)


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # WAL lets people read while somebody writes. FULL: what was answered as stored outlives a power cut too.
    if isinstance(connection, sqlite3.Connection):
        pragmas = (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        )
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
