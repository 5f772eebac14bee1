"""The way to a token (guide: OAuth)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fullscript_embed.api.caller import Caller
from fullscript_embed.api.endpoints import BY_CALL
from fullscript_embed.api.errors import RequestInvalid, UnreadableAnswer
from fullscript_embed.api.records.tokens import Token
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.transport import Body


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """What Fullscript's API dashboard shows for an app.

    `redirect_uri` must be one that is registered there, exactly.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


class OAuthGroup(Group):
    """Tokens for a user who connects. Needs `FullscriptClient(…, app=AppCredentials(…))`."""

    def __init__(self, caller: Caller, authorize_url: str, app: AppCredentials | None) -> None:
        super().__init__(caller)
        self._authorize_url = authorize_url
        self._app = app

    def authorize_url(self, *, state: str) -> str:
        """Where to send the browser. Never fetch it.

        *state* comes back with the code: make it random, keep it in the user's session, and compare it. A
        redirect URI that is not registered answers 404 there.
        """
        app = self._credentials()
        query = {
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "response_type": "code",
            "state": state,
        }
        return f"{self._authorize_url}?{urlencode(query)}"

    def exchange(self, code: str) -> Token:
        """Exchange an authorization code, good once and for ten minutes, for a token.

        GrantRefused otherwise.
        """
        return self._token("oauth.exchange", grant_type="authorization_code", code=code)

    def refresh(self, refresh_token: str) -> Token:
        """Exchange a refresh token for the next pair. Keep the pair before you use it.

        If the answer is lost, ask again with the same refresh token: it stays good until the new access token
        is first used. GrantRefused when the user has to connect again.
        """
        return self._token("oauth.refresh", grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, token: str) -> None:
        """End an authorization. The access token may be expired."""
        app = self._credentials()
        body = {"client_id": app.client_id, "client_secret": app.client_secret, "token": token}
        self._call.send(BY_CALL["oauth.revoke"], body=Body(json=body), signed=False)

    def _credentials(self) -> AppCredentials:
        if self._app is None:
            raise RequestInvalid(
                "OAuth needs the app's credentials: FullscriptClient(…, app=AppCredentials(…))"
            )
        return self._app

    def _token(self, name: str, **grant: Any) -> Token:
        app = self._credentials()
        endpoint = BY_CALL[name]
        body = {
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "redirect_uri": app.redirect_uri,
            **grant,
        }
        answer = self._call.send(endpoint, body=Body(json=body), signed=False)
        token = self._call.read(Token, "oauth", answer, endpoint.route)
        if not token.access_token:
            raise UnreadableAnswer(
                f"{endpoint.route}: the answer holds no access token", status=answer.status
            )
        return token
