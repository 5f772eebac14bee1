"""A result's file is looked at before a byte of it is shown, whatever a server sends."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from fullscript_embed import lab_pdf
from fullscript_embed.environments import Environment, Hosts
from fullscript_embed.errors import LabFileRefused, Refusal
from fullscript_embed.lab_pdf import LARGEST_BYTES, fetch
from tests.file_server import PDF, FileServer, file_server

HTML = b"<!doctype html><title>Sign in</title>"
AS_PDF, AS_HTML = {"Content-Type": "application/pdf"}, {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def files() -> Iterator[FileServer]:
    """Where this environment keeps its API and its files."""
    with file_server() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[FileServer]:
    """A host that has nothing to do with it."""
    with file_server() as server:
        yield server


def environment(files: FileServer) -> Environment:
    """A local environment at that server."""
    hosts = Hosts(f"{files.url}/oauth/authorize", f"{files.url}/api", files.url)
    return Environment("local", hosts, client_id="x", client_secret="x", public_key="x")


def fetched(files: FileServer, url: str, **options: Any) -> bytes:
    """The file's bytes. Raises what fetch raises."""
    pdf = fetch(url, environment(files), token="of-maya", read_timeout=5, **options)
    try:
        content = b"".join(pdf.pieces())
        assert len(content) == pdf.size
    finally:
        pdf.close()
    return content


def refusal_of(files: FileServer, url: str, **options: Any) -> tuple[str, int]:
    """The code and status with which a file is refused."""
    with pytest.raises(Refusal) as refused:
        fetched(files, url, **options)
    return refused.value.error_code, refused.value.http_status


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"chunked": True},
        {"length": None},
        {"headers": {"Content-Type": "Application/PDF; name=x"}},
        {"body": b"%PDF-1.4\n" + b"y" * 3 * 1024 * 1024 + b"\n%%EOF"},
    ],
    ids=["with a length", "in chunks", "until it ends", "a type with more", "larger than memory takes"],
)
def test_a_whole_pdf_is_handed_on(files: FileServer, reply: dict[str, Any]) -> None:
    """Byte for byte, however it was sent."""
    url = files.puts("/result.pdf", **reply)

    assert fetched(files, url) == reply.get("body", PDF)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"body": HTML, "headers": AS_HTML}, "not_a_pdf"),
        ({"body": HTML, "headers": AS_PDF}, "not_a_pdf"),
        ({"headers": AS_HTML}, "not_a_pdf"),
        ({"headers": {}}, "not_a_pdf"),
        ({"headers": {"Content-Type": "application/octet-stream"}}, "not_a_pdf"),
        ({"body": b""}, "not_a_pdf"),
        ({"body": b"\n" + PDF}, "not_a_pdf"),
        ({"body": gzip.compress(PDF)}, "not_a_pdf"),
        ({"headers": {**AS_PDF, "Content-Encoding": "gzip"}}, "not_a_pdf"),
        ({"length": LARGEST_BYTES + 1}, "file_too_large"),
        ({"body": PDF + b"z" * LARGEST_BYTES, "length": None}, "file_too_large"),
        (
            {
                "body": gzip.compress(b"%PDF-" + b"z" * LARGEST_BYTES),
                "headers": {**AS_PDF, "Content-Encoding": "gzip"},
            },
            "file_too_large",
        ),
        ({"body": PDF[:20_000], "length": len(PDF)}, "file_incomplete"),
        ({"body": PDF[:20_000], "chunked": True, "breaks_off": True}, "file_incomplete"),
        ({"body": PDF[:20_000], "length": None}, "file_incomplete"),
        ({"status": 404, "body": b""}, "file_gone"),
        ({"status": 410, "body": b""}, "file_gone"),
        ({"status": 401, "body": b""}, "refused"),
        ({"status": 500, "body": b""}, "refused"),
        ({"status": 206}, "refused"),
        ({"status": 302, "body": b"", "headers": {}}, "refused"),
    ],
)
def test_anything_else_is_refused(files: FileServer, reply: dict[str, Any], code: str) -> None:
    """With a code that says what is wrong with it."""
    url = files.puts("/result.pdf", **reply)

    assert refusal_of(files, url)[0] == code


def test_a_redirect_to_an_allowed_host_is_followed(files: FileServer) -> None:
    """As a service does that keeps its files elsewhere."""
    files.puts("/files/1.pdf")
    url = files.leads("/api/results/1", "/files/1.pdf")

    assert fetched(files, url) == PDF


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    files: FileServer, elsewhere: FileServer, status: int
) -> None:
    """Nobody there is asked, and nobody gets the token."""
    url = files.leads("/api/results/1", elsewhere.puts("/1.pdf"), status)

    assert refusal_of(files, url) == ("host_not_allowed", 502)
    assert elsewhere.asked == []


@pytest.mark.parametrize("target", ["//evil.example/1.pdf", "file:///etc/passwd", "http://127.0.0.1:1/1.pdf"])
def test_no_redirect_leads_out(files: FileServer, target: str) -> None:
    """However it is spelled."""
    assert refusal_of(files, files.leads("/api/results/1", target))[0] == "host_not_allowed"


def test_redirects_have_an_end(files: FileServer) -> None:
    """One that leads to itself is followed three times."""
    url = files.leads("/api/results/1", "/api/results/1")

    assert refusal_of(files, url)[0] == "not_a_pdf"
    assert len(files.asked) == 4


def test_an_address_elsewhere_is_never_asked(files: FileServer, elsewhere: FileServer) -> None:
    """Also when Fullscript itself names it."""
    assert refusal_of(files, elsewhere.puts("/1.pdf"))[0] == "host_not_allowed"
    assert elsewhere.asked == []


def test_the_api_gets_the_token_and_its_files_host_does_not(files: FileServer, elsewhere: FileServer) -> None:
    """An address that opens a file by itself needs none, and must not learn one."""
    elsewhere.puts("/1.pdf")
    hosts = Hosts("http://127.0.0.1:1/oauth", f"{files.url}/api", elsewhere.url)
    both = Environment("local", hosts, client_id="x", client_secret="x", public_key="x")

    fetch(files.leads("/api/1", f"{elsewhere.url}/1.pdf"), both, token="of-maya", read_timeout=5).close()

    assert (files.asked, elsewhere.asked) == ([("/api/1", "Bearer of-maya")], [("/1.pdf", None)])


def test_a_file_that_trickles_is_given_up(files: FileServer) -> None:
    """By a clock that stands a minute later with each look at it."""
    minutes = itertools.count()
    url = files.puts("/result.pdf")

    assert refusal_of(files, url, clock=lambda: 61.0 * next(minutes)) == ("upstream_slow", 504)


def test_a_server_that_is_away_is_said_to_be(files: FileServer) -> None:
    """And is not taken for a broken file."""
    away = environment(files)
    with file_server() as gone:
        url = gone.url
    hosts = Hosts(f"{url}/oauth", f"{url}/api", url)
    there = Environment("local", hosts, away.client_id, away.client_secret, away.public_key)

    with pytest.raises(Refusal) as refused:
        fetch(f"{url}/1.pdf", there, token="of-maya", read_timeout=5)
    assert refused.value.error_code == "upstream_unreachable"


def test_a_refusal_tells_nothing_of_the_address(files: FileServer, caplog: pytest.LogCaptureFixture) -> None:
    """It may open the file to whoever reads it."""
    url = files.puts("/secret-address.pdf?signature=s3cr3t", body=PDF[:20_000], length=len(PDF))
    with pytest.raises(LabFileRefused) as refused:
        fetched(files, url)

    assert "s3cr3t" not in str(refused.value) + repr(refused.value.__cause__) + caplog.text
    assert refused.value.__context__ is None


def test_a_refused_file_is_closed(files: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it stays on the disk, not even without a name."""
    made: list[Any] = []
    real = lab_pdf.SpooledTemporaryFile
    monkeypatch.setattr(
        lab_pdf, "SpooledTemporaryFile", lambda **options: made.append(real(**options)) or made[-1]
    )
    refusal_of(files, files.puts("/result.pdf", body=HTML))

    assert [file.closed for file in made] == [True]
