"""What this app works together with: for each user, their Fullscript account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ehr import sign_ins
from ehr.database import db, utcnow
from ehr.errors import answer
from ehr.fullscript import environment_for, fullscript
from ehr.models import User

# Pages that are about Fullscript and nothing else, so that who is switched off has no business there.
FULLSCRIPT_ROOMS = frozenset({"chart_plans", "chart_orders", "chart_labs", "chart_links"})
SWITCHED_OFF = (
    "Fullscript is switched off for you",
    "An administrator of your practice can switch it on, on the page People.",
)

bp = Blueprint("integrations", __name__)


@bp.get("/integrations")
@sign_ins.required()
def index() -> str:
    """Show the user's own connection, and where it is made and ended."""
    return render_template(
        "integrations.html",
        connection=fullscript.connection(),
        environment=environment_for(sign_ins.the_user().practice.country),
    )


@bp.post("/integrations/invitation")
@sign_ins.required()
def dismiss_invitation() -> Response:
    """Take the invitation to connect away, for good; Integrations and the profile still lead there."""
    sign_ins.the_user().invitation_dismissed_at = utcnow()
    db.session.commit()
    return redirect(url_for("home.index"))


@bp.before_app_request
def close_rooms() -> Any:
    """Answer who is switched off with 403 and the reason, wherever a page is about Fullscript."""
    user = sign_ins.signed_in_user() if request.blueprint in FULLSCRIPT_ROOMS else None
    if user and not user.may_use_fullscript:
        return answer(403, advice=SWITCHED_OFF)
    return None


def is_invited(user: User) -> bool:
    """True at first use: for who may connect, never did, and has not sent the invitation away."""
    return (
        user.may_use_fullscript and user.invitation_dismissed_at is None and fullscript.connection() is None
    )


@bp.app_context_processor
def whether_invited() -> dict[str, Any]:
    """Let the list of patients, which is the first page for most, ask `is_invited(user)`."""
    return {"is_invited": is_invited}
