"""A server of files that gives a client a hard time, on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PDF = b"%PDF-1.7\n" + b"x" * 40_000 + b"\n%%EOF\n"


@dataclass
class Reply:
    """What it answers. *length* is the Content-Length that it claims, None for none; *chunked* sends the
    body in chunks and, when *breaks_off*, ends before the last one."""

    body: bytes = PDF
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/pdf"})
    length: int | None = -1
    chunked: bool = False
    breaks_off: bool = False


class FileServer:
    """Answers each path as it was told to; *asked* is each path with the token that came along."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, str | None]] = []

    def puts(self, path: str, **reply: Any) -> str:
        """Answer that path so; its address."""
        self.replies[path] = Reply(**reply)
        return self.url + path

    def leads(self, path: str, location: str, status: int = 302) -> str:
        """Redirect that path."""
        return self.puts(path, body=b"", status=status, headers={"Location": location})


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Start one, and end it with the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            files.asked.append((self.path, self.headers["Authorization"]))
            _answer(self, files.replies.get(self.path, Reply(b"", 404, {})))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    files = FileServer(server)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield files
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if reply.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    elif reply.length is not None:
        handler.send_header("Content-Length", str(len(reply.body) if reply.length < 0 else reply.length))
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    try:
        if reply.chunked:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(reply.body), reply.body))
            handler.wfile.write(b"" if reply.breaks_off else b"0\r\n\r\n")
        else:
            handler.wfile.write(reply.body)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it had seen enough
