"""How often the webhook door refused a call, by reason: for people who wonder why nothing arrives.

Anybody can have a call refused, so a flood of them must not become a flood of writes: each process writes a
few times a second and adds up what comes between. What it has added up when it is killed is not counted.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from fullscript_embed.clock import utcnow
from fullscript_embed.logs import say
from fullscript_embed.models import WebhookRefusal
from fullscript_embed.state import current


@dataclass(frozen=True, slots=True)
class Refused:
    """How often calls of an environment's webhook were refused for this reason, and when the last one was."""

    environment: str
    reason: str
    count: int
    last_at: datetime


def count(environment: str, reason: str) -> None:
    """Log and count a refusal. Commits. Never raises: the refusal itself must not depend on the database."""
    say(logging.WARNING, "a webhook was refused", environment=environment, reason=reason)
    _write(current().refused.add(environment, reason, second=int(time.monotonic())))


def summary() -> list[Refused]:
    """All refusals, the latest first."""
    _write(current().refused.take())
    rows = current().db_session.scalars(select(WebhookRefusal).order_by(WebhookRefusal.last_at.desc()))
    return [Refused(row.environment, row.reason, row.count, row.last_at) for row in rows]


def _write(counts: Counter[tuple[str, str]]) -> None:
    session = current().db_session
    for (environment, reason), number in counts.items():
        try:
            _add(environment, reason, number)
        except SQLAlchemyError as error:
            session.rollback()
            say(logging.WARNING, "a refusal could not be counted", error=type(error).__name__)


def _add(environment: str, reason: str, number: int) -> None:
    session, now = current().db_session, utcnow()
    known = update(WebhookRefusal).where(
        WebhookRefusal.environment == environment, WebhookRefusal.reason == reason
    )
    more = known.values(count=WebhookRefusal.count + number, last_at=now)
    if not session.execute(more).rowcount:  # type: ignore[attr-defined]  # an update's result has it
        session.add(WebhookRefusal(environment=environment, reason=reason, count=number, last_at=now))
    try:
        session.commit()
    except IntegrityError:  # another process counted its first one in the same moment
        session.rollback()
        session.execute(more)
        session.commit()
