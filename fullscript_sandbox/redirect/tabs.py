"""The links of the API's dynamic links, as pages: the platform's own, in a full tab (guide: Redirect).

Signing in comes first when needed, and leads back to the link. A link that does not open for whoever is
signed in shows why, and tells nothing of other clinics' and colleagues' plans.
"""

from __future__ import annotations

import base64
import binascii
import re

from flask import Response, make_response, render_template, request
from flask_wtf.csrf import generate_csrf

from fullscript_sandbox import redirect_tabs
from fullscript_sandbox.database import db
from fullscript_sandbox.models import User
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.redirect import bp
from fullscript_sandbox.redirect_tabs import LinkRefused, Opening
from fullscript_sandbox.session import login_required, signed_in_user, this_address

_PLAN_CODE = re.compile(rb"TreatmentPlan-(\d{1,15})")
_STATUS = {"unknown": 404, "cancelled": 410, "country": 403}


@bp.get("/o/treatment_plans/new")
@login_required
def new_plan() -> Response:
    """Find or add the patient, then write the plan, for the app whose client_id the link carries."""
    return _tab(redirect_tabs.new_plan_key(request.args.get("client_id", "")))


@bp.get("/o/treatment_plans/<code>/edit")
@login_required
def edit_plan(code: str) -> Response:
    """Go on with a draft, or change an active plan."""
    found = _PLAN_CODE.fullmatch(_decoded(code))
    entrypoint = "labs" if request.args.get("entrypoint") == "labs" else "catalog"
    return _tab(redirect_tabs.plan_key(int(found[1]) if found else 0, entrypoint))


@bp.get("/o/gateway/treatment_plans/<token>")
@login_required
def match_patient(token: str) -> Response:
    """The plan for whom the app described: matched, chosen among candidates, or added."""
    return _tab(redirect_tabs.gateway_key(token))


def _tab(key: str) -> Response:
    """The platform's page for the link, or the page that says why it does not open."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- login_required has seen to it
    try:
        opening = redirect_tabs.open_link(key, user)
    except LinkRefused as refusal:
        return _private(_refusal(refusal, user))
    if opening.patient is not None and opening.plan is None:
        redirect_tabs.keep_external_id(opening, opening.patient)
        db.session.commit()
    return _private(_platform(opening, user))


def _platform(opening: Opening, user: User) -> Response:
    page = {"link": opening.key, "csrfToken": generate_csrf()}
    names = {"user": user, "app": opening.app, "form": ConfirmForm(), "back": this_address()}
    return make_response(render_template("platform/tab.html", page=page, **names))


def _refusal(refusal: LinkRefused, user: User) -> Response:
    names = {"user": user, "form": ConfirmForm(), "back": this_address()}
    page = render_template("redirect/refused.html", refusal=refusal, **names)
    return make_response(page, _STATUS[refusal.reason])


def _private(response: Response) -> Response:
    """Keep patients' names out of every cache, and the link's token out of other sites' logs."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _decoded(code: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return b""
