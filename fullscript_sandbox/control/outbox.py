"""What was sent to people, for tests to read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fullscript_sandbox import outbox
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.database import db


class SentMessage(Message):
    """An e-mail or a text message that Fullscript would have sent. `kind` says what it is about."""

    id: str
    clinic_id: str | None
    channel: Literal["email", "text"]
    kind: str
    recipient: str
    subject: str
    body: str
    created_at: datetime


class SentMessages(Message):
    messages: list[SentMessage]


@bp.get("/messages")
@speaks(gives=SentMessages)
def list_messages() -> SentMessages:
    """The last 100 messages that would have been sent, newest first."""
    found = db.session.scalars(outbox.newest_first().limit(100))
    names = SentMessage.model_fields
    return SentMessages(
        messages=[SentMessage(**{name: getattr(one, name) for name in names}) for one in found]
    )
