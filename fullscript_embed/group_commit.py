"""Rows of several threads in one transaction: what a commit costs is shared by those that came meanwhile.

Nobody waits for company. Whoever finds nobody writing writes at once; those who come in the meantime are
written together by the first of them, as soon as that is done.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, Table, exc
from sqlalchemy.dialects import postgresql, sqlite

# In one transaction; more than a process usually has threads.
MOST_ROWS = 100
# What says nothing about the rows: each by itself would only meet it again.
OUTAGES = (exc.InterfaceError, exc.OperationalError, exc.TimeoutError)
_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

Row = Mapping[str, Any]


class Interrupted(exc.SQLAlchemyError):
    """The thread that wrote for others was ended. What it wrote for them is not stored."""


@dataclass(eq=False, slots=True)
class _Entry:
    """One row on its way, and what became of it."""

    row: Row
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    number: int | None = None
    error: Exception | None = field(default_factory=lambda: Interrupted("another thread was ended"))

    def is_stored(self, number: int | None) -> None:
        """Note how it went well."""
        self.number, self.error = number, None


class GroupCommit:
    """Inserts into *table*, which has a primary key `id` and a unique key, the columns *key*.

    Safe to use from several threads. *engine* is of PostgreSQL or SQLite.
    """

    def __init__(self, engine: Engine, table: Table, key: Sequence[str]) -> None:
        dialect, self._key = engine.dialect.name, tuple(key)
        # One statement is a transaction by itself: to begin and to commit would be two more journeys.
        alone = {"isolation_level": "AUTOCOMMIT"} if dialect == "postgresql" else {}
        self._engine = engine.execution_options(**alone)
        # Put together once: that would else take longer than the insert.
        insert = _INSERTS[dialect](table).on_conflict_do_nothing(index_elements=self._key)
        self._statement = insert.returning(*(table.columns[name] for name in ("id", *self._key)))
        self._lock = threading.Lock()
        self._waiting: list[_Entry] = []
        self._is_writing = False

    def insert(self, row: Row) -> int | None:
        """Keep *row*, committed when this returns; its number, or None when its key was there before.

        Raises what the database raises. A row that the database does not take fails alone.
        """
        mine = _Entry(row)
        try:
            with self._lock:
                self._waiting.append(mine)
                mine.leads, self._is_writing = not self._is_writing, True
            if not mine.leads:
                mine.woken.wait()
        except BaseException:
            self._leave(mine)
            raise
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.number

    def _lead(self) -> None:
        """Write what waits, and have the first of those who came meanwhile go on."""
        with self._lock:
            batch = self._waiting[:MOST_ROWS]
            del self._waiting[:MOST_ROWS]
        try:
            self._write(batch)
        finally:
            with self._lock:
                following = self._passed_on()
            for entry in batch + following:
                entry.woken.set()

    def _leave(self, entry: _Entry) -> None:
        """Forget a row whose thread is ended while it waits, so that no turn comes to where nobody is."""
        following = []
        with self._lock:
            if entry in self._waiting:
                self._waiting.remove(entry)
                following = self._passed_on() if entry.leads else []
        for one in following:
            one.woken.set()

    def _passed_on(self) -> list[_Entry]:
        """Who leads from now on, and has to be woken; nobody when nobody waits. The caller has the lock."""
        following = self._waiting[:1]
        self._is_writing = bool(following)
        for entry in following:
            entry.leads = True
        return following

    def _write(self, batch: list[_Entry]) -> None:
        """Write a batch in one transaction; where a row is in its way, each row in one of its own."""
        try:
            numbers = self._insert([entry.row for entry in batch])
        except Exception as error:  # noqa: BLE001 -- raised in `insert`, by those whom it is about
            if len(batch) == 1 or isinstance(error, OUTAGES):
                for entry in batch:
                    entry.error = error
            else:
                for entry in batch:
                    self._write([entry])
            return
        for entry in batch:
            # Of two with one key the first was inserted, and the second was there before.
            entry.is_stored(numbers.pop(self._key_of(entry.row), None))

    def _insert(self, rows: list[Row]) -> dict[tuple[Any, ...], int]:
        """The numbers of those that are new, by their keys.

        In the order of the keys: processes that were brought the same rows would else wait for each other.
        """
        in_order = sorted(rows, key=self._key_of)
        with self._engine.begin() as connection:
            return {tuple(key): number for number, *key in connection.execute(self._statement, in_order)}

    def _key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self._key)
