"""A record of the calls that the sandbox answered: method, path and status, never a query or a body.

Kept by the application and bounded, so that it is gone after a restart and never fills a machine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock

from flask import Flask, current_app

from fullscript_sandbox.clock import iso, now

CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was answered. `fault` names the fault that was ordered for it, if any."""

    method: str
    path: str
    status: int
    at: str | None
    request_id: str | None
    fault: str | None


class Journal:
    """The last 10,000 calls, oldest first. Safe to use from several threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._calls: deque[Call] = deque(maxlen=capacity)
        self._lock = Lock()

    def add(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)

    def note(self, method: str, path: str, status: int, *, request_id: str | None, fault: str | None) -> None:
        """Write down a call that is about to be answered."""
        self.add(Call(method, path, status, iso(now()), request_id, fault))

    def calls(self, path: str = "*") -> Iterator[Call]:
        """The calls whose path matches the glob *path*; `*` crosses slashes."""
        with self._lock:
            calls = list(self._calls)
        return (call for call in calls if fnmatchcase(call.path, path))

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()


def begin(app: Flask) -> None:
    """Give *app* an empty journal. Calls that have begun by then write into the one that they began with."""
    app.extensions["sandbox.journal"] = Journal()


def journal() -> Journal:
    """The journal of the sandbox that is answering."""
    found: Journal = current_app.extensions["sandbox.journal"]
    return found
