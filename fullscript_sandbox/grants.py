"""Session grants: a secret token that lets an Embed frame in once, as one user, within 120 seconds."""

from __future__ import annotations

import secrets

from sqlalchemy import select, update

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import App, SessionGrant, User
from fullscript_sandbox.models.developer import GRANT_LIFETIME


class GrantRefused(Exception):
    """A secret token that lets nobody in. `reason` is unknown, foreign_app, used or expired."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def create(app: App, user: User) -> SessionGrant:
    """A grant for *user* in frames of *app*. The caller commits."""
    grant = SessionGrant(
        id=new_id(), app=app, user=user, secret_token=secrets.token_urlsafe(36), created_at=now()
    )
    db.session.add(grant)
    return grant


def claim(secret_token: str, app: App) -> SessionGrant:
    """Use up the grant of *secret_token* and return it; of two claims at once one wins. Commits.

    Raises GrantRefused for a token that is unknown, another app's, used already or older than 120 seconds.
    """
    moment = now()
    claimed = db.session.execute(
        update(SessionGrant)
        .where(
            SessionGrant.secret_token == secret_token,
            SessionGrant.app_id == app.id,
            SessionGrant.claimed_at.is_(None),
            SessionGrant.created_at > moment - GRANT_LIFETIME,
        )
        .values(claimed_at=moment)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    grant = db.session.scalar(select(SessionGrant).where(SessionGrant.secret_token == secret_token))
    if claimed.rowcount != 1 or grant is None:  # type: ignore[attr-defined]  # an UPDATE has a row count
        raise GrantRefused(_reason(grant, app))
    return grant


def _reason(grant: SessionGrant | None, app: App) -> str:
    if grant is None:
        return "unknown"
    if grant.app_id != app.id:
        return "foreign_app"
    return "used" if grant.claimed_at is not None else "expired"
