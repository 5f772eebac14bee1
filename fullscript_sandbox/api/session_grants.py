"""Session grants: what lets an Embed frame in (guide: "Session grant endpoint")."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request
from werkzeug.exceptions import BadRequest

from fullscript_sandbox import grants
from fullscript_sandbox.accounts import TYPES
from fullscript_sandbox.api import bp, rate_limit
from fullscript_sandbox.bearer import bearer_required
from fullscript_sandbox.clock import iso
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, SessionGrant, User
from fullscript_sandbox.refusals import Invalid, NotFound


@bp.post("/clinic/embeddable/session_grants")
@bearer_required("clinic:write")
def create_session_grant() -> Response:
    """A grant for the token's user, good once and for 120 seconds.

    A clinic's token does not say who works, so for clinic-level apps `user_id` and `user_type` do. 200,
    not 201, and a bare object: live clients depend on both (field notes, 1.15).
    """
    rate_limit.check(g.token.app_id)
    named = g.token.app.level == "clinic"
    grant = grants.create(g.token.app, _named_user(g.token.clinic) if named else g.token.user)
    db.session.commit()
    response = jsonify(_shape(grant))
    response.headers["Cache-Control"] = "no-store"
    return response


def _shape(grant: SessionGrant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "secret_token": grant.secret_token,
        "claimed_at": iso(grant.claimed_at),
        "expires_at": iso(grant.expires_at),
        "user": {"type": grant.user.type, "id": grant.user.id},
    }


def _named_user(clinic: Clinic) -> User:
    """The user that the body names. Raises Invalid, or NotFound for somebody of another clinic."""
    body = _body()
    user_id, user_type = (str(body.get(name) or "") for name in ("user_id", "user_type"))
    messages = [] if user_id else ["User id can't be blank"]
    if not user_type:
        messages.append("User type can't be blank")
    elif user_type not in TYPES:
        messages.append("User type is not included in the list")
    if messages:
        raise Invalid(messages)
    user = db.session.get(User, user_id)
    if user is None or user.clinic_id != clinic.id or user.type != user_type:
        raise NotFound("User")
    return user


def _body() -> dict[str, Any]:
    body = request.get_json() if request.is_json and request.get_data() else request.form.to_dict()
    if not isinstance(body, dict):
        raise BadRequest
    return body
