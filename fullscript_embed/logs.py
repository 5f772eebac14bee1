"""Log lines with ids in fields of their own, so that any formatter can put them where it likes.

Neither a token nor anything about a patient but the host's own id is ever given to a logger here.
"""

from __future__ import annotations

import logging
import re
import traceback
import uuid
from typing import Any

from flask import g, has_request_context, request

log = logging.getLogger("fullscript_embed")
# Frames of an unexpected error that are named; the last ones tell where it was.
DEEPEST = 8
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id() -> str | None:
    """The id of this request: the host's `g.request_id`, a proxy's X-Request-Id, or one of ours."""
    if not has_request_context():
        return None
    if "request_id" not in g:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _SAFE_ID.fullmatch(sent) else uuid.uuid4().hex
    return str(g.request_id)


def say(level: int, message: str, **fields: Any) -> None:
    """Log *message* with *fields*, among them this request's id."""
    log.log(level, "fullscript: %s", message, extra={"request_id": request_id(), **fields})


def say_unexpected(message: str, error: BaseException, **fields: Any) -> None:
    """Log an error that nobody expected: its type and where it was, not its text, which may quote data."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    say(logging.ERROR, message, error=type(error).__name__, where=where, **fields)
