"""Files on their way to Fullscript: checked first, then streamed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from requests_toolbelt import MultipartEncoder

from fullscript_embed.api.errors import RequestInvalid
from fullscript_embed.api.transport import Body

# What Fullscript takes (guide: Create a resource), and how the content of each begins.
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: Mapping[str, tuple[str, bytes]] = {
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "pdf": ("application/pdf", b"%PDF-"),
    "doc": ("application/msword", _OLE),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "pptx": (f"{_OFFICE}.presentationml.presentation", _ZIP),
}
# Fullscript documents no limit. This keeps a wrong file, a video or an archive, from going out for minutes.
LARGEST_BYTES = 20 * 1024 * 1024


@contextmanager
def opened(
    attachment: str | Path | IO[bytes], file_name: str | None = None
) -> Iterator[tuple[IO[bytes], str]]:
    """The file and its name. A path is opened here and closed again; an open file stays open."""
    if isinstance(attachment, (str, Path)):
        path = Path(attachment)
        if not path.is_file():
            raise RequestInvalid(f"There is no file {path.name!r} to attach")
        with path.open("rb") as file:
            yield file, file_name or path.name
    else:
        yield attachment, file_name or Path(str(getattr(attachment, "name", ""))).name


def content_type_of(file: IO[bytes], file_name: str) -> str:
    """Check name, size and beginning of *file*, read from where it stands.

    Raise RequestInvalid if one is wrong.
    """
    ending = Path(file_name).suffix.removeprefix(".").lower()
    if ending not in TYPES:
        raise RequestInvalid(
            f"An attachment must be one of {', '.join(TYPES)}, and its name says so; got {ending!r}"
        )
    if not file.seekable():
        raise RequestInvalid("An attachment must be a file that can be read again, for a second attempt")
    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    if not 0 < size <= LARGEST_BYTES:
        raise RequestInvalid(f"An attachment must have 1 to {LARGEST_BYTES} bytes; this one has {size}")
    content_type, beginning = TYPES[ending]
    begins = file.read(len(beginning))
    file.seek(start)
    if begins != beginning:
        raise RequestInvalid(f"The attachment is called .{ending} and its content is something else")
    return content_type


class _Rest:
    """What is left of a file from where it stands, as the encoder reads it: `len` and `read`.

    Handed the file itself, the encoder would take a BytesIO whole, from its start.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        start = file.tell()
        self.len = file.seek(0, os.SEEK_END) - start
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.len -= len(data)
        return data


def multipart(fields: Mapping[str, str], file: IO[bytes], file_name: str) -> Body:
    """A multipart body that streams *file* from where it stands, anew for each attempt."""
    content_type = content_type_of(file, file_name)
    start = file.tell()

    def stream() -> tuple[Any, str]:
        file.seek(start)
        encoder = MultipartEncoder({**fields, "attachment": (file_name, _Rest(file), content_type)})
        return encoder, encoder.content_type

    return Body(stream=stream)
