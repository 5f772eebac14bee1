"""Session grants, which let an Embed frame in."""

from __future__ import annotations

from fullscript_embed.api.records.tokens import SessionGrant
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.values import given


class SessionGrantsGroup(Group):
    """Grants for Fullscript Embed."""

    def create(self, *, user_id: str | None = None, user_type: str | None = None) -> SessionGrant:
        """Create a grant for the user of the token: good once, for 120 seconds (guide: session grants).

        Who the user is has to be said only with the tokens of a clinic, which apps made before 2021-08-26
        have: *user_type* is then Practitioner or Staff.
        """
        body = given(user_id=user_id, user_type=user_type) or None
        return self._call.one("session_grants.create", SessionGrant, "session_grant", json=body)
