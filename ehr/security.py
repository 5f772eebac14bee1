"""The headers and checks that every answer and request of this app has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask, Response, request
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from ehr.fullscript import fullscript
from ehr.settings import Settings

csrf = CSRFProtect()

# What this app's own pages need. Nothing inline and no eval: scripts and styles are files.
OWN_POLICY = {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "connect-src": ["'self'"],
    "font-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "img-src": ["'self'", "data:"],  # data: is Bootstrap's own icons within its style sheet
    "manifest-src": ["'self'"],
    "object-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
}


def in_words(policy: Mapping[str, Sequence[str]]) -> str:
    """A Content-Security-Policy as its header has it."""
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


_OWN_POLICY_IN_WORDS = in_words(OWN_POLICY)


def init_app(app: Flask, settings: Settings) -> None:
    """Ask every form for its token, and give every answer its headers."""
    csrf.init_app(app)
    app.after_request(add_headers)
    Talisman(
        app,
        content_security_policy={},  # add_headers knows whose page it is
        force_https=settings.https,
        frame_options="DENY",
        permissions_policy={"camera": "()", "geolocation": "()", "microphone": "()", "browsing-topics": "()"},
        referrer_policy="same-origin",  # a chart's address is nobody else's business
        session_cookie_secure=settings.https,
        strict_transport_security=settings.https,
        strict_transport_security_include_subdomains=False,  # others may live beside this app
    )
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # how Flask's guide says it


def add_headers(response: Response) -> Response:
    """Set the Content-Security-Policy, and keep pages with patients out of every cache."""
    is_page = response.mimetype == "text/html"
    response.headers["Content-Security-Policy"] = with_fullscript() if is_page else _OWN_POLICY_IN_WORDS
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if not (request.endpoint or "").endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def with_fullscript() -> str:
    """Our own policy, widened by exactly the Fullscript origins that the extension names for a page."""
    policy = {name: list(sources) for name, sources in OWN_POLICY.items()}
    for directive, sources in fullscript.content_security_policy().items():
        mine = policy.setdefault(directive, [])
        mine += [source for source in sources if source not in mine]
    return in_words(policy)
