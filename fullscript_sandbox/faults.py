"""Faults that a test ordered: the next answers of a path come late, broken, with another status, or never.

Kept by the application: a restart forgets them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from socket import SHUT_RDWR, socket
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, g, request

from fullscript_sandbox import journal

CONTROL = "/_sandbox"


@dataclass
class Fault:
    """What goes wrong with the next `times` calls that match.

    With a `status` the call is not carried out; `body` is sent as it is when it is a string, else as
    JSON. `delay_seconds` passes before anything else. With `malformed` or `drop` the call is carried
    out, and then half of the answer is sent, as if it were whole (`malformed`) or before the connection
    ends (`drop`): that is how an answer gets lost on its way. `headers` are added in any case.
    """

    path: str
    method: str | None = None
    times: int = 1
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    drop: bool = False
    malformed: bool = False
    id: int = 0

    def matches(self, method: str, path: str) -> bool:
        return self.method in {None, method} and fnmatchcase(path, self.path)

    @property
    def name(self) -> str:
        """One word for the journal."""
        words = {
            "drop": self.drop,
            "malformed": self.malformed,
            "status": self.status,
            "delay": self.delay_seconds,
        }
        return next((word for word, given in words.items() if given), "headers")

    def answer(self) -> Response | None:
        """The answer to give instead of the real one, if a status was ordered."""
        if self.status is None:
            return None
        if isinstance(self.body, str):
            return Response(self.body, self.status, content_type="text/plain; charset=utf-8")
        text = "" if self.body is None else json.dumps(self.body)
        return Response(text, self.status, content_type="application/json")


class Faults:
    """The faults that are still to come, in the order in which they were ordered. Thread-safe."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = count(1)
        self._lock = Lock()

    def order(self, fault: Fault) -> Fault:
        with self._lock:
            fault.id = next(self._ids)
            self._faults.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that matches the call, used up by one."""
        with self._lock:
            fault = next((fault for fault in self._faults if fault.matches(method, path)), None)
            if fault:
                fault.times -= 1
                self._faults = [fault for fault in self._faults if fault.times > 0]
        return fault

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()


def faults() -> Faults:
    """The faults of the sandbox that is answering."""
    found: Faults = current_app.extensions["sandbox.faults"]
    return found


def init_app(app: Flask) -> None:
    """Put faults and the journal around every call but those of the control plane.

    Has to come before anything else that registers hooks: first in, last out.
    """
    journal.begin(app)
    app.extensions["sandbox.faults"] = Faults()
    app.before_request(_before)
    app.after_request(_after)


def _before() -> Response | None:
    g.journal = journal.journal()
    g.fault = None if _is_control() else faults().take(request.method, request.path)
    if g.fault is None:
        return None
    time.sleep(g.fault.delay_seconds)
    answer: Response | None = g.fault.answer()
    return answer


def _after(response: Response) -> Response:
    if _is_control():
        return response
    fault: Fault | None = g.get("fault")
    if fault:
        _spoil(response, fault)
    request_id = response.headers.get("X-Request-Id")
    name = fault.name if fault else None
    # Into the journal from before, if everything was reset meanwhile: this call is none of the new world's.
    g.journal.note(request.method, request.path, response.status_code, request_id=request_id, fault=name)
    return response


def _is_control() -> bool:
    return request.path == CONTROL or request.path.startswith(f"{CONTROL}/")


def _spoil(response: Response, fault: Fault) -> None:
    response.headers.update(fault.headers)
    if not (fault.malformed or fault.drop):
        return
    response.direct_passthrough = False
    whole = response.get_data()
    half = whole[: len(whole) // 2]
    if fault.malformed:
        response.set_data(half or b"{")
        return
    connection: socket = request.environ["gunicorn.socket"]
    if request.method == "HEAD" or not half:  # its head would be the whole answer
        connection.shutdown(SHUT_RDWR)
    response.response = _cut_off(half, connection)
    response.headers["Content-Length"] = str(len(whole))


def _cut_off(half: bytes, connection: socket) -> Iterator[bytes]:
    yield half
    connection.shutdown(SHUT_RDWR)
