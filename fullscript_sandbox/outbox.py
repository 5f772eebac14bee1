"""Messages to people: what Fullscript would e-mail or text is kept here, where it can be read instead."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import Select, select

from fullscript_sandbox import lists
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import OutboxMessage

bp = Blueprint("outbox", __name__)

PAGE_SIZE = 25


def send(
    kind: str, *, clinic_id: str | None, channel: str, recipient: str, subject: str, body: str
) -> OutboxMessage:
    """Keep a message as sent now. The caller commits.

    *channel* is email or text; *kind* is one word for what it is about, such as welcome or treatment_plan.
    """
    message = OutboxMessage(
        kind=kind,
        clinic_id=clinic_id,
        channel=channel,
        recipient=recipient,
        subject=subject,
        body=body,
        created_at=now(),
    )
    db.session.add(message)
    return message


@bp.get("/outbox")
def show() -> str:
    """Every message that would have been sent, newest first."""
    messages = lists.page_of(newest_first(), PAGE_SIZE)
    return render_template("sandbox/outbox.html", messages=messages)


def newest_first() -> Select[OutboxMessage]:
    """All messages, the newest first."""
    return select(OutboxMessage).order_by(OutboxMessage.created_at.desc(), OutboxMessage.id)
