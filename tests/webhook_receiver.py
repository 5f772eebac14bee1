"""A partner's endpoint for webhooks: a real HTTP server that does as Fullscript asks, or as a test orders."""

from __future__ import annotations

import json
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from fullscript_embed.testing import Sandbox, SandboxApp


@dataclass(frozen=True)
class Call:
    """One call that came in."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What to answer. `body` None is the challenge; `never` waits for the test to end; `hangs_up`.

    `after` is waited for before the answer goes out.
    """

    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    never: bool = False
    hangs_up: bool = False
    after: Event | None = None


class Receiver(AbstractContextManager["Receiver"]):
    """Answers every call with the challenge, after the replies that were ordered are used up."""

    def __init__(self) -> None:
        self.challenge = ""
        self.calls: list[Call] = []
        self._replies: deque[Reply] = deque()
        self._always: Reply | None = None
        self._lock, self.over = Lock(), Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/fullscript/webhooks"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serves(self, sandbox: Sandbox, app: SandboxApp, **changes: Any) -> SandboxApp:
        """Be the endpoint of an app."""
        self.challenge = app.challenge_token
        return sandbox.change_app(app, webhook_url=self.url, **changes)

    def replies(self, *replies: Reply) -> None:
        """Answer the next calls so."""
        self._replies.extend(replies)

    def always_replies(self, reply: Reply | None) -> None:
        """Answer every call so, until told otherwise with None."""
        self._always = reply

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of the calls that had a body, as they came."""
        bodies = [json.loads(call.body) for call in self.calls if call.body]
        return [body.get("event_payload", body)["event"] for body in bodies]

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.events]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def forgets(self) -> None:
        """Forget the calls that came."""
        self.calls.clear()

    def take(self, call: Call) -> Reply:
        """Note a call, and choose its answer."""
        with self._lock:
            self.calls.append(call)
            return self._always or (self._replies.popleft() if self._replies else Reply())


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = receiver.take(Call(body, dict(self.headers)))
            if reply.after:
                reply.after.wait(30)
            if reply.never:
                receiver.over.wait(30)
            if reply.never or reply.hangs_up:
                return
            answer = json.dumps({"challenge": receiver.challenge}).encode()
            answer = answer if reply.body is None else reply.body
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(answer)), **(reply.headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words: Any) -> None:
            """Say nothing on the terminal of the tests."""

    return Handler
