"""An HTTP client that costs next to nothing, so that a bench measures the server: one kept connection."""

from __future__ import annotations

import json
import socket
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit


class Wire:
    """One connection to a server on this machine. Speaks HTTP/1.1 as far as these servers need it."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._socket = socket.create_connection((parts.hostname, parts.port or 80))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def get(self, path: str) -> Any:
        """The JSON of a 200."""
        return self.call("GET", path)

    def call(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json", signature: str = ""
    ) -> Any:
        """The JSON of a good answer; anything else ends the bench with what came."""
        about_body = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        signed = f"Fullscript-Signature: {signature}\r\n" if signature else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{signed}{about_body}"
        self._socket.sendall(head.encode() + body)
        status, content = self._answer()
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise SystemExit(f"{method} {path}: {status} {content[:200].decode()}")
        return json.loads(content)

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _answer(self) -> tuple[int, bytes]:
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._more()
        head, _, rest = self._rest.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        lengths = [line.split(":")[1] for line in lines if line.lower().startswith("content-length:")]
        while len(rest) < int(lengths[0]):
            rest += self._more()
        self._rest = rest[int(lengths[0]) :]
        return int(lines[0].split()[1]), rest[: int(lengths[0])]

    def _more(self) -> bytes:
        received = self._socket.recv(1 << 18)
        if not received:
            raise SystemExit("the server ended the connection")
        return received
