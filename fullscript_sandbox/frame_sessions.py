"""Signed-in Embed frames. A frame's key lives in its page alone, so no cookie of anybody is touched."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import FrameSession, Patient, SessionGrant, Token, User

LIFETIME = timedelta(hours=8)


def start(grant: SessionGrant, patient_data: dict[str, Any], *, entrypoint: str) -> FrameSession:
    """Sign a frame in as the user of a claimed grant. The caller commits.

    A patient whose id is in *patient_data* is taken as chosen when the clinic has it (guide: "If there's
    a match on patient id, the patient selection screen is skipped").
    """
    user = grant.user
    patient = patient_of(user, patient_data.get("id"))
    session = FrameSession(
        key=secrets.token_urlsafe(32),
        app=grant.app,
        user=user,
        practitioner_id=None if user.picks_practitioner else user.id,
        patient_id=patient.id if patient else None,
        patient_data={name: value for name, value in patient_data.items() if name != "id"},
        entrypoint="labs" if entrypoint == "labs" and user.clinic.country == "US" else "catalog",
        created_at=now(),
    )
    db.session.add(session)
    return session


def find(key: str) -> FrameSession | None:
    """The frame signed in with *key*; None when there is none, eight hours on, or once access was revoked."""
    session = db.session.get(FrameSession, key)
    if session is None or now() >= session.created_at + LIFETIME or not _may_go_on(session):
        return None
    return session


def patient_of(user: User, patient_id: Any) -> Patient | None:
    """The patient with that id in the user's clinic, if there is one and it is not archived."""
    if not isinstance(patient_id, str):
        return None
    patient = db.session.get(Patient, patient_id)
    if patient is None or patient.clinic_id != user.clinic_id or patient.archived:
        return None
    return patient


def _may_go_on(session: FrameSession) -> bool:
    """True while the user still grants the app access: one token that nobody revoked."""
    owner = or_(Token.user_id == session.user_id, Token.clinic_id == session.user.clinic_id)
    if session.app.level != "clinic":
        owner = or_(Token.user_id == session.user_id)
    query = select(exists().where(Token.app_id == session.app_id, owner, Token.revoked_at.is_(None)))
    return bool(db.session.scalar(query))
