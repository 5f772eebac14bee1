"""Which patient is signed in to the shop, in a cookie of its own.

It opens nothing of the practitioners' pages, and theirs opens nothing here: one browser can have both. Who
is signed in sees their own things and those of their dependents, and for everybody else a page is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from fullscript_sandbox import carts
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, Patient, PatientAccount
from fullscript_sandbox.patient_accounts import household
from fullscript_sandbox.session import this_address

COOKIE = "fullscript_sandbox_patient"


@dataclass(frozen=True)
class Visit:
    """Who is signed in, and the one of their household whose things are looked at."""

    owner: Patient
    patient: Patient

    @property
    def clinic(self) -> Clinic:
        return self.owner.clinic

    @property
    def household(self) -> list[Patient]:
        return household(self.owner)

    @property
    def cart_count(self) -> int:
        return carts.count(self.patient)

    @property
    def possessive(self) -> str:
        """Whose things these are, as a heading begins."""
        return "Your" if self.patient is self.owner else f"{self.patient.first_name}'s"


def signed_in() -> Patient | None:
    """The patient of this browser, or None. One look-up a request."""
    if "signed_in_patient" not in g:
        account = db.session.get(PatientAccount, _patient_id() or "")
        g.signed_in_patient = account.patient if account else None
    found: Patient | None = g.signed_in_patient
    return found


def sign_in(patient: Patient, address: str) -> Response:
    """Begin a session for *patient* and go on to *address*."""
    response = redirect(address)
    value = _serializer().dumps(patient.id)
    response.set_cookie(COOKIE, value, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def sign_out(address: str) -> Response:
    """End the session and go on to *address*."""
    response = redirect(address)
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def visit() -> Visit:
    """The visit of the request that is being answered."""
    found: Visit = g.patient_visit
    return found


def guard(shop: Blueprint) -> None:
    """Let only who is signed in for the patient of an address pass, and put slug and number into links."""
    shop.url_value_preprocessor(_take_address)
    shop.before_request(_admit)
    shop.url_defaults(_give_address)


def keep_nowhere(response: Response) -> Response:
    """Let no cache keep the page: somebody else may sit down at this browser."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _take_address(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        g.patient_slug, g.patient_number = values.pop("slug"), values.pop("number")


def _give_address(_endpoint: str, values: dict[str, Any]) -> None:
    if "patient_slug" in g:
        values.setdefault("slug", g.patient_slug)
        values.setdefault("number", g.patient_number)


def _admit() -> Response | None:
    owner = signed_in()
    if owner is None:
        door = url_for("patient.sign_in", slug=g.patient_slug)
        return redirect(f"{door}?{urlencode({'next': this_address()})}")
    person = next((one for one in household(owner) if one.number == g.patient_number), None)
    if person is None or owner.clinic.slug != g.patient_slug:
        abort(404)
    g.patient_visit = Visit(owner, person)
    return None


def _patient_id() -> str | None:
    try:
        found: Any = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return found if isinstance(found, str) else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="patient session")
