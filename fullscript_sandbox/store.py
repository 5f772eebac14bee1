"""The sandbox's data on disk: made when it is missing, kept when it is there, put back on request."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import Connection, NullPool, create_engine

from fullscript_sandbox import seed
from fullscript_sandbox.database import Base, db
from fullscript_sandbox.gate import gate
from fullscript_sandbox.settings import Settings, SettingsInvalid


class DataOutdated(SettingsInvalid):
    """The data folder holds the data of another version of the sandbox, or of another seed."""


def open_or_make(settings: Settings) -> None:
    """Make the database, seeded, unless it is there already.

    Raises DataOutdated for one that this version cannot use: data is never thrown away unasked.
    """
    if not settings.database_file.exists():
        _make(settings)
    if _version_of(settings.database_file) != _version(settings):
        raise DataOutdated(
            f"The data in {settings.data_dir} was made by another version of the sandbox or with another "
            "seed. Start afresh with `fullscript-sandbox reset`, or choose another --data-dir."
        )


def reset(settings: Settings) -> None:
    """Put the database back to what the seed gives. Works while the sandbox runs: readers see old or new."""
    _copy(_seeded(settings), settings.database_file)


def reset_running() -> None:
    """Reset the sandbox that is answering."""
    with gate().shut():
        db.engine.dispose()  # connections would hold on to what they know of the old data
        reset(current_app.config["SANDBOX"])


def _make(settings: Settings) -> None:
    """Put the database in its place whole, unless another process was faster: two may start at once."""
    seeded = _seeded(settings)
    with _unfinished(settings.database_file) as fresh:
        _copy(seeded, fresh)
        with suppress(FileExistsError):
            os.link(fresh, settings.database_file)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing, sleep=0.01)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A file of this process's own beside *path*, gone afterwards."""
    fresh = path.with_suffix(f".{os.getpid()}.new")
    try:
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _seeded(settings: Settings) -> Path:
    """A file with what the seed gives today, kept because copying it is many times faster than planting."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC).date()
    path = settings.data_dir / f"seeded-{_digest(str(today), _version(settings), _seed_source()):08x}.db"
    if not path.exists():
        for outdated in set(settings.data_dir.glob("seeded-*.db")) - {path}:
            outdated.unlink(missing_ok=True)
        with _unfinished(path) as fresh:
            _plant(fresh, settings)
            fresh.replace(path)
    return path


def _plant(path: Path, settings: Settings) -> None:
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).begin() as connection:
        Base.metadata.create_all(connection)
        seed.plant(connection, settings.seed)
        connection.exec_driver_sql(f"PRAGMA user_version={_version(settings)}")


@cache
def _version(settings: Settings) -> int:
    """A number for the shape of the tables and the seed. SQLite keeps it in the file's header."""
    with create_engine("sqlite://", poolclass=NullPool).begin() as connection:
        Base.metadata.create_all(connection)
        return _digest(_shape(connection), settings.seed)


def _shape(connection: Connection) -> str:
    rows = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    return "\n".join(row.sql for row in rows)


def _version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


@cache
def _seed_source() -> bytes:
    folder = Path(seed.__file__).parent
    files = sorted([*folder.glob("*.py"), *folder.glob("data/*")])
    return b"".join(file.read_bytes() for file in files)


def _digest(*parts: object) -> int:
    """31 bits, because that is what a header of SQLite holds and more than enough to tell versions apart."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:4]) >> 1
