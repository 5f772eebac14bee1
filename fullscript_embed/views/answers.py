"""Every failure of our routes in one shape: JSON for the browser modules, a page with a way on for people."""

from __future__ import annotations

import math
from contextlib import suppress

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from wtforms import ValidationError

from fullscript_embed.api import (
    CredentialsRefused,
    FullscriptError,
    FullscriptTimedOut,
    FullscriptUnreachable,
    MissingScope,
    RateLimited,
    ServerFailed,
    TokenRefused,
    UnreadableAnswer,
)
from fullscript_embed.errors import (
    CsrfRefused,
    NotConnected,
    ReconnectRequired,
    Refusal,
    SignedOut,
    UpstreamFailed,
)
from fullscript_embed.logs import request_id, say, say_unexpected
from fullscript_embed.state import current

WARNING = 30
FIRST_FAILURE = 400
NO_STORE = {"Cache-Control": "no-store"}
# What scripts ask for; everything else is opened by people.
FOR_SCRIPTS = frozenset(
    {
        "session",
        "create_link",
        "create_plan_link",
        "create_new_link",
        "create_session_grant",
        "receive_event",
        "plans",
        "check_plans",
        "cancel_plan",
        "open_checkout",
        "read_invitation",
        "orders",
        "check_orders",
        "order_adherence",
        "labs",
        "receive_webhook",
    }
)
# Its signature says who asks; there is no session.
WITHOUT_SESSION = frozenset({"fullscript.receive_webhook"})
# What our own pages open in a tab of its own: the page that was left is still there.
IN_OWN_TAB = frozenset({"fullscript.lab_result"})
TITLES = {
    401: "You are signed out",
    403: "This is not for you to do",
    404: "This page does not exist",
    409: "Fullscript is not connected",
    429: "Too many requests",
    500: "Something went wrong",
}
_SLOW = 504, "upstream_slow", "Fullscript took too long to answer. Try again in a moment."
_DOWN = 502, "upstream_unreachable", "Fullscript cannot be reached at the moment. Try again soon."
_MANY = 429, "rate_limited", "Too many requests to Fullscript. Wait a little, then try again."
_SCOPE = (
    "Fullscript refused: this application lacks a scope. Whoever looks after the integration has to add it "
    "on Fullscript's API dashboard; then connect your account again."
)
_KEYS = (
    "Fullscript refused this application's client id or secret. Whoever looks after the integration has to "
    "compare them with Fullscript's API dashboard."
)
# The first kind that fits counts.
UPSTREAM: tuple[tuple[type[FullscriptError], tuple[int, str, str]], ...] = (
    (FullscriptTimedOut, _SLOW),
    (FullscriptUnreachable, _DOWN),
    (UnreadableAnswer, _DOWN),
    (ServerFailed, _DOWN),
    (RateLimited, _MANY),
    (MissingScope, (502, "refused", _SCOPE)),
    (CredentialsRefused, (502, "refused", _KEYS)),
    (FullscriptError, (502, "refused", UpstreamFailed.advice)),
)


def register(bp: Blueprint) -> None:
    """Let *bp* answer every kind of failure in the one shape."""
    bp.register_error_handler(Refusal, refused)
    bp.register_error_handler(FullscriptError, upstream_failed)
    bp.register_error_handler(CSRFError, csrf_failed)
    bp.register_error_handler(HTTPException, http_failed)
    bp.register_error_handler(Exception, unexpected)


def check_csrf() -> None:
    """Refuse a changing request without this session's CSRF token, also in a host without CSRFProtect.

    Somebody whose session has ended is told that, and not that their token is wrong.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"} or request.endpoint in WITHOUT_SESSION:
        return
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or request.form.get("csrf_token"))
    except ValidationError:
        raise _csrf_or_signed_out() from None


def refused(error: Refusal) -> ResponseReturnValue:
    """Answer what we refuse ourselves."""
    if isinstance(error, NotConnected) and error.connect_url is None:
        error.connect_url = url_for("fullscript.connect")
    return _answer(error)


def upstream_failed(error: FullscriptError) -> ResponseReturnValue:
    """Answer what Fullscript did not do, and why, in our codes."""
    say(WARNING, "Fullscript failed", reason=error.reason, fullscript_request_id=error.request_id)
    return refused(of_upstream(error))


def csrf_failed(_error: CSRFError) -> ResponseReturnValue:
    """Answer what the host's own CSRFProtect refused before us."""
    return refused(_csrf_or_signed_out())


def http_failed(error: HTTPException) -> ResponseReturnValue:
    """Answer Flask's own refusals; redirects pass."""
    code = error.code or 500
    if code < FIRST_FAILURE:
        return error
    if isinstance(error, RequestEntityTooLarge):
        return refused(Refusal("The event is larger than 256 KB.", status=413, code="too_large"))
    return refused(Refusal(error.description, status=code, code="invalid_request"))


def unexpected(error: Exception) -> ResponseReturnValue:
    """Answer what nobody thought of, without a word of its text."""
    current().db_session.rollback()
    say_unexpected("a request failed", error, endpoint=request.endpoint)
    return refused(Refusal(reference=request_id()))


def of_upstream(error: FullscriptError) -> Refusal:
    """The answer to a failed call of Fullscript's API."""
    if isinstance(error, TokenRefused):
        return ReconnectRequired(reference=error.request_id)
    status, code, message = next(answer for kind, answer in UPSTREAM if isinstance(error, kind))
    wait = getattr(error, "retry_after", None)
    return UpstreamFailed(
        message,
        status=status,
        code=code,
        retry_after=None if wait is None else math.ceil(wait),
        reference=error.request_id,
    )


def wants_json() -> bool:
    """True when the one who asks would rather read JSON than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def show(
    title: str, message: str, *, status: int, actions: list[dict[str, str]], reference: str | None = None
) -> ResponseReturnValue:
    """A page of ours that says what happened, with a way on."""
    html = render_template(
        "fullscript_embed/error.html",
        title=title,
        message=message,
        actions=actions,
        reference=reference,
        in_own_tab=request.endpoint in IN_OWN_TAB,
    )
    return html, status, NO_STORE


def _answer(error: Refusal) -> ResponseReturnValue:
    headers = dict(NO_STORE)
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if (request.endpoint or "").removeprefix("fullscript.") in FOR_SCRIPTS or wants_json():
        return error.as_json(), error.http_status, headers
    return _page(error)


def _page(error: Refusal) -> ResponseReturnValue:
    login = getattr(current_app, "login_manager", None)
    if isinstance(error, SignedOut) and login is not None:
        with suppress(HTTPException):  # a host without a sign-in page gets ours
            return login.unauthorized()  # type: ignore[no-any-return]  # Flask-Login has no types
    actions = [{"label": "Go to the start page", "url": f"{request.script_root}/"}]
    if error.connect_url:
        actions.insert(0, {"label": "Connect my Fullscript account", "url": error.connect_url})
    return show(
        error.title or TITLES.get(error.http_status, "Fullscript did not do this"),
        error.message,
        status=error.http_status,
        actions=actions,
        reference=error.reference,
    )


def _csrf_or_signed_out() -> Refusal:
    return CsrfRefused() if current().extension.current_user() else SignedOut()
