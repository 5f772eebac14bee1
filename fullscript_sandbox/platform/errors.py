"""What the platform's pages are told when something cannot be done.

{"error": {"code": "…", "message": "…", "messages": ["…"], "fields": {"email": ["…"]}}}
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from fullscript_sandbox.database import db
from fullscript_sandbox.platform import bp
from fullscript_sandbox.platform.visits import TabEnded, VisitEnded
from fullscript_sandbox.redirect_tabs import LinkRefused
from fullscript_sandbox.refusals import Invalid, NotFound, WrongState

# How messages about a patient or a registration begin, and the form's field that they belong to.
FIELDS = {
    "First name": "first_name",
    "Last name": "last_name",
    "Email": "email",
    "Date of birth": "date_of_birth",
    "Gender": "gender",
    "Mobile number": "mobile_number",
    "Discount": "discount",
    "NPI": "npi",
    "Signature": "signature",
}


def failure(status: int, code: str, message: str, **more: Any) -> Response:
    """The one shape of a failure."""
    db.session.rollback()
    response = jsonify({"error": {"code": code, "message": message, "messages": [], "fields": {}, **more}})
    response.status_code = status
    return response


@bp.errorhandler(Invalid)
def invalid(error: Invalid) -> Response:
    """Data that breaks rules: the page shows each message, at its field where it has one."""
    fields: dict[str, list[str]] = {}
    for message in error.messages:
        label = next((label for label in FIELDS if message.startswith(f"{label} ")), None)
        if label:
            fields.setdefault(FIELDS[label], []).append(message)
    return failure(422, "invalid", "Please check what you entered.", messages=error.messages, fields=fields)


@bp.errorhandler(NotFound)
def not_found(error: NotFound) -> Response:
    """A record that is not this clinic's, or not there any more."""
    return failure(404, "not_found", f"{error.what} was not found. It may have been removed.")


@bp.errorhandler(WrongState)
def wrong_state(error: WrongState) -> Response:
    """Somebody else was faster: the plan was sent or cancelled meanwhile."""
    return failure(409, "wrong_state", error.message)


@bp.errorhandler(VisitEnded)
def visit_ended(_error: VisitEnded) -> Response:
    """Signed out: eight hours passed, or the app's access was taken back."""
    return failure(401, "session_ended", "Your session has ended. Close Fullscript and open it again.")


@bp.errorhandler(TabEnded)
def tab_ended(_error: TabEnded) -> Response:
    """Signed out in another tab, or somebody else signed in there."""
    return failure(401, "session_ended", "You are not signed in here any more. Reload this page to sign in.")


@bp.errorhandler(LinkRefused)
def link_refused(error: LinkRefused) -> Response:
    """The plan was cancelled while the tab was open, or it is not the user's to see."""
    if error.reason == "cancelled":
        return failure(
            409, "wrong_state", "This treatment plan was cancelled. It cannot be changed any more."
        )
    return failure(404, "not_found", "This link is not open to you any more. Reload this page to see why.")


@bp.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """What Flask refuses by itself: a body that is not JSON, a wrong method."""
    return failure(error.code or 500, "refused", error.name)


@bp.after_request
def keep_private(response: Response) -> Response:
    """Patients' data stays out of every cache."""
    response.cache_control.no_store = True
    return response
