"""What opens doors: access tokens and session grants. Their reprs hold no secret."""

from __future__ import annotations

from datetime import datetime, timedelta

from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.base import record


@record
class TokenOwner(Record):
    """Whom a token acts for. `type`: Practitioner, Staff; Clinic for apps made before 2021-08-26."""

    id: str = ""
    type: str | None = None


@record
class Token(Record):
    """An access token with its refresh token, one use of which gives the next pair.

    The old refresh token stays good until the new access token is first used, so a lost answer can be asked
    for again (guide: Refresh an access token).
    """

    access_token: str = ""
    refresh_token: str | None = None
    token_type: str | None = None
    scope: str | None = None
    created_at: datetime | None = None
    expires_in: int | None = None
    resource_owner: TokenOwner | None = None

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset((self.scope or "").split())

    @property
    def expires_at(self) -> datetime | None:
        if self.created_at is None or self.expires_in is None:
            return None
        return self.created_at + timedelta(seconds=self.expires_in)

    def has_expired(self, *, now: datetime, leeway: timedelta = timedelta(seconds=60)) -> bool:
        """True from *leeway* before its end on, so that it does not end on the way.

        An end unknown counts as none.
        """
        return self.expires_at is not None and now >= self.expires_at - leeway

    def __repr__(self) -> str:
        return f"Token(scope={self.scope!r}, expires_at={self.expires_at})"


@record
class SessionGrant(Record):
    """Lets one Embed frame in, once, within 120 seconds. Ask for it on click, right before it is used."""

    id: str = ""
    secret_token: str = ""
    claimed_at: datetime | None = None
    expires_at: datetime | None = None
    user: TokenOwner | None = None

    def has_ended(self, *, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at
