"""A patient's data, kept for the moment between the library's two calls, so that no URL carries it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import DataToken
from fullscript_sandbox.refusals import Invalid

# Fullscript publishes no number; the library uses the token at once.
LIFETIME = timedelta(minutes=10)
# The library's own words in snake_case (its types, PatientOptions); others are left out.
FIELDS = (
    "id",
    "first_name",
    "last_name",
    "email",
    "date_of_birth",
    "gender",
    "biological_sex",
    "mobile_number",
    "discount",
)
MAX_LENGTH = 255


def keep(body: Any) -> str:
    """Keep the patient's data of a tokenize body for ten minutes; the token that stands for it.

    Raises Invalid for anything but {"data": {…}} with plain values. The caller commits.
    """
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise Invalid(['The body must be JSON: {"data": {…the patient\'s fields…}}'])
    messages = [
        f"{name} must be text of at most {MAX_LENGTH} characters" for name in FIELDS if _odd(data.get(name))
    ]
    if messages:
        raise Invalid(messages)
    kept = {name: data[name] for name in FIELDS if data.get(name) not in (None, "")}
    token = secrets.token_urlsafe(32)
    db.session.add(DataToken(token=token, data=kept, created_at=now()))
    return token


def read(token: str | None) -> dict[str, Any]:
    """The data that *token* stands for; empty when it stands for none any more.

    The library sends the text "null" when its tokenize call failed (field notes, 1.25).
    """
    row = db.session.get(DataToken, token) if token else None
    if row is None or now() >= row.created_at + LIFETIME:
        return {}
    return row.data


def _odd(value: Any) -> bool:
    plain = value is None or isinstance(value, str | int | float)
    return not plain or len(str(value)) > MAX_LENGTH
