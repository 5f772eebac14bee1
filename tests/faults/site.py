"""A whole installation whose plugs can be pulled: web processes, workers, a database and a broker.

Nothing of the product is changed for it; what is done here is what an operator, or an accident, can do.
"""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from random import Random
from typing import Any, Self

from celery import Celery
from cryptography.fernet import Fernet
from kombu.exceptions import OperationalError
from sqlalchemy import Row, create_engine, text

from fullscript_embed.encryption import Cipher
from fullscript_embed.testing import Sandbox
from tests import applied_log
from tests.e2e.servers import APPS, BINARIES, ROOT, free_port, hosts, run, wait_for
from tests.faults.verdict import Verdict
from tests.waiting import LONG, until

MAYA = "maya.chen@juniper.example"
JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
LONG_AGO = "2000-01-01 00:00:00.000000"
# Seconds after which what waits was looked for again, by everybody whose turn the tests make it.
TURN = 1.0


class Site(AbstractContextManager["Site"]):
    """The practice app on a database and a broker of its own; both are SQLite files when no URL is given."""

    def __init__(
        self,
        folder: Path,
        sandbox: Sandbox,
        *,
        database_url: str = "",
        broker_url: str = "",
        workers: int = 1,
        worker_options: tuple[str, ...] = ("--concurrency", "2"),
    ) -> None:
        self.folder, self.sandbox = folder, sandbox
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url or f"sqlite:///{folder / 'practice.db'}"
        self.broker_url = broker_url or f"sqla+sqlite:///{folder / 'broker.db'}"
        self.key = Fernet.generate_key().decode()
        self.app = next(app for app in sandbox.apps() if APPS.get(app.name) == "local")
        self.environ = os.environ | self._settings()
        arguments = {"timeout": 60} if self.database_url.startswith("sqlite") else {}
        self.engine = create_engine(self.database_url, connect_args=arguments, pool_pre_ping=True)
        self.worker_options = worker_options
        self._web: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes] | None] = [None] * workers
        self._beat: subprocess.Popen[bytes] | None = None

    def prepare(self, *, watched: bool = True) -> None:
        """Make the tables, connect Maya's clinic, and let the database write down what is applied."""
        run([sys.executable, ROOT / "scripts" / "demo.py", "--prepare"], self.environ)
        if watched:
            applied_log.install(self.engine)
        token = self.sandbox.token(self.app, MAYA)["oauth"]
        cipher = Cipher([self.key])
        self.execute(
            "INSERT INTO fullscript_connection (user_id, environment, status, clinic_id, access_token,"
            " refresh_token, token_created_at, token_expires_at, refresh_lock, created_at)"
            " VALUES ('1', 'local', 'connected', :clinic, :access, :refresh, :past, :future, 0, :past)",
            clinic=JUNIPER,
            access=cipher.encrypt(token["access_token"]),
            refresh=cipher.encrypt(token["refresh_token"]),
            past=LONG_AGO,
            future="2100-01-01 00:00:00.000000",
        )

    def start(self) -> Self:
        """Start everything, and return when the web processes answer."""
        self.start_web()
        for number in range(len(self._workers)):
            self.start_worker(number)
        self.wait_for_web()
        return self

    def wait_for_web(self) -> None:
        """Return when the web processes answer."""
        assert self._web is not None
        wait_for(f"{self.url}/healthz", self._web, self.folder / "web.log")

    def start_web(self) -> None:
        """Start gunicorn with two processes, as Procfile does; it answers when it is ready."""
        self._web = self._start("web", procfile("web"))

    def serve(
        self, name: str, app: str, port: int, environ: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start gunicorn with two processes for an app; its output goes to the log of that name."""
        options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8"]
        return self._start(name, ["gunicorn", *options, app], environ)

    def start_worker(self, number: int = 0) -> None:
        """Start a worker as Procfile does; it takes up what waits whenever it is ready."""
        options = ["--without-gossip", "--without-mingle", "--loglevel", "warning", "-n", f"{number}@here"]
        self._workers[number] = self._start("worker", [*procfile("worker"), *self.worker_options, *options])

    def start_beat(self) -> None:
        """Start the schedule, for who waits for its turns and does not order them."""
        self._beat = self._start("beat", [*procfile("beat"), "--loglevel", "warning"])

    def stop_beat(self) -> None:
        """Kill the schedule."""
        _kill(self._beat)
        self._beat = None

    def stop_web(self) -> None:
        """Kill gunicorn and its processes."""
        _kill(self._web)

    def stop_workers(self) -> None:
        """Kill all workers."""
        for number, worker in enumerate(self._workers):
            _kill(worker)
            self._workers[number] = None

    def revive_workers(self) -> int:
        """Start those anew that ended by themselves, as whoever runs the site does; how many they were.

        Celery ends a worker whose Redis goes away while it holds messages.
        """
        ended = [n for n, one in enumerate(self._workers) if one is not None and one.poll() is not None]
        for number in ended:
            self.start_worker(number)
        return len(ended)

    def pull_a_plug(self, chance: Random) -> str:
        """`kill -9` one process or several that belong together, and start again what nobody else would.

        Returns what it was: gunicorn starts processes anew itself, the rest is for whoever runs the site.
        """
        plug = chance.choice(["web process", "web process", "web", "worker", "worker"])
        if plug == "web process":
            self._kill_web_process(chance)
        elif plug == "web":
            self.stop_web()
            self.start_web()
        else:
            number = chance.randrange(len(self._workers))
            _kill(self._workers[number])
            self.start_worker(number)
        return plug

    def settle(self, *, within: float = LONG) -> None:
        """Let the schedule have its turns, without the time between them, until nothing is left to do."""
        with Celery("turns", broker=self.broker_url, set_as_current=False) as celery:
            until(lambda: self._is_settled(celery), within=within, every=TURN, what="the end of all work")

    def is_done(self) -> bool:
        """True when no event is left to apply."""
        return bool(self.rows("SELECT count(*) FROM fullscript_event WHERE state <> 'applied'")[0][0] == 0)

    def verdict(self, promised: set[str], orders: set[str] | None = None) -> Verdict:
        """What became of the events that were answered with the challenge."""
        with self.engine.connect() as connection:
            return Verdict.of(connection, promised, orders)

    def rows(self, statement: str, **values: Any) -> list[Row[Any]]:
        """What the database holds."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def execute(self, statement: str, **values: Any) -> None:
        """Change what the database holds; for what would take hours."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def logs(self) -> str:
        """Everything that web and workers said."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def __exit__(self, *_: object) -> None:
        self.stop_web()
        self.stop_workers()
        self.stop_beat()
        self.engine.dispose()

    def _is_settled(self, celery: Celery) -> bool:
        self.revive_workers()
        self.execute("UPDATE fullscript_event SET due_at = :past WHERE state = 'waiting'", past=LONG_AGO)
        with suppress(OperationalError):  # a queue that is busy just now has its next turn soon
            celery.send_task("fullscript.sweep", retry=False, expires=TURN * 20)
        return self.is_done()

    def _kill_web_process(self, chance: Random) -> None:
        assert self._web is not None
        children = Path(f"/proc/{self._web.pid}/task/{self._web.pid}/children").read_text().split()
        if children:  # none while gunicorn itself is starting
            _signal(int(chance.choice(children)))

    def _start(
        self, name: str, command: list[str], environ: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as output:
            return subprocess.Popen(
                [str(BINARIES / command[0]), *command[1:]],
                env=environ or self.environ,
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _settings(self) -> dict[str, str]:
        credentials = {
            name: value
            for app in self.sandbox.apps()
            if (environment := APPS.get(app.name))
            for name, value in (app.settings(environment) | hosts(environment, self.sandbox.url)).items()
        }
        return credentials | {
            "DEMO": "1",
            "INSTANCE_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.broker_url,
            "SECRET_KEY": secrets.token_hex(32),
            "FULLSCRIPT_ENCRYPTION_KEYS": self.key,
            "FULLSCRIPT_ENVIRONMENTS": ",".join(APPS.values()),
            "LOG_LEVEL": "WARNING",
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "RATE_LIMIT_STORAGE_URL": "memory://",
        }


def procfile(name: str) -> list[str]:
    """The command of that name, as Procfile has it."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return next(shlex.split(line.partition(":")[2]) for line in lines if line.startswith(f"{name}:"))


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    """Kill what was started here, with everything that it started."""
    if process is None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=LONG)


def _signal(number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)
