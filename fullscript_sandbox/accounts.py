"""Accounts of practitioners and staff: signing in, signing up, joining a clinic."""

from __future__ import annotations

import re
import secrets
import unicodedata

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id, write_alone
from fullscript_sandbox.models import Clinic, User
from fullscript_sandbox.refusals import Invalid

COUNTRIES = {"US": "United States", "CA": "Canada"}
TYPES = ("Practitioner", "Staff")
SHORTEST_PASSWORD = 8


def find(email: str) -> User | None:
    """The account with this e-mail address, however it is spelled in capitals."""
    return db.session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def check(email: str, password: str) -> User | None:
    """The account that *email* and *password* open together, else None."""
    user = find(email)
    return user if user is not None and user.has_password(password) else None


def open_clinic(name: str, country: str, owner: User) -> Clinic:
    """A new clinic that *owner*, a new practitioner, owns. The caller commits."""
    clinic = Clinic(id=new_id(), name=name.strip(), slug=_free_slug(name), country=country, created_at=now())
    owner.is_owner, owner.clinic = True, clinic
    db.session.add(clinic)
    return clinic


def new_user(
    *, first_name: str, last_name: str, email: str, password: str, user_type: str = "Practitioner"
) -> User:
    """An account, not yet of any clinic. The caller gives it one and commits.

    Raises Invalid, with all that is wrong. Nobody else takes the address before the commit. Test accounts
    are approved at once, as in the real sandbox.
    """
    write_alone()
    messages = [
        f"{label} can't be blank"
        for label, value in (("First name", first_name), ("Last name", last_name))
        if not value.strip()
    ]
    messages += [message for message in (email_problem(email), password_problem(password)) if message]
    if user_type not in TYPES:
        messages.append(f"Type has to be one of {', '.join(TYPES)}")
    if messages:
        raise Invalid(messages)
    user = User(id=new_id(), type=user_type, email=email.strip().lower(), created_at=now())
    user.first_name, user.last_name = first_name.strip(), last_name.strip()
    user.set_password(password)
    return user


def email_problem(email: str) -> str | None:
    """Why *email* cannot be a new account's address, or None."""
    try:
        validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError:
        return "Email is invalid"
    return "Email has already been taken" if find(email) else None


def password_problem(password: str) -> str | None:
    if len(password) < SHORTEST_PASSWORD:
        return f"Password is too short (minimum is {SHORTEST_PASSWORD} characters)"
    return None


def _free_slug(name: str) -> str:
    """The clinic's name as an address may have it; with a tail when another clinic has the same."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "", plain) or "clinic"
    taken = db.session.scalar(select(Clinic.id).where(Clinic.slug == slug))
    return f"{slug}-{secrets.token_hex(3)}" if taken else slug
