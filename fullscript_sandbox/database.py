"""The sandbox's own database: one SQLite file, its types, its ids."""

from __future__ import annotations

import random
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Takes and gives aware datetimes; stored without an offset, in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What every table of the sandbox is declared on."""


db = SQLAlchemy(model_class=Base)

_NAMESPACE = uuid.UUID("8a6f2c1d-0b57-4e86-9c35-f1d2a7e40b93")


def write_alone() -> None:
    """Let no other request write until this one commits or rolls back; waits up to ten seconds for its turn.

    What the session had loaded is loaded again when it is next read, so that a decision made after this
    call rests on what the request before it committed.
    """
    db.session.flush()
    connection = db.session.connection()
    driver = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    db.session.expire_all()


def new_id() -> str:
    """A fresh id for something that happened after the seed. Never repeats."""
    return str(uuid.uuid4())


def seeded_id(seed: int, *names: object) -> str:
    """The id of something seeded: the same names and seed give the same id in every run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, (seed, *names)))))


def seeded_random(seed: int, *names: object) -> random.Random:
    """A source of chance that gives the same sequence for the same seed and names."""
    return random.Random("/".join(map(str, (seed, *names))))  # noqa: S311 -- invented data, no secret


@event.listens_for(Engine, "connect")
def _tune_sqlite(connection: Any, _record: Any) -> None:
    # Invented data: a crash of the machine may lose the last moments, but nobody waits for the disk.
    if isinstance(connection, sqlite3.Connection):
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")
