"""What an app asks for when it sends a user to /oauth/authorize.

Read from the bytes of the query, because `state` goes back untouched whatever it holds, text or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from sqlalchemy import select

from fullscript_sandbox.database import db
from fullscript_sandbox.models import App

# Latin-1 has a character for every byte, so nothing is lost between the bytes of a query and a string.
BYTES = "latin-1"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """An app that exists and one of its own redirect URIs. `state` is None when none was sent."""

    app: App
    redirect_uri: str
    response_type: str
    state: str | None

    @classmethod
    def read(cls, query: bytes) -> AuthorizationRequest | None:
        """None for an unknown client, or a redirect URI that differs in any character from the app's.

        Any `scope` is ignored: the scopes set on the dashboard apply (guide: "Request an auth code").
        """
        sent = dict(parse_qsl(query.decode(BYTES), keep_blank_values=True, encoding=BYTES))
        app = _find_app(sent.get("client_id", ""))
        redirect_uri = sent.get("redirect_uri", "")
        if app is None or redirect_uri not in app.redirect_uris.split("\n"):
            return None
        return cls(app, redirect_uri, sent.get("response_type", ""), sent.get("state"))

    @property
    def site(self) -> str:
        """Where the user goes back to, as far as it says something to them."""
        return urlsplit(self.redirect_uri).netloc

    def answer(self, **parameters: str) -> str:
        """Where to send the user back to, with *parameters* and the state."""
        answer = urlencode(parameters)
        if self.state is not None:
            answer += "&state=" + quote(self.state.encode(BYTES), safe="")
        return self.redirect_uri + ("&" if "?" in self.redirect_uri else "?") + answer


def asking_app(address: str) -> App | None:
    """The app whose authorization request *address* is, if it is one: a user is signing in on its behalf."""
    parts = urlsplit(address)
    if not parts.path.endswith("/oauth/authorize"):
        return None
    asked = AuthorizationRequest.read(parts.query.encode())
    return asked.app if asked else None


def _find_app(client_id: str) -> App | None:
    return db.session.scalar(select(App).where(App.client_id == client_id)) if client_id else None
