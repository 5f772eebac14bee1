"""What the extension's templates and browser modules ask of the server about the page they are on."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

from flask import Flask, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from fullscript_embed.models import Connection
from fullscript_embed.people import User
from fullscript_embed.script import EmbedScript, choose_script
from fullscript_embed.state import current, signed_in

# The query parameter that asks a page to open the feature when it has loaded.
OPEN_PARAMETER = "fullscript"
NO_STORE = {"Cache-Control": "no-store"}
# Where Fullscript keeps the pictures of products, whatever host of its own it names.
PICTURES = ("https://*.fullscript.com", "https://*.fullscript.io")


class Page:
    """One page while it is rendered; templates know it as `fullscript_page`."""

    def __init__(self) -> None:
        self._included = False

    def include_once(self) -> bool:
        """True the first time it is asked: a page loads the modules and the style sheet once."""
        first, self._included = not self._included, True
        return first

    @property
    def user(self) -> User | None:
        """Who is signed in to the host and may use Fullscript, or None."""
        user = current().extension.current_user()
        return user if user and user.is_enabled else None

    @property
    def is_switched_off(self) -> bool:
        """True for somebody who is signed in and for whom the host closed Fullscript."""
        user = current().extension.current_user()
        return user is not None and not user.is_enabled

    @property
    def visitor(self) -> str:
        """An opaque name of who is signed in, else empty. In the browser, events wait under it."""
        return visitor_key(self.user)

    @cached_property
    def connection(self) -> Connection | None:
        """The signed-in user's connection, or None; looked up once, however many macros ask."""
        return current().extension.connection() if self.user else None

    @property
    def is_connected(self) -> bool:
        """True while the connection can be used; False when there is none, or Fullscript refused it."""
        connection = self.connection
        return connection is not None and connection.is_usable

    @property
    def has_webhooks(self) -> bool:
        """True where Fullscript tells of changes by itself; elsewhere pages ask when somebody comes back."""
        if not self.user:
            return False
        environment = current().environment_of(self.user)
        return bool(environment.webhook_challenge and environment.webhook_signature_keys)

    @property
    def offers_actions(self) -> bool:
        """True where what needs a connection is shown: to who has one, and to others if that leads them to
        connecting. A connection that Fullscript refused counts: its owner has to learn of it."""
        if not self.user:
            return False
        return not current().settings.hides_without_connection or self.connection is not None

    def connection_facts(self) -> list[tuple[str, str | datetime]]:
        """What the connection card lists, in order; unknown values are left out."""
        connection = self.connection
        if connection is None:
            return []
        facts = [
            ("Clinic", connection.clinic_name),
            ("Signed in as", connection.user_type),
            ("Environment", connection.environment),
            ("May use", ", ".join(connection.scopes)),
            ("Connected", connection.created_at),
            ("Last used", connection.last_used_at),
        ]
        return [(name, value) for name, value in facts if value]

    def plans_fragment(self, patient_id: str | int) -> Any:
        """The plans kept for a patient of the host, newest first, and their `version`."""
        return current().extension.plans_fragment(patient_id)

    def is_linked(self, patient_id: str | int) -> bool:
        """True when it is known who a patient of the host is in the signed-in user's clinic."""
        return bool(self.user) and current().extension.patient_link(patient_id) is not None

    @property
    def script(self) -> EmbedScript:
        """The vendor's library, as this application loads it."""
        return cast("EmbedScript", current_app.extensions["fullscript.script"])

    @property
    def script_url(self) -> str:
        """Where this page loads the vendor's library from."""
        script = self.script
        return script.cdn_url or url_for("fullscript.static", filename=script.file)

    def connect_url(self, opens: str | None = None) -> str:
        """The address that starts OAuth and comes back to this page, with the feature opened if asked."""
        arguments = request.args.to_dict(flat=False)
        if opens:
            arguments[OPEN_PARAMETER] = [opens]
        here = request.path + (f"?{urlencode(arguments, doseq=True)}" if arguments else "")
        return url_for("fullscript.connect", next=here)


def init_app(app: Flask) -> None:
    """Check the vendor's library and give every template `fullscript_page`. Raises ScriptInvalid."""
    source = app.config.get("FULLSCRIPT_EMBED_SCRIPT") or "bundled"
    app.extensions["fullscript.script"] = choose_script(source)
    app.context_processor(lambda: {"fullscript_page": current_page()})


def current_page() -> Page:
    """The page of this request; the same object however often it is asked for."""
    if "fullscript_page" not in g:
        g.fullscript_page = Page()
    return cast("Page", g.fullscript_page)


def session() -> ResponseReturnValue:
    """Say who is signed in now, with a CSRF token that fits. Raises SignedOut.

    The browser modules ask before they post, so that no page holds a token and a page that was open while
    somebody signed in again, or somebody else did, neither fails nor posts in another person's name.
    """
    user = signed_in()
    return {"visitor": visitor_key(user), "csrf_token": generate_csrf()}, 200, NO_STORE


def content_security_policy() -> dict[str, list[str]]:
    """The sources that a page with the macros on it needs, for each directive.

    Names the one Embed origin in use; signed-out pages show no frame, so they need none.
    """
    page = current_page()
    origins = [current().environment_of(page.user).hosts.embed_origin] if page.user else []
    return {
        "script-src": list(dict.fromkeys(["'self'", page.script.csp_source])),
        "style-src": ["'self'"],
        "connect-src": ["'self'", *origins],
        "frame-src": origins or ["'none'"],
        "img-src": ["'self'", *origins, *(PICTURES if page.user else ())],
    }


def visitor_key(user: User | None) -> str:
    """An opaque, stable name of *user* for this application; the user's id cannot be read from it."""
    if user is None:
        return ""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"fullscript visitor {user.id}".encode(), hashlib.sha256).hexdigest()[:32]
