"""Where a client gets its access token."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from fullscript_embed.api.records.tokens import Token


@runtime_checkable
class TokenProvider(Protocol):
    """Hands out the access token for each request.

    A provider that has `refresh` is asked for a fresh token once when Fullscript said that the token expired;
    it gets the token that was refused, so that it need not refresh again what another thread just refreshed.
    """

    def __call__(self) -> str:
        """An access token that is good now."""

    def refresh(self, rejected: str) -> str:
        """An access token other than *rejected*."""


class FixedToken:
    """The same access token for every request."""

    def __init__(self, access_token: str) -> None:
        self._access_token = access_token

    def __call__(self) -> str:
        return self._access_token

    def __repr__(self) -> str:
        return "FixedToken(…)"


class RefreshingToken:
    """Hands out a token and refreshes it when it ends, for scripts and programs of one process.

    *refresh_with* is `client.oauth.refresh`; *save* gets each new token before it is used, and has to keep
    it: the old refresh token is of no use after the first call with the new access token. It does not lock
    between processes: there, keep tokens in a database and refresh under a row lock.
    """

    def __init__(
        self,
        token: Token,
        *,
        refresh_with: Callable[[str], Token],
        save: Callable[[Token], None] = lambda _token: None,
    ) -> None:
        self._token = token
        self._refresh_with = refresh_with
        self._save = save
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """The access token, refreshed first when it is within a minute of its end."""
        token = self._token
        if token.has_expired(now=datetime.now(UTC)):
            return self.refresh(token.access_token)
        return token.access_token

    def refresh(self, rejected: str) -> str:
        """Refresh unless another thread just did."""
        with self._lock:
            if self._token.access_token == rejected:
                token = self._refresh_with(self._token.refresh_token or "")
                self._save(token)
                self._token = token
            return self._token.access_token

    def __repr__(self) -> str:
        return "RefreshingToken(…)"
