"""Practitioners and staff of a clinic, as an app adds and changes them. Callers commit.

Their own sign-up is in accounts.py. Whom an app adds gets an e-mail with an invitation, and has not
accepted it yet; no password is set, so that nobody can sign in as them before.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select

from fullscript_sandbox import outbox
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, PractitionerType, User
from fullscript_sandbox.patients import is_email
from fullscript_sandbox.refusals import Invalid

_MAX_TEXT = 255


def of_type(clinic: Clinic, type_: str) -> Select[User]:
    """The clinic's practitioners or staff, oldest account first."""
    return (
        select(User).where(User.clinic_id == clinic.id, User.type == type_).order_by(User.created_at, User.id)
    )


def invite(clinic: Clinic, type_: str, data: Mapping[str, Any]) -> User:
    """Add somebody and send the invitation to the outbox. Raises Invalid, with all that is wrong."""
    values = _read(data, None, type_)
    user = User(clinic_id=clinic.id, type=type_, invite_accepted=False, created_at=now(), **values)
    user.set_password(secrets.token_urlsafe(32))
    db.session.add(user)
    db.session.flush()
    _send_invitation(user, clinic)
    return user


def update(user: User, data: Mapping[str, Any]) -> User:
    """Change what *data* names and leave the rest. Raises Invalid and changes nothing when a rule breaks."""
    for name, value in _read(data, user, user.type).items():
        setattr(user, name, value)
    return user


def _read(data: Mapping[str, Any], user: User | None, type_: str) -> dict[str, Any]:
    messages: list[str] = []
    values: dict[str, Any] = {}
    for name in ("first_name", "last_name", "email"):
        if name in data or user is None:
            values[name] = _text(data.get(name), name, messages)
    if values.get("email"):
        values["email"] = values["email"].lower()
        messages += _email_messages(values["email"], user)
    if type_ == "Practitioner" and ("practitioner_type_id" in data or user is None):
        values["practitioner_type_id"] = _type_id(data.get("practitioner_type_id"), messages)
    if isinstance(data.get("metadata"), Mapping):
        values["metadata_id"] = str(data["metadata"].get("id") or "")[:_MAX_TEXT] or None
    if messages:
        raise Invalid(messages)
    return values


def _text(value: Any, name: str, messages: list[str]) -> str:
    label = name.replace("_", " ").capitalize()
    text = str(value or "").strip()
    if not text:
        messages.append(f"{label} can't be blank")
    elif len(text) > _MAX_TEXT:
        messages.append(f"{label} is too long (maximum is {_MAX_TEXT} characters)")
    elif not text.isprintable():
        messages.append(f"{label} is invalid")
    return text


def _email_messages(email: str, user: User | None) -> list[str]:
    if not is_email(email):
        return ["Email is invalid"]
    owner = db.session.scalar(select(User).where(func.lower(User.email) == email))
    return ["Email has already been taken"] if owner is not None and owner is not user else []


def _type_id(value: Any, messages: list[str]) -> str | None:
    if not value:
        messages.append("Practitioner type can't be blank")
    elif db.session.get(PractitionerType, str(value)) is None:
        messages.append("Practitioner type must exist")
    return str(value) if value else None


def _send_invitation(user: User, clinic: Clinic) -> None:
    outbox.send(
        "invitation",
        clinic_id=clinic.id,
        channel="email",
        recipient=user.email,
        subject=f"{clinic.name} invites you to Fullscript",
        body=f"Hello {user.first_name},\n\n{clinic.name} has made an account for you at Fullscript.",
    )
