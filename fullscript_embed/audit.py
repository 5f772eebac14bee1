"""Who did what, kept in a table of its own. Ids only: no names, no tokens, no payloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from fullscript_embed.clock import utcnow
from fullscript_embed.logs import request_id
from fullscript_embed.models import AuditEntry

# Put together once.
_INSERT = insert(cast("Table", AuditEntry.__table__))


def record(
    session: Session,
    action: str,
    *,
    user_id: str | None,
    environment: str | None = None,
    patient_id: str | None = None,
    details: Mapping[str, str | int | None] | None = None,
) -> None:
    """Add an entry to *session*; it is kept when the caller commits, with what it tells about."""
    entry = {
        "at": utcnow(),
        "user_id": user_id,
        "action": action,
        "environment": environment,
        "patient_id": patient_id,
        "details": {name: str(value) for name, value in (details or {}).items() if value is not None},
        "request_id": request_id(),
    }
    session.execute(_INSERT, entry)


def trail(
    session: Session,
    limit: int = 100,
    *,
    user_ids: Sequence[str] | None = None,
    action: str | None = None,
    patient_id: str | None = None,
    before: int | None = None,
) -> list[AuditEntry]:
    """The newest entries that fit, newest first; *before* is the id of an entry, for the page after it."""
    wanted = [
        condition
        for given, condition in (
            (user_ids, AuditEntry.user_id.in_(user_ids or ())),
            (action, AuditEntry.action == action),
            (patient_id, AuditEntry.patient_id == patient_id),
            (before, AuditEntry.id < (before or 0)),
        )
        if given is not None
    ]
    return list(
        session.scalars(select(AuditEntry).where(*wanted).order_by(AuditEntry.id.desc()).limit(limit))
    )
