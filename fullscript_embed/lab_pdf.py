"""The PDF of a lab result: fetched by the server, and looked at from end to end before a byte of it goes out.

Fullscript gives an address and does not document where it leads. So only known hosts are asked, by https; a
redirect is followed to them alone; the token goes to the API and nowhere else; and what comes has to be a
whole PDF of a reasonable size. Where the page of an error came instead, nobody is shown it as a result.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import urljoin

import requests

from fullscript_embed import lab_addresses
from fullscript_embed.environments import Environment
from fullscript_embed.errors import LabFileRefused, Refusal, UpstreamFailed
from fullscript_embed.logs import say
from fullscript_embed.upstream import CONNECT_TIMEOUT

LARGEST_BYTES = 25 * 1024 * 1024
# What is larger is put into a file without a name, which is gone when it is closed.
IN_MEMORY = 1024 * 1024
PIECE = 16 * 1024
MOST_REDIRECTS = 3
# For all of it, however steadily it trickles; a person waits meanwhile.
LONGEST_SECONDS = 60.0
BEGINS, ENDS, END_WITHIN = b"%PDF-", b"%%EOF", 1024
_GONE = {404, 410}


@dataclass(frozen=True, slots=True)
class PdfFile:
    """A whole PDF that was looked at. Whoever has it closes it."""

    file: IO[bytes]
    size: int

    def pieces(self) -> Iterator[bytes]:
        """Its content, a piece at a time."""
        while piece := self.file.read(PIECE):
            yield piece

    def close(self) -> None:
        self.file.close()


def fetch(
    url: str,
    environment: Environment,
    *,
    token: str,
    read_timeout: float,
    clock: Callable[[], float] = time.monotonic,
) -> PdfFile:
    """Fetch the PDF at *url* and check it. Raises LabFileRefused, or UpstreamFailed when nothing came."""
    ends_at = clock() + LONGEST_SECONDS
    with requests.Session() as session:
        session.trust_env = not environment.is_local  # a proxy has nothing to say about this machine
        try:
            with closing(_ask(session, url, environment, token=token, read_timeout=read_timeout)) as answer:
                _check_head(answer)
                return _keep(answer, ends_at, clock)
        except requests.Timeout:
            failure: Refusal = _slow()
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            failure = _broken(error)
        except (requests.RequestException, ValueError):
            failure = LabFileRefused()
    # Not chained: the text of such an error holds the address, which may open the file to whoever has it.
    raise failure


def _ask(
    session: requests.Session, url: str, environment: Environment, *, token: str, read_timeout: float
) -> requests.Response:
    """The first answer that is no redirect."""
    for _ in range(MOST_REDIRECTS + 1):
        if not lab_addresses.is_allowed(url, environment):
            host = lab_addresses.host_of(url)
            say(logging.WARNING, "a result is on a host that is not allowed", host=host)
            raise LabFileRefused(
                "This result is kept at an address that this application does not trust, so it is not "
                "fetched. Whoever looks after the integration can find the host in the log.",
                code="host_not_allowed",
            )
        for_api = lab_addresses.is_api(url, environment)
        answer = session.get(
            url,
            headers={"Accept": "application/pdf", "Accept-Encoding": "identity"},
            auth=_Bearer(token if for_api else None),
            timeout=(CONNECT_TIMEOUT, read_timeout),
            allow_redirects=False,
            stream=True,
        )
        if not answer.is_redirect:
            return answer
        answer.close()
        url = urljoin(url, answer.headers["Location"])
    raise LabFileRefused


def _check_head(answer: requests.Response) -> None:
    """Refuse what need not be read to be known for no PDF that can be shown."""
    if answer.status_code in _GONE:
        raise LabFileRefused(
            "Fullscript no longer has this file. Check for new results.", status=404, code="file_gone"
        )
    if answer.status_code != requests.codes.ok:
        say(logging.WARNING, "a result could not be fetched", status=answer.status_code)
        raise UpstreamFailed("Fullscript did not give out the file of this result. Try again in a moment.")
    if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/pdf":
        raise LabFileRefused
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > LARGEST_BYTES:
        raise _too_large()


def _keep(answer: requests.Response, ends_at: float, clock: Callable[[], float]) -> PdfFile:
    """All of it, once its beginning, size and end are right."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- whoever gets it closes it
    try:
        size, tail = 0, b""
        for piece in answer.iter_content(PIECE):
            file.write(piece)
            size, tail = size + len(piece), (tail + piece)[-END_WITHIN:]
            _check_limits(size, is_late=clock() > ends_at)
        file.seek(0)
        _check_ends(file.read(len(BEGINS)), tail)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return PdfFile(file, size)


def _check_limits(size: int, *, is_late: bool) -> None:
    if size > LARGEST_BYTES:
        raise _too_large()
    if is_late:
        raise _slow()


def _check_ends(beginning: bytes, tail: bytes) -> None:
    if beginning != BEGINS:
        raise LabFileRefused
    if ENDS not in tail:
        raise _cut_off()


class _Bearer(requests.auth.AuthBase):
    """Sets the token. Being an `auth`, it also keeps requests from taking a password out of a .netrc file."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _broken(error: requests.RequestException) -> Refusal:
    """What began and did not end is cut off; what did not begin could not be reached."""
    began = isinstance(error, requests.exceptions.ChunkedEncodingError) or "Read timed out" in str(error)
    if began:
        return _cut_off()
    return UpstreamFailed(
        "Fullscript cannot be reached at the moment. Try again soon.", code="upstream_unreachable"
    )


def _cut_off() -> LabFileRefused:
    return LabFileRefused(
        "Only a part of the file arrived, so it is not shown. Try again in a moment.", code="file_incomplete"
    )


def _too_large() -> LabFileRefused:
    return LabFileRefused(
        f"The file is larger than {LARGEST_BYTES // 2**20} MB, so it is not shown. Open it in Fullscript.",
        code="file_too_large",
    )


def _slow() -> UpstreamFailed:
    return UpstreamFailed(
        "Fullscript took too long to send the file. Try again in a moment.", status=504, code="upstream_slow"
    )
