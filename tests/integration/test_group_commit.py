"""Rows of several threads in one transaction, on each engine (group_commit.py)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, OperationalError

from fullscript_embed.group_commit import GroupCommit, Interrupted
from tests.waiting import until

NOTES = Table(
    "note",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("place", String(16)),
    Column("name", String(16)),
    UniqueConstraint("place", "name"),
    CheckConstraint("name <> 'bad'", name="name_is_good"),
)
PATIENCE = 30


class Held:
    """A writer whose first transaction does not commit before it may, so that others come meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.writer = GroupCommit(engine, NOTES, key=("place", "name"))
        self.began, self.may_commit = threading.Event(), threading.Event()
        self.commits = 0
        event.listen(engine, "commit", self._commits)

    def _commits(self, _connection: Any) -> None:
        self.commits += 1
        self.began.set()
        assert self.may_commit.wait(PATIENCE)

    def writes(self, threads: ThreadPoolExecutor, *names: str) -> list[Future[int | None]]:
        """One thread for each name; all but the first come while that one is committing."""
        first = threads.submit(self.writer.insert, row(names[0]))
        assert self.began.wait(PATIENCE)
        later = []
        for count, name in enumerate(names[1:], start=1):
            later.append(threads.submit(self.writer.insert, row(name)))
            until(lambda count=count: len(self.writer._waiting) == count, what="the next in the queue")
        return [first, *later]


@pytest.fixture
def engine(engine_url: str) -> Iterator[Engine]:
    """A database with the table."""
    engine = create_engine(engine_url)
    NOTES.create(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def held(engine: Engine) -> Held:
    return Held(engine)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def row(name: str) -> dict[str, str]:
    return {"place": "here", "name": name}


def names_in(engine: Engine) -> dict[int, str]:
    """What is stored, by its number."""
    with engine.connect() as connection:
        return {one.id: one.name for one in connection.execute(select(NOTES))}


def test_those_who_come_while_one_commits_share_the_next_transaction(
    held: Held, threads: ThreadPoolExecutor
) -> None:
    """Each is told the number of its own row."""
    names = ["first", *(f"later {n}" for n in range(6))]
    futures = held.writes(threads, *names)
    held.may_commit.set()
    numbers = [one.result(PATIENCE) for one in futures]

    assert dict(zip(numbers, names, strict=True)) == names_in(held.engine)
    assert held.commits == 2


def test_of_the_same_row_in_one_transaction_one_is_new(held: Held, threads: ThreadPoolExecutor) -> None:
    """So too when it was there before."""
    futures = held.writes(threads, "first", "twice", "twice", "first")
    held.may_commit.set()
    numbers = [one.result(PATIENCE) for one in futures]

    assert numbers[3] is None
    assert sorted(number is None for number in numbers[1:3]) == [False, True]
    assert sorted(names_in(held.engine).values()) == ["first", "twice"]


def test_a_row_that_the_database_does_not_take_fails_alone(held: Held, threads: ThreadPoolExecutor) -> None:
    """Those who shared its transaction are stored all the same."""
    first, good, bad, fine = held.writes(threads, "first", "good", "bad", "fine")
    held.may_commit.set()

    with pytest.raises(IntegrityError):
        bad.result(PATIENCE)
    assert {one.result(PATIENCE) for one in (first, good, fine)} == set(names_in(held.engine))
    assert sorted(names_in(held.engine).values()) == ["fine", "first", "good"]


def test_an_outage_is_told_to_all_and_the_next_one_is_stored(held: Held, threads: ThreadPoolExecutor) -> None:
    """Nobody hangs, nobody is told a number, and nothing has to be started anew."""
    futures = held.writes(threads, "first", "second", "third")

    def fail(*_: object) -> None:
        raise OperationalError("", {}, Exception("the server has gone away"))

    event.listen(held.engine, "before_cursor_execute", fail)
    held.may_commit.set()
    assert futures[0].result(PATIENCE) is not None
    for one in futures[1:]:
        with pytest.raises(OperationalError):
            one.result(PATIENCE)
    event.remove(held.engine, "before_cursor_execute", fail)

    assert held.writer.insert(row("after")) is not None
    assert sorted(names_in(held.engine).values()) == ["after", "first"]


def test_when_the_writing_thread_is_ended_the_others_know_that_nothing_is_stored(
    held: Held, threads: ThreadPoolExecutor
) -> None:
    """A server that ends a thread which takes too long must not leave others waiting, or believing."""
    futures = held.writes(threads, "first", "second", "third")

    def end(*_: object) -> None:
        raise SystemExit

    event.listen(held.engine, "before_cursor_execute", end)
    held.may_commit.set()
    ends = [one.exception(PATIENCE) for one in futures]
    event.remove(held.engine, "before_cursor_execute", end)

    assert [type(one) for one in ends] == [type(None), SystemExit, Interrupted]
    assert held.writer.insert(row("after")) is not None
    assert sorted(names_in(held.engine).values()) == ["after", "first"]


def test_a_thread_that_is_ended_while_it_waits_holds_up_nobody(
    held: Held, threads: ThreadPoolExecutor
) -> None:
    """A limit of time may end it; its turn goes to the next, and its row is not stored."""

    def end(*_: object) -> None:
        raise SystemExit

    def end_who_waits() -> None:
        until(lambda: held.writer._waiting, what="somebody who waits")
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGUSR1)

    (first,) = held.writes(threads, "first")
    before = signal.signal(signal.SIGUSR1, end)
    ending = threads.submit(end_who_waits)
    with pytest.raises(SystemExit):
        held.writer.insert(row("ended"))
    signal.signal(signal.SIGUSR1, before)
    held.may_commit.set()
    ending.result(PATIENCE)
    first.result(PATIENCE)

    assert threads.submit(held.writer.insert, row("after")).result(PATIENCE) is not None
    assert sorted(names_in(held.engine).values()) == ["after", "first"]


def test_processes_that_are_brought_the_same_rows_do_not_wait_for_each_other(
    postgres_url: str, threads: ThreadPoolExecutor
) -> None:
    """Whatever the order in which each of them is brought them; only PostgreSQL has several writers."""
    engine = create_engine(postgres_url)
    NOTES.create(engine)
    first, second = Held(create_engine(postgres_url)), Held(create_engine(postgres_url))
    futures = [
        *first.writes(threads, "first", "a", "m", "z"),
        *second.writes(threads, "second", "z", "a"),
    ]
    with engine.begin() as somebody:
        somebody.execute(insert(NOTES), row("m"))
        for held, locks in ((first, 1), (second, 2)):
            held.may_commit.set()
            until(lambda locks=locks: waits_for_locks(engine) == locks, what="the wait for a row")
    numbers = [one.result(PATIENCE) for one in futures]
    for one in (engine, first.engine, second.engine):
        one.dispose()

    assert numbers.count(None) == 3  # m was there before, and a and z were brought twice


def waits_for_locks(engine: Engine) -> int:
    """How many transactions wait for another one."""
    here = "FROM pg_stat_activity WHERE datname = current_database()"
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) {here} AND wait_event_type = 'Lock'")) or 0)


def test_many_threads_store_each_row_once(engine: Engine, threads: ThreadPoolExecutor) -> None:
    """Whoever was told a number has stored the row; of those who brought it too, nobody was."""
    writer = GroupCommit(engine, NOTES, key=("place", "name"))
    names = [f"note {n % 100}" for n in range(400)]
    numbers = [number for number in threads.map(writer.insert, map(row, names)) if number is not None]

    assert sorted(numbers) == sorted(names_in(engine))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(NOTES)) == 100
