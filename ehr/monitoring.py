"""What machines ask: is this process alive, can it do its work, and how is it going."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import TypeVar

from flask import Blueprint, Response, abort, current_app, jsonify, request

from ehr.fullscript import fullscript
from ehr.settings import Settings

bp = Blueprint("monitoring", __name__)

# Set by proxies: whoever comes through one is not on this machine, whatever the address says.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


View = TypeVar("View", bound=Callable[..., object])


def over_http(view: View) -> View:
    """Answer over http too, where all else is redirected: probes come from within, and have no cookie."""
    view.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]  # Flask-Talisman's way
    return view


@bp.get("/healthz")
@over_http
def healthz() -> dict[str, str]:
    """Say that this process answers. It asks nobody, so that an outage elsewhere restarts nothing."""
    return {"status": "ok"}


@bp.get("/readyz")
@over_http
def readyz() -> tuple[Response, int]:
    """Say whether the database, the broker and a worker are there: 200, or 503 with what is not."""
    checks = fullscript.readiness()
    good = all(check.good for check in checks)
    found = {check.name: check.found for check in checks}
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify(status="ok" if good else "unavailable", **found), status


@bp.get("/metrics")
@over_http
def metrics() -> Response:
    """Give Prometheus its numbers: with METRICS_TOKEN, or without one to this machine alone; else 404."""
    if not _may_see_metrics():
        abort(HTTPStatus.NOT_FOUND)
    return Response(fullscript.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_see_metrics() -> bool:
    settings: Settings = current_app.config["SETTINGS"]
    if settings.metrics_token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.metrics_token.encode())
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
