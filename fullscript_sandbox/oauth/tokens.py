"""Access and refresh tokens: given, refreshed, used, revoked.

All tokens that came from one authorization form a chain. A refresh adds a link without ending the one
before; the first use of a new access token settles which link counts (guide: "Refresh an access token"):

    a ──refresh──▶ b          b used: a's refresh token ends
     └──refresh──▶ c          and c, whose answer was lost, is revoked
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import select, update

from fullscript_sandbox import events
from fullscript_sandbox.clock import iso, now
from fullscript_sandbox.database import db, new_id, write_alone
from fullscript_sandbox.models import App, AuthorizationCode, Clinic, Event, Token, User
from fullscript_sandbox.models.developer import TOKEN_LIFETIME


class RefreshRefused(Exception):
    """A refresh token that is unknown, another app's, used up or revoked; the message says which."""


def issue(app: App, user: User, *, code: AuthorizationCode | None = None) -> Token:
    """Begin a chain: a pair for *user*, with the scopes that they agreed to. The caller commits.

    Without *code* the scopes are the app's own of this moment. The first authorization that a clinic has
    given, or the first after the end of all others, leaves the event clinic_key.activated.
    """
    first = _pair(app, user, scope=code.scope if code else app.scopes)
    first.chain_id, first.code = first.id, code.code if code else None
    known = _is_known(app, user.clinic)
    db.session.add(first)
    if not known:
        events.clinic_key(user.clinic, app, "activated")
    return first


def refresh(app: App, refresh_token: str) -> Token:
    """Add a pair that may replace the one of *refresh_token*, which stays good until the new one is used.

    Commits. Raises RefreshRefused.
    """
    write_alone()
    old = db.session.scalar(select(Token).where(Token.refresh_token == refresh_token, Token.app_id == app.id))
    _check_refreshable(old)
    assert old is not None  # noqa: S101 -- _check_refreshable refused it
    new = _pair(old.app, old.user, scope=old.scope)
    new.chain_id, new.previous_id = old.chain_id, old.id
    db.session.add(new)
    db.session.commit()
    return new


def use_first(token: Token) -> bool:
    """Settle the chain of *token* on it, at the first use of its access token. Commits.

    Refresh tokens that led to it end, pairs beside it are revoked. False when another pair was settled
    on in the same moment, which revoked this one.
    """
    write_alone()
    if token.revoked_at is None and token.first_used_at is None:
        token.first_used_at = token.last_used_at = now()
        if token.refresh_ended_at is None:  # else the chain settled further on
            _settle(token, _open_links(token.chain_id))
    usable = token.revoked_at is None
    db.session.commit()
    return usable


def revoke(token: Token) -> None:
    """End the whole chain of *token*: no pair of it works afterwards. The caller commits."""
    revoke_chain(token.chain_id)


def revoke_chain(chain_id: str) -> None:
    """End every pair of one authorization. Doing it twice changes nothing. The caller commits."""
    _revoke_where(Token.chain_id == chain_id)


def revoke_app_for(app: App, user: User) -> None:
    """End all that *user* ever granted to *app*. The caller commits.

    When nobody else of the clinic has granted anything, that is the event clinic_key.revoked.
    """
    known = _is_known(app, user.clinic)
    _revoke_where(Token.app_id == app.id, Token.user_id == user.id)
    if known and not _is_known(app, user.clinic):
        events.clinic_key(user.clinic, app, "revoked")


def shut_out(app: App, clinic: Clinic) -> Event | None:
    """End all that the people of *clinic* granted to *app*; None if that was nothing. The caller commits."""
    if not _is_known(app, clinic):
        return None
    _revoke_where(Token.app_id == app.id, Token.clinic_id == clinic.id)
    return events.clinic_key(clinic, app, "revoked")


def revoke_from_code(code: AuthorizationCode) -> None:
    """End what *code* gave, because somebody used it twice. The caller commits."""
    chain = db.session.scalar(select(Token.chain_id).where(Token.code == code.code))
    if chain is not None:
        revoke_chain(chain)


def find(app: App, token: str) -> Token | None:
    """The pair of *app* that has *token* as access or refresh token, expired and revoked ones too."""
    held = (Token.access_token == token) | (Token.refresh_token == token)
    return db.session.scalar(select(Token).where(held, Token.app_id == app.id))


def answer(token: Token) -> dict[str, Any]:
    """The token answer, nested under `oauth` (field notes, 1.2)."""
    pair = {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "refresh_token": token.refresh_token,
        "scope": token.scope,
        "created_at": iso(token.created_at),
        "resource_owner": token.resource_owner,
    }
    return {"oauth": pair}


def _is_known(app: App, clinic: Clinic) -> bool:
    """True while somebody of the clinic lets the app act for them."""
    living = Token.app_id == app.id, Token.clinic_id == clinic.id, Token.revoked_at.is_(None)
    return db.session.scalar(select(Token.id).where(*living).limit(1)) is not None


def _pair(app: App, user: User, *, scope: str) -> Token:
    return Token(
        id=new_id(),
        app=app,
        user=user,
        clinic=user.clinic,
        access_token=secrets.token_urlsafe(32),
        refresh_token=secrets.token_urlsafe(32),
        scope=scope,
        created_at=now(),
    )


def _check_refreshable(token: Token | None) -> None:
    if token is None:
        raise RefreshRefused("The refresh token is unknown here, or belongs to another application.")
    if token.revoked_at is not None:
        raise RefreshRefused("The refresh token was revoked. Ask the user to authorize again.")
    if token.refresh_ended_at is not None:
        raise RefreshRefused(
            "The refresh token was used, and the access token that came from it is in use: "
            "refresh with the newest refresh token."
        )


def _open_links(chain_id: str) -> list[Token]:
    """The links of a chain that still can be refreshed: few, because every first use closes the others."""
    still_open = Token.chain_id == chain_id, Token.revoked_at.is_(None), Token.refresh_ended_at.is_(None)
    return list(db.session.scalars(select(Token).where(*still_open)))


def _settle(used: Token, links: list[Token]) -> None:
    """End what led to *used* and revoke what stands beside it; what was refreshed from it lives on."""
    before = _line_back(used, {link.id: link for link in links})
    after = _descendants(used, links)
    for link in links:
        if link.id in before:
            link.refresh_ended_at = used.first_used_at
        elif link.id not in after and link is not used:
            link.revoked_at = used.first_used_at


def _line_back(token: Token, links: dict[str, Token]) -> set[str]:
    line = set()
    previous = links.get(token.previous_id or "")
    while previous is not None:
        line.add(previous.id)
        previous = links.get(previous.previous_id or "")
    return line


def _descendants(token: Token, links: list[Token]) -> set[str]:
    found: set[str] = set()
    latest = {token.id}
    while latest:
        latest = {link.id for link in links if link.previous_id in latest}
        found |= latest
    return found


def _revoke_where(*conditions: Any) -> None:
    ended = update(Token).where(Token.revoked_at.is_(None), *conditions).values(revoked_at=now())
    db.session.execute(ended, execution_options={"synchronize_session": "fetch"})
