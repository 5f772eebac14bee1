"""One attempt to tell an endpoint of an event, over HTTP.

An empty call comes first; whoever answers it with the challenge gets the event in a second call, and has
to answer with the challenge again (guide: Confirm receipt). Knows no database. http.client, because an
attempt has one deadline for the whole of an answer, follows no redirect, asks no proxy, and logs the
address that it reached.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any
from urllib.parse import urlsplit

from fullscript_sandbox.webhooks import signing

# Seconds for each of the two answers (guide: "If we receive a response within 2 seconds").
PATIENCE = 2.0
ACCEPTED = (200, 201)
# More of an answer than this is neither read nor kept, in bytes.
LONGEST_ANSWER = 16_384
AGENT = "Fullscript-Sandbox-Webhooks"


@dataclass(frozen=True)
class Endpoint:
    """Where an app wants to be told, and how it is recognized."""

    url: str
    challenge_token: str
    signature_key: str
    envelope: str = "event"

    def body(self, event: Mapping[str, Any]) -> bytes:
        """The event as it goes over the wire: under `event`, or as the guide's examples print it."""
        whole = {"event": event} if self.envelope == "event" else {"event_payload": {"event": event}}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Damage:
    """What a test wants to be wrong with an attempt."""

    bad_signature: bool = False
    unsigned: bool = False
    timestamp_offset: int = 0
    cut_body: bool = False
    skip_challenge: bool = False

    def as_row(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Answer:
    """What came back. `error` says why it does not count, None when it does."""

    status: int | None = None
    header: str | None = None
    body: str | None = None
    ip_address: str | None = None
    error: str | None = None

    @property
    def accepted(self) -> bool:
        return self.error is None


def attempt(endpoint: Endpoint, event: Mapping[str, Any], damage: Damage | None = None) -> Answer:
    """Both calls; the answer of the last one made. An endpoint that fails the first never sees the event."""
    damage = damage or Damage()
    if not damage.skip_challenge:
        first = knock(endpoint)
        if not first.accepted:
            return first
    body = endpoint.body(event)
    headers = _headers(endpoint, body, damage)
    return _call(endpoint, body[: len(body) // 2] if damage.cut_body else body, headers)


def knock(endpoint: Endpoint) -> Answer:
    """The empty call. It is not signed: whether Fullscript's is has not been seen (field notes, 1.20)."""
    return _call(endpoint, b"", {})


def _headers(endpoint: Endpoint, body: bytes, damage: Damage) -> dict[str, str]:
    """Signed with wall-clock time, whatever the sandbox's clock says: receivers compare it with theirs."""
    if damage.unsigned:
        return {}
    key = f"not {endpoint.signature_key}" if damage.bad_signature else endpoint.signature_key
    return {signing.HEADER: signing.header(body, key, int(time.time()) + damage.timestamp_offset)}


def _call(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(endpoint.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    address = None
    try:
        connection.connect()
        address = str(connection.sock.getpeername()[0])
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, _common(headers))
        answer = _read(connection, deadline)
    except TimeoutError:
        return Answer(ip_address=address, error=f"No answer within {PATIENCE:g} seconds")
    except (HTTPException, ValueError) as error:
        return Answer(ip_address=address, error=f"The answer could not be read: {type(error).__name__}")
    except OSError as error:
        return Answer(ip_address=address, error=error.strerror or str(error) or type(error).__name__)
    finally:
        connection.close()
    return _judged(endpoint, answer, address)


def _common(headers: Mapping[str, str]) -> dict[str, str]:
    fixed = {"Content-Type": "application/json", "User-Agent": AGENT, "Accept": "*/*", "Connection": "close"}
    return fixed | dict(headers)


def _read(connection: HTTPConnection, deadline: float) -> tuple[HTTPResponse, str]:
    stream: Any = _Stream(connection.sock, deadline)  # all that HTTPResponse wants of a socket
    response = HTTPResponse(stream, method="POST")
    response.begin()
    body = response.read(LONGEST_ANSWER)
    if response.length and len(body) < LONGEST_ANSWER:
        raise IncompleteRead(body, response.length)
    return response, body.decode(errors="replace")


class _Stream(RawIOBase):
    """What comes over a socket until the deadline: its own timeout would begin anew with every byte."""

    def __init__(self, source: socket, deadline: float) -> None:
        self._source, self._deadline = source, deadline

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._source.settimeout(left)
        return self._source.recv_into(buffer)


def _judged(endpoint: Endpoint, answer: tuple[HTTPResponse, str], address: str | None) -> Answer:
    response, text = answer
    error = None
    if response.status not in ACCEPTED:
        error = f"Answered {response.status}; 200 or 201 was expected"
    elif endpoint.challenge_token not in text:
        error = "The challenge token was not in the answer"
    shown = {name: value for name, value in response.getheaders() if name.lower() != "set-cookie"}
    return Answer(response.status, ruby(shown), ruby(_parsed(text)), address, error)


def _parsed(text: str) -> Any:
    """The answer as a hash where it is one, else as it came."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text


def ruby(value: Any) -> str:
    """A hash as Ruby prints it, which is how Fullscript logs answers (field notes, 1.19); text stays text."""
    return value if isinstance(value, str) else _inspected(value)


def _inspected(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_inspected(str(name))}=>{_inspected(item)}" for name, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inspected, value))}]"
    return "nil" if value is None else json.dumps(value, ensure_ascii=False)
