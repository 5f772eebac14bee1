"""Labs as the platform's pages browse them, and registering for them; in the United States only."""

from __future__ import annotations

from typing import Any

from flask import request

from fullscript_sandbox import catalog, lab_registration, lists
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Lab, User
from fullscript_sandbox.platform import bp, cards
from fullscript_sandbox.platform.visits import current, visit_required
from fullscript_sandbox.refusals import Invalid, NotFound

PAGE_SIZE = 20


@bp.get("/labs")
@visit_required
def search_labs() -> dict[str, Any]:
    """Labs that fit `query`, a page at a time; 404 outside the US."""
    _refuse_abroad()
    page = lists.page_of(catalog.search_labs(request.args.get("query") or None), PAGE_SIZE, lenient=True)
    return {"labs": [cards.lab(one) for one in page.items], "total": page.total, "next_page": page.next_num}


@bp.get("/labs/<lab_id>")
@visit_required
def show_lab(lab_id: str) -> dict[str, Any]:
    """One lab with its tests, sample, fasting, appointment and price."""
    _refuse_abroad()
    lab = db.session.get(Lab, lab_id)
    if lab is None:
        raise NotFound("Lab")
    return {"lab": cards.lab(lab)}


@bp.get("/labs/registration")
@visit_required
def show_registration() -> dict[str, Any]:
    """Whether the practitioner with that `practitioner_id` is registered, and what the user can do if not."""
    _refuse_abroad()
    return _registration(current().practitioner(request.args.get("practitioner_id")))


@bp.put("/labs/license")
@visit_required
def save_license() -> dict[str, Any]:
    """Keep the user's own NPI."""
    _refuse_abroad()
    user = current().user
    lab_registration.set_npi(user, _form().get("npi"))
    db.session.commit()
    return _registration(user)


@bp.post("/labs/registration")
@visit_required
def register_for_labs() -> dict[str, Any]:
    """Register the user by what they filled in and agreed to."""
    _refuse_abroad()
    user = current().user
    lab_registration.register(user, _form())
    db.session.commit()
    return _registration(user)


def _form() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise Invalid(["The body must be an object"])
    return body


def _registration(practitioner: User) -> dict[str, Any]:
    """Nobody sees another's NPI, and nobody registers another."""
    is_self = practitioner.id == current().user.id
    return {
        "practitioner": cards.practitioner(practitioner),
        "registered": lab_registration.is_registered(practitioner),
        "is_self": is_self,
        "npi": practitioner.npi if is_self else None,
    }


def _refuse_abroad() -> None:
    if not current().has_labs:
        raise NotFound("Lab")
