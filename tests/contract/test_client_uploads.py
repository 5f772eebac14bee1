"""Files go to Fullscript streamed, and only when they are what it takes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import requests

from fullscript_embed.api import FullscriptClient, RequestInvalid
from fullscript_embed.api.uploads import LARGEST_BYTES, TYPES
from fullscript_embed.testing import Sandbox
from tests.api_client import PDF, World

UPLOADS = "/api/clinic/practitioners/*/resources"


def upload(world: World, attachment: str | Path | IO[bytes], **options: Any) -> str:
    """Uploads a file, and gives the id of the resource."""
    resource = world.client.resources.create(
        world.practitioner, name="Sleep well", attachment=attachment, save_to_library=True, **options
    )
    return resource.id


@pytest.mark.parametrize("ending", TYPES)
def test_every_documented_type_can_be_uploaded(world: World, tmp_path: Path, ending: str) -> None:
    """jpg, jpeg, png, pdf, doc, xlsx and pptx are accepted by both sides."""
    path = tmp_path / f"sleep.{ending.upper()}"
    path.write_bytes(TYPES[ending][1] + b"content")
    resource = world.client.resources.retrieve(world.practitioner, upload(world, path))

    assert resource.name == "Sleep well"
    assert resource.attachment_url


def test_the_bytes_arrive_as_they_were(world: World) -> None:
    """What is downloaded again is what was uploaded."""
    content = PDF + bytes(range(256)) * 4096
    resource_id = upload(world, io.BytesIO(content), file_name="sleep.pdf", resource_type="Handout")
    resource = world.client.resources.retrieve(world.practitioner, resource_id)
    downloaded = download(world, resource.attachment_url or "")

    assert downloaded == content
    assert resource.type == "Handout"


def download(world: World, url: str) -> bytes:
    """The file behind an attachment's address."""
    token = world.client._caller._token
    assert token is not None
    answer = requests.get(url, headers={"Authorization": f"Bearer {token()}"}, timeout=30)
    return answer.content


def test_a_file_is_read_while_it_is_sent(world: World) -> None:
    """No more than a small piece of a file is in memory at a time."""
    file = Watched(PDF + bytes(5_000_000))
    upload(world, file, file_name="sleep.pdf")

    assert 0 < file.largest_read < 200_000


class Watched(io.BytesIO):
    """A file that remembers how much was read at once."""

    largest_read = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.largest_read = max(self.largest_read, len(data))
        return data


def test_a_file_is_sent_again_from_its_start(sandbox: Sandbox, world: World) -> None:
    """A second attempt carries the whole file, and so does an upload from the middle of an open one."""
    file = io.BytesIO(b"skipped" + PDF)
    file.seek(len(b"skipped"))
    assert world.practitioner
    sandbox.fault(UPLOADS, method="POST", status=429, headers={"Retry-After": "0"})
    resource = world.client.resources.retrieve(world.practitioner, upload(world, file, file_name="sleep.pdf"))

    assert download(world, resource.attachment_url or "") == PDF


class Unseekable(io.BytesIO):
    """A stream that can be read once."""

    def seekable(self) -> bool:
        return False


def cases() -> Iterator[Any]:
    """What is no attachment, and what the message says of it."""
    yield pytest.param(io.BytesIO(b"MZ"), "sleep.exe", "jpg, jpeg, png", id="another type")
    yield pytest.param(io.BytesIO(PDF), "sleep", "jpg, jpeg, png", id="no type")
    yield pytest.param(io.BytesIO(PDF), None, "jpg, jpeg, png", id="no name")
    yield pytest.param(io.BytesIO(PDF), "sleep.png", "something else", id="not what it is called")
    yield pytest.param(io.BytesIO(b""), "sleep.pdf", "has 0", id="empty")
    yield pytest.param(
        io.BytesIO(PDF + bytes(LARGEST_BYTES)), "sleep.pdf", f"1 to {LARGEST_BYTES}", id="too big"
    )
    yield pytest.param(Unseekable(PDF), "sleep.pdf", "read again", id="a stream")
    yield pytest.param("no-such-file.pdf", None, "no file", id="missing")


@pytest.mark.parametrize(("attachment", "file_name", "told"), [*cases()])
def test_what_is_no_attachment_is_refused_before_anything_is_sent(
    sandbox: Sandbox, client: FullscriptClient, attachment: Any, file_name: str | None, told: str
) -> None:
    """The message says what was wrong and what would be right."""
    with pytest.raises(RequestInvalid, match=told):
        client.resources.create(
            "practitioner", name="x", attachment=attachment, file_name=file_name, save_to_library=False
        )
    assert sandbox.calls(UPLOADS) == []
