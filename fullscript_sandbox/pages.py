"""The sandbox's own pages: its start page, its health, its errors, and the headers that guard them."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Flask, Response, render_template
from sqlalchemy import select, text
from werkzeug.exceptions import HTTPException

from fullscript_sandbox import api_errors
from fullscript_sandbox.clock import iso, now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic
from fullscript_sandbox.seed import PASSWORD

bp = Blueprint("pages", __name__)

# Everything from here, nothing inline. Bootstrap's own style sheet draws some icons from data: URLs.
# No form-action: the consent page's form leads on to the redirect URI of an app.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class Door(NamedTuple):
    """A part of the sandbox that the start page leads to."""

    name: str
    about: str
    icon: str
    address: str


DOORS = (
    Door(
        "Dashboard",
        "Register apps: credentials, redirect URIs, scopes, test accounts.",
        "grid",
        "/dashboard/",
    ),
    Door("Outbox", "The messages that patients would have got.", "envelope", "/outbox"),
    Door(
        "Connected apps",
        "What a signed-in user allowed, and how to end it.",
        "plug",
        "/settings/connected-apps",
    ),
    Door(
        "Labs",
        "A practitioner's results: share them, by hand or automatically.",
        "droplet-half",
        "/settings/labs",
    ),
    Door("API explorer", "Every call with its arguments, to try.", "braces", "/api-explorer"),
    Door("Endpoints", "What is served, and what is not modelled.", "list-check", "/endpoints"),
    Door("Control plane", "Clock, faults, reset, journal: for tests.", "sliders", "/_sandbox/openapi.json"),
)

ADVICE = {
    400: "The address or the form was not what this page takes.",
    403: "You are signed in as somebody who may not see this.",
    404: "There is nothing at this address. An OAuth link leads here when its client_id is unknown or its "
    "redirect_uri differs from the registered ones in any character.",
    405: "This address takes another method.",
    500: "That is our mistake. The terminal in which the sandbox runs says more.",
}


def init_app(app: Flask) -> None:
    """Register the pages, the error pages and the headers."""
    app.register_blueprint(bp)
    app.register_error_handler(HTTPException, show_error)
    app.after_request(_guard)


@bp.get("/healthz")
def healthz() -> dict[str, str | None]:
    """Ready: the database answers."""
    db.session.execute(text("select 1"))
    return {"status": "ok", "now": iso(now())}


@bp.get("/")
def start() -> str:
    """What this is, who can sign in, and where things are."""
    clinics = db.session.scalars(select(Clinic).order_by(Clinic.created_at, Clinic.id)).all()
    apps = db.session.scalars(select(App).order_by(App.created_at, App.id)).all()
    return render_template("sandbox/start.html", clinics=clinics, apps=apps, password=PASSWORD, doors=DOORS)


def show_error(error: HTTPException) -> Response | tuple[str, int]:
    """Say what went wrong: as JSON to programs, as a page to people."""
    if api_errors.wants_json():
        return api_errors.answer_http_error(error)
    code = error.code or 500
    page = render_template("sandbox/error.html", code=code, name=error.name, advice=ADVICE.get(code))
    return page, code


def _guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response
