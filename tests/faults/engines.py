"""A PostgreSQL server and a Redis of a test's own, so that they can be stopped and started."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from tests.e2e.servers import free_port
from tests.waiting import LONG, until

# Where Debian keeps what it leaves off PATH.
DEBIAN = "/usr/lib/postgresql"


class NotHere(Exception):
    """What is needed is not installed on this machine; the message says what."""


class Server:
    """A server that a test may stop and start, with its data kept."""

    def __init__(self, command: list[str], folder: Path, port: int, user: str | None = None) -> None:
        self.command, self.folder, self.port, self.user = command, folder, port, user
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=log, user=self.user, start_new_session=True
            )
        until(self.answers, within=LONG, what=f"an answer of {self.command[0]}")

    def stop(self, how: int = signal.SIGKILL) -> None:
        """End it; doing it twice changes nothing."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=LONG)

    def answers(self) -> bool:
        """True when it works."""
        raise NotImplementedError


class Redis(Server):
    """Redis without files: what it held is gone when it stops, as in many installations."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


class Postgres(Server):
    """A PostgreSQL cluster."""

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def restart(self) -> None:
        """As an operator does: connections are ended, what was committed stays."""
        self.stop(signal.SIGINT)
        self.start()


@contextmanager
def own_redis(folder: Path) -> Iterator[Redis]:
    """A Redis on a free port. Raises NotHere."""
    if not shutil.which("redis-server"):
        raise NotHere("redis-server is not installed")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = Redis(command, folder, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def own_postgres(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL cluster on a free port. Raises NotHere."""
    initdb, postgres = _binary("initdb"), _binary("postgres")
    user = _unprivileged()
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"
    made = subprocess.run(
        [initdb, "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync"],
        user=user,
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise NotHere(f"initdb failed: {made.stderr.decode()[-200:]}")
    port = free_port()
    command = [
        postgres,
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(folder),
        "-c",
        "listen_addresses=127.0.0.1",
    ]
    server = Postgres(command, folder, port, user)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGINT)


def _binary(name: str) -> str:
    places = sorted(Path(DEBIAN).glob("*/bin"), reverse=True) if Path(DEBIAN).exists() else []
    found = shutil.which(name) or next((str(one / name) for one in places if (one / name).exists()), None)
    if not found:
        raise NotHere(f"PostgreSQL's {name} is not installed")
    return found


def _unprivileged() -> str | None:
    """Whom PostgreSQL has to run as: it refuses root."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise NotHere("PostgreSQL does not run as root, and there is no user postgres") from None
