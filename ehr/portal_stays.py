"""Who of the patients is signed in. A cookie of the portal's own, which no staff page ever sees.

Nothing of it has to do with the sign-in of staff: neither opens the other's pages, also in one browser.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import abort, current_app, g, redirect, request, url_for
from sqlalchemy import delete, select
from werkzeug.wrappers import Response

from ehr.database import db, utcnow
from ehr.models import Patient
from ehr.portal_models import PatientAccount, PatientStay, hashed
from ehr.records import LARGEST_ID

COOKIE, PATH = "portal", "/portal"
SEEN_EVERY = timedelta(minutes=1)


def signed_in_account() -> PatientAccount | None:
    """The patient account of this request, or None."""
    if "portal_account" not in g:
        g.portal_account = _load(request.cookies.get(COOKIE, ""))
    account: PatientAccount | None = g.portal_account
    return account


def the_account() -> PatientAccount:
    """The patient account of this request, on routes that ask for one."""
    return signed_in_account() or abort(401)


def required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only a patient through who is signed in; others sign in first."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if signed_in_account() is None:
            wanted = request.path if request.method == "GET" else None
            return redirect(url_for("portal_access.sign_in", next=wanted))
        return view(*args, **kwargs)

    return guarded


def start(account: PatientAccount, response: Response) -> Response:
    """Sign *account* in, with a cookie on *response*. Forgets stays that are too old. Commits."""
    settings = current_app.config["SETTINGS"]
    token, hours = secrets.token_urlsafe(32), settings.session_hours
    oldest = utcnow() - timedelta(hours=hours)
    db.session.execute(
        delete(PatientStay).where(PatientStay.account_id == account.id, PatientStay.started_at < oldest)
    )
    db.session.add(PatientStay(id=hashed(token), account_id=account.id))
    db.session.commit()
    response.set_cookie(
        COOKIE,
        token,
        max_age=hours * 3600,
        path=PATH,
        secure=settings.https,
        httponly=True,
        samesite="Lax",  # a link in the practice's mail opens the portal signed in
    )
    return response


def end(response: Response) -> Response:
    """End this stay, for every copy of its cookie. Commits."""
    db.session.execute(delete(PatientStay).where(PatientStay.id == hashed(request.cookies.get(COOKIE, ""))))
    db.session.commit()
    response.delete_cookie(COOKIE, path=PATH)
    return response


def end_all(account: PatientAccount) -> None:
    """End the account's stays in all browsers. The caller commits."""
    db.session.execute(delete(PatientStay).where(PatientStay.account_id == account.id))


def my_people() -> list[Patient]:
    """Whom the signed-in patient sees: themselves, and those in their care."""
    mine = the_account().patient
    return [mine, *(one for one in mine.dependents if one.practice_id == mine.practice_id)]


def person_or_404(patient_id: int) -> Patient:
    """One of them; 404 for anybody else as for nobody."""
    if patient_id > LARGEST_ID:
        abort(404)
    return next((one for one in my_people() if one.id == patient_id), None) or abort(404)


def audit_name(account: PatientAccount) -> str:
    """Who did it, for the audit trail, where users are numbers."""
    return f"patient {account.patient_id}"


def audit_names(practice_id: int) -> list[str]:
    """The same of every patient of a practice who has an account."""
    wanted = select(PatientAccount.patient_id).join(Patient).where(Patient.practice_id == practice_id)
    return [f"patient {one}" for one in db.session.scalars(wanted)]


def _load(token: str) -> PatientAccount | None:
    if not token:
        return None
    stay = db.session.scalar(select(PatientStay).where(PatientStay.id == hashed(token)))
    now = utcnow()
    if stay is None or _has_ended(stay, now=now):
        return None
    if now - stay.seen_at > SEEN_EVERY:
        stay.seen_at = now
        db.session.commit()
    return stay.account


def _has_ended(stay: PatientStay, *, now: datetime) -> bool:
    """True under the rules for staff: nobody did anything for a while, or the longest stay is over."""
    settings = current_app.config["SETTINGS"]
    idle = timedelta(minutes=settings.session_idle_minutes)
    return now - stay.seen_at > idle or now - stay.started_at > timedelta(hours=settings.session_hours)
