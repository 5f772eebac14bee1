"""Authorization codes: what a user's agreement gives an app, to be changed for tokens within ten minutes."""

from __future__ import annotations

import secrets

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, write_alone
from fullscript_sandbox.models import App, AuthorizationCode, Token, User
from fullscript_sandbox.models.developer import CODE_LIFETIME
from fullscript_sandbox.oauth import tokens


class CodeRefused(Exception):
    """A code that gives nothing; the message says why."""


def give(app: App, user: User, redirect_uri: str) -> AuthorizationCode:
    """A code for what *user* agreed to: the scopes that the app has at this moment. The caller commits."""
    code = AuthorizationCode(
        code=secrets.token_urlsafe(32),
        app=app,
        user=user,
        redirect_uri=redirect_uri,
        scope=app.scopes,
        created_at=now(),
    )
    db.session.add(code)
    return code


def exchange(app: App, code: str, redirect_uri: str) -> Token:
    """Change *code* for its one pair of tokens; of two exchanges at once one wins. Commits.

    A second use revokes what the first gave, at any time later: somebody else holds the code. Raises
    CodeRefused.
    """
    write_alone()
    found = db.session.get(AuthorizationCode, code)
    if found is None or found.app_id != app.id:
        raise CodeRefused("The code is unknown here, or was given to another application.")
    if found.used_at is not None:
        tokens.revoke_from_code(found)
        db.session.commit()
        raise CodeRefused("The code was used before, so what it gave has been revoked.")
    _check(found, redirect_uri)
    found.used_at = now()
    token = tokens.issue(app, found.user, code=found)
    db.session.commit()
    return token


def _check(code: AuthorizationCode, redirect_uri: str) -> None:
    if now() >= code.created_at + CODE_LIFETIME:
        raise CodeRefused("The code has expired: it has to be used within 10 minutes.")
    if redirect_uri != code.redirect_uri:
        raise CodeRefused("The redirect_uri is not the one that the code was asked for with.")
