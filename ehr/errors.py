"""Every refusal and failure in one shape: a page in the app's own look, or JSON for programs.

The texts are fixed. What an exception says goes to nobody: it may quote a patient's data. The log gets its
type and the places in the code that it passed.
"""

from __future__ import annotations

import math
import time
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, g, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from ehr.database import db
from ehr.logs import request_id, where
from ehr.throttle import limiter

log = structlog.get_logger(__name__)

# What people read: a title, and what to do now.
ADVICE = {
    400: ("That request could not be read", "Go back, check what you entered, and try again."),
    401: ("Please sign in", "You are signed out. Sign in, then go on where you were."),
    403: ("You may not do this", "Your role in the practice does not include it. Ask an administrator."),
    404: ("Not found", "There is nothing at this address, or it does not belong to your practice."),
    405: (
        "That does not work here",
        "This address does not take that kind of request. Go back and try again.",
    ),
    413: ("That is too large", "At most 1 MB can be sent at once. Send less."),
    429: ("Too many attempts", "Wait a few minutes, then try again."),
    500: ("Something went wrong on our side", "It has been noted. Try again in a moment."),
}
CSRF_ADVICE = ("This page was open for too long", "Reload it and try again. Nothing was changed.")


def wants_json() -> bool:
    """True when the one who asks is a program: it sent JSON, or would rather read JSON than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or best == "application/json"


def init_app(app: Flask) -> None:
    """Answer every HTTP error, every refused CSRF token and every crash."""
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(CSRFError, csrf_refused)
    app.register_error_handler(SecurityError, misaddressed)
    app.register_error_handler(RateLimitExceeded, throttled)
    app.register_error_handler(Exception, crashed)


def refused(error: HTTPException) -> Any:
    """Answer with the error's status; a redirect that an extension raised passes through."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST:
        return error
    allow = {name: value for name, value in error.get_headers() if name == "Allow"}
    return answer(status, headers=allow)


def csrf_refused(_error: CSRFError) -> Any:
    """A form without the session's token: usually an old page, so say that and not more."""
    return answer(HTTPStatus.BAD_REQUEST, advice=CSRF_ADVICE)


def misaddressed(_error: SecurityError) -> Any:
    """Refuse a request for a host that is not ours: no page, since no address of ours can be told."""
    return "400: this host name is not served here.\n", HTTPStatus.BAD_REQUEST, {"Content-Type": "text/plain"}


def throttled(_error: RateLimitExceeded) -> Any:
    """Say in seconds when the next attempt counts again."""
    limit = limiter.current_limit
    # Not `reset_at`, which is rounded up and so may be later than the window is long.
    seconds = max(1, math.ceil(limit.window.reset_time - time.time())) if limit else 60
    return answer(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(seconds)})


def crashed(error: Exception) -> Any:
    """Undo what was half done, log where it happened, and tell the browser nothing of it."""
    db.session.rollback()
    g.database_failed = isinstance(error, SQLAlchemyError)
    log.error("crashed", error=type(error).__name__, where=where(error))
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR)


def answer(
    status: int, *, advice: tuple[str, str] | None = None, headers: dict[str, str] | None = None
) -> Any:
    """A page or JSON with the status, for a status of its own kind or the nearest that has words."""
    title, message = advice or ADVICE.get(status) or ADVICE[400 if status < 500 else 500]  # noqa: PLR2004 -- HTTP's own border
    headers = {"Cache-Control": "no-store", **(headers or {})}
    if wants_json():
        code = HTTPStatus(status).name.lower()
        return {"error": {"code": code, "message": f"{title}. {message}"}}, status, headers
    page = render_template("error.html", status=status, title=title, message=message, request_id=request_id())
    return page, status, headers
