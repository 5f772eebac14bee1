"""The consent page: a signed-in user lets an app act for them, or does not."""

from __future__ import annotations

from flask import abort, redirect, render_template, request
from werkzeug.wrappers import Response

from fullscript_sandbox.apps import SCOPES
from fullscript_sandbox.database import db
from fullscript_sandbox.models import User
from fullscript_sandbox.oauth import bp, codes
from fullscript_sandbox.oauth.forms import ConsentForm
from fullscript_sandbox.oauth.request import AuthorizationRequest
from fullscript_sandbox.session import sign_in_url, signed_in_user, this_address

DENIED = "The user did not authorize the application."

Answer = str | Response | tuple[str, int]


# The guide shows both addresses (field notes, P1).
@bp.route("/oauth/authorize", methods=["GET", "POST"])
@bp.route("/api/oauth/authorize", methods=["GET", "POST"])
def authorize() -> Answer:
    """Ask the user, then send them back to the app with a code, or with access_denied.

    404 for an unknown client or another redirect_uri (guide: "Request an auth code"): nobody is sent to
    an address that is not the app's own. Signing in comes first when needed and keeps the request.
    """
    asked = AuthorizationRequest.read(request.query_string)
    if asked is None:
        abort(404)
    if asked.response_type != "code":
        return render_template("oauth/wrong_response_type.html", asked=asked), 400
    user = signed_in_user()
    return redirect(sign_in_url()) if user is None else _ask(asked, user)


def _ask(asked: AuthorizationRequest, user: User) -> Answer:
    if user.clinic.country != asked.app.country:
        return _page("oauth/wrong_country.html", asked, user, ConsentForm()), 403
    form = ConsentForm()
    if not form.validate_on_submit():
        return _page("oauth/consent.html", asked, user, form), 422 if form.is_submitted() else 200
    if form.authorize.data:
        return _send_back(asked.answer(code=_give_code(asked, user)))
    return _send_back(asked.answer(error="access_denied", error_description=DENIED))


def _page(template: str, asked: AuthorizationRequest, user: User, form: ConsentForm) -> str:
    return render_template(template, asked=asked, user=user, form=form, words=SCOPES, back=this_address())


def _give_code(asked: AuthorizationRequest, user: User) -> str:
    code = codes.give(asked.app, user, asked.redirect_uri)
    db.session.commit()
    return code.code


def _send_back(address: str) -> Response:
    """302 to exactly *address*."""
    return Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
