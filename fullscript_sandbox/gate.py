"""Keeps calls and resets apart: a reset waits for calls that are being answered, and calls wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from flask import Flask, current_app, g, request

# Seconds that a reset waits at most. A call that takes longer meets another world.
PATIENCE = 5


class Gate:
    """Calls go in and out; while it is shut, new ones wait. Thread-safe."""

    def __init__(self) -> None:
        self._inside = 0
        self._shut = False
        self._changed = Condition()

    def enter(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._shut)
            self._inside += 1

    def leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be a call for the time of the block."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Keep new calls out, wait for those inside, and let calls in again after the block."""
        with self._changed:
            self._changed.wait_for(lambda: not self._shut)
            self._shut = True
            self._changed.wait_for(lambda: not self._inside, PATIENCE)
        try:
            yield
        finally:
            with self._changed:
                self._shut = False
                self._changed.notify_all()


def gate() -> Gate:
    """The gate of the sandbox that is answering."""
    found: Gate = current_app.extensions["sandbox.gate"]
    return found


def init_app(app: Flask) -> None:
    """Let every call but the reset itself through a gate. Has to come before the database.

    What is torn down first is what came last: a call is outside when its database session is gone.
    """
    app.extensions["sandbox.gate"] = Gate()
    app.before_request(_enter)
    app.teardown_appcontext(_leave)


def _enter() -> None:
    if request.endpoint != "control.reset":
        gate().enter()
        g.inside_gate = True


def _leave(_error: BaseException | None) -> None:
    if g.pop("inside_gate", False):
        gate().leave()
