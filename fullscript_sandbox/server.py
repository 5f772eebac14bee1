"""Serving the sandbox: one gunicorn worker with threads, because clock, faults and journal are its memory."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from fullscript_sandbox.app import create_sandbox
from fullscript_sandbox.database import db
from fullscript_sandbox.settings import THREADS, Settings, is_loopback
from fullscript_sandbox.webhooks.dispatcher import dispatcher

BACKLOG = 512


class AddressTaken(OSError):
    """Something else listens there already; the message says what to do."""


def serve(settings: Settings, *, watch_stdin: bool = False) -> None:
    """Serve until SIGINT or SIGTERM, or with *watch_stdin* until standard input ends. Never returns.

    Binds before anything else, and says "ready" on standard output once it answers.
    Raises AddressTaken.
    """
    listener = bind(settings)
    app = create_sandbox(replace(settings, port=listener.getsockname()[1]))
    _Server(app, listener, watch_stdin=watch_stdin).run()


def bind(settings: Settings) -> socket.socket:
    """A socket that listens on the settings' address; port 0 takes any free one. Raises AddressTaken."""
    host = "127.0.0.1" if settings.host == "localhost" else settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, settings.port))
    except OSError as error:
        listener.close()
        raise _explained(error, settings) from error
    listener.listen(BACKLOG)
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL that reaches *listener* from this machine: loopback is called localhost, as in the docs."""
    host, port = listener.getsockname()[:2]
    if host == "127.0.0.1":
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _explained(error: OSError, settings: Settings) -> OSError:
    if error.errno == errno.EADDRINUSE:
        return AddressTaken(
            f"Port {settings.port} on {settings.host} is taken by another program. "
            "End that one, or choose another port with --port or SANDBOX_PORT."
        )
    return AddressTaken(f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror}.")


class _QuickArbiter(Arbiter):
    # Nobody waits for an answer of a sandbox that is told to end, and kept-alive connections
    # would hold a graceful end up. A closed terminal means the end too, and not another start.
    handle_term = Arbiter.handle_int
    handle_hup = Arbiter.handle_int


class _Server(BaseApplication):
    def __init__(self, app: Flask, listener: socket.socket, *, watch_stdin: bool) -> None:
        self._app, self._listener, self._watch_stdin = app, listener, watch_stdin
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"fd://{os.dup(self._listener.fileno())}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 0,  # a delay that was ordered may be long, and a new worker would forget the clock
            "graceful_timeout": 1,
            "keepalive": 30,
            "control_socket_disable": True,
            "loglevel": "warning",
            "preload_app": True,
            "post_fork": lambda _arbiter, _worker: self._start_worker(),
            "worker_int": lambda _worker: os._exit(0),  # waits for no thread; data is safe at any moment
            "post_worker_init": lambda _worker: self._announce(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        return self._app

    def run(self) -> None:
        _QuickArbiter(self).run()

    def _start_worker(self) -> None:
        with self._app.app_context():
            db.engine.dispose(close=False)  # connections do not survive a fork
            dispatcher().start()
        if self._watch_stdin:
            Thread(target=_end_with_stdin, args=[os.getppid()], daemon=True).start()

    def _announce(self) -> None:
        address = address_of(self._listener)
        print(f"Fullscript sandbox ready on {address}", flush=True)  # noqa: T201 -- the program's own output
        settings: Settings = self._app.config["SANDBOX"]
        if not is_loopback(settings.host):
            print("Other machines can reach it, and its control plane has no password.", flush=True)  # noqa: T201


def _end_with_stdin(arbiter: int) -> None:
    """End when whoever started us is gone, so that a killed test run leaves no server behind."""
    while os.read(0, 1024):
        pass
    if os.getppid() == arbiter:  # else that was killed, and its number is somebody else's by now
        os.kill(arbiter, signal.SIGTERM)
    else:
        os._exit(1)
