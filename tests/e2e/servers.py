"""The practice app as it runs in production, on files and a port of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import requests
from cryptography.fernet import Fernet

from fullscript_embed.testing import Sandbox
from tests.quick_passwords import make_passwords_quick
from tests.waiting import LONG, until

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(sys.executable).parent
APPS = {"Demo practice app": "local", "Demo practice app (Canada)": "local-ca"}
LOOK_EVERY = 0.05
# Ports that were given out, each held by a socket that is bound and does not listen.
_KEPT: list[socket.socket] = []


class ServerFailed(Exception):
    """A server did not start; the message holds the end of what it said."""


class Practice:
    """Practice app and worker. `reset` puts the data back to the seed without restarting anything."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        # Another site than this app's, as in production: its frame's cookies are third-party ones.
        self.fullscript_url = sandbox.url.replace("//localhost", "//127.0.0.1")
        self.folder = folder
        self.database = folder / "practice.db"
        self.environ = os.environ | self._settings()
        self._web: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the tables and the demo's people, and keep a copy of them."""
        run([sys.executable, ROOT / "scripts" / "demo.py", "--prepare"], self.environ)
        make_passwords_quick(self.database)
        with closing(sqlite3.connect(self.database)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.database, self.folder / "seed.db")

    def start(self) -> None:
        """Start the web server and wait until it answers. Raises ServerFailed."""
        self._web = start(
            [
                BINARIES / "gunicorn",
                "--bind",
                f"127.0.0.1:{self.port}",
                "--workers",
                "1",
                "--threads",
                "8",
                "--no-control-socket",
                "app:create_app()",
            ],
            self.environ,
            self.folder / "web.log",
        )
        wait_for(f"{self.url}/healthz", self._web, self.folder / "web.log")

    def start_worker(self) -> None:
        """Start the worker. It takes up what waits, whenever it is ready."""
        command = [BINARIES / "celery", "--app", "app:celery_app", "worker", "--pool", "threads"]
        options = ["--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "warning"]
        self._worker = start([*command, *options], self.environ, self.folder / "worker.log")

    def wait_for_worker(self) -> None:
        """Return when the worker has done its first piece of work, a sweep. Raises ServerFailed."""
        until(self._has_worked, within=LONG, what="the worker's first piece of work")

    def stop(self) -> None:
        """End the web server, as a deploy does; the worker goes on."""
        end(self._web)
        self._web = None

    def stop_all(self) -> None:
        """End everything that was started."""
        self.stop()
        end(self._worker, signal.SIGKILL)  # a worker that is asked kindly takes ten seconds

    def reset(self) -> None:
        """Put every table back to the seed, and register this app in a sandbox that was put back."""
        with (
            closing(sqlite3.connect(self.folder / "seed.db")) as seed,
            closing(sqlite3.connect(self.database, timeout=10)) as live,
        ):
            seed.backup(live)
        self.registers()

    def registers(self) -> None:
        """Tell the sandbox where this app runs."""
        for app in self.sandbox.apps():
            if environment := APPS.get(app.name):
                callback = f"{self.url}/fullscript/callback/{environment}"
                self.sandbox.change_app(app, redirect_uris=[callback], origin_uris=[self.url])

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """What the database holds; for what no page shows."""
        with closing(sqlite3.connect(self.database, timeout=10)) as database:
            return database.execute(statement, values).fetchall()

    def execute(self, statement: str) -> None:
        """Change what the database holds; for what would take hours."""
        with closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            database.execute(statement)

    def logs(self) -> str:
        """Everything that web server and worker said."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def _has_worked(self) -> bool:
        if self._worker is None or self._worker.poll() is not None:
            said = (self.folder / "worker.log").read_text()
            raise ServerFailed(f"the worker does not run:\n{said[-4000:]}")
        return bool(self.rows("SELECT 1 FROM fullscript_heartbeat"))

    def _settings(self) -> dict[str, str]:
        settings = {
            "DEMO": "1",
            "INSTANCE_DIR": str(self.folder),
            "SECRET_KEY": os.urandom(32).hex(),
            "FULLSCRIPT_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "FULLSCRIPT_ENVIRONMENTS": ",".join(APPS.values()),
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "RATE_LIMIT_STORAGE_URL": "memory://",
        }
        for app in self.sandbox.apps():
            if environment := APPS.get(app.name):
                settings |= app.settings(environment) | hosts(environment, self.fullscript_url)
        return settings


def hosts(environment: str, sandbox_url: str) -> dict[str, str]:
    """The settings that say where this sandbox is."""
    prefix = "FULLSCRIPT_" + environment.upper().replace("-", "_")
    return {
        f"{prefix}_AUTHORIZE_URL": f"{sandbox_url}/oauth/authorize",
        f"{prefix}_API_URL": f"{sandbox_url}/api",
        f"{prefix}_EMBED_ORIGIN": sandbox_url,
    }


def free_port() -> int:
    """A port that nobody listens on, and that on Linux nobody else is given while this process lives."""
    probe = socket.socket()
    # Servers, which say the same, can bind the port beside this socket; who asks for any port gets another.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    port = int(probe.getsockname()[1])
    if sys.platform == "linux":
        _KEPT.append(probe)
    else:  # nobody could bind it beside
        probe.close()
    return port


def run(command: list[object], environ: dict[str, str], *, cwd: Path = ROOT) -> str:
    """Run a command to its end and return its output. Raises ServerFailed."""
    done = subprocess.run(
        list(map(str, command)), env=environ, cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ServerFailed(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def start(
    command: list[object], environ: dict[str, str], log: Path, *, cwd: Path = ROOT
) -> subprocess.Popen[bytes]:
    """Start a server that writes to *log*."""
    with log.open("ab") as output:
        return subprocess.Popen(list(map(str, command)), env=environ, cwd=cwd, stdout=output, stderr=output)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when *url* answers. Raises ServerFailed when the process ends or takes too long."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:  # not yet, or too busy to answer
            pass
        time.sleep(LOOK_EVERY)
    end(process)
    raise ServerFailed(f"{url} did not answer:\n{log.read_text()[-4000:]}")


def end(process: subprocess.Popen[bytes] | None, how: int = signal.SIGTERM) -> None:
    """End a process that was started here; doing it twice changes nothing."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)
