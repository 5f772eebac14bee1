"""Who is calling the API: the access token in the Authorization header, and what it may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, wraps
from typing import Any, TypeVar

from flask import g, request
from sqlalchemy import bindparam, select

from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, Token, User
from fullscript_sandbox.models.developer import TOKEN_LIFETIME
from fullscript_sandbox.oauth import tokens

View = TypeVar("View", bound=Callable[..., Any])

# "Last used" is shown to people; a write for every request would cost more than it tells.
LAST_USE_STEP = timedelta(minutes=1)

# Columns of the table, and made once: every call comes through here, and a record would take far longer.
_TOKEN = Token.__table__.c
_BY_ACCESS_TOKEN = select(
    *(_TOKEN[name] for name in ("id", "app_id", "user_id", "clinic_id", "scope")),
    *(_TOKEN[name] for name in ("created_at", "first_used_at", "last_used_at", "revoked_at")),
).where(_TOKEN.access_token == bindparam("access_token"))


@dataclass
class Bearer:
    """Whose token came with the request. App, user and clinic are loaded when a view asks for them."""

    id: str
    app_id: str
    user_id: str
    clinic_id: str
    scope: str

    @cached_property
    def app(self) -> App:
        return db.session.get_one(App, self.app_id)

    @cached_property
    def user(self) -> User:
        return db.session.get_one(User, self.user_id)

    @cached_property
    def clinic(self) -> Clinic:
        return db.session.get_one(Clinic, self.clinic_id)


def bearer_required(*scopes: str) -> Callable[[View], View]:
    """Answer 401 without a good access token and 403 without *scopes*; else set g.token and go on.

    The first use of a refreshed access token ends the refresh token that it came from (guide: "Refresh
    an access token"). Later uses cost one indexed query.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.token = _bearer_of_request()
            _check_scopes(g.token, scopes)
            return view(*args, **kwargs)

        guarded.required_scopes = scopes  # type: ignore[attr-defined]  # read by the endpoints page
        return guarded  # type: ignore[return-value]  # wraps() keeps the view's signature

    return decorate


def _bearer_of_request() -> Bearer:
    token, moment = _find(_sent_token()), now()
    if token.revoked_at is not None:
        raise _unauthorized("The access token was revoked")
    if moment >= token.created_at + TOKEN_LIFETIME:
        raise _unauthorized("The access token expired")
    if token.first_used_at is None and not tokens.use_first(db.session.get_one(Token, token.id)):
        raise _unauthorized("The access token was revoked")
    if token.last_used_at is None or moment - token.last_used_at >= LAST_USE_STEP:
        db.session.get_one(Token, token.id).last_used_at = moment
        db.session.commit()
    return Bearer(token.id, token.app_id, token.user_id, token.clinic_id, token.scope)


def _sent_token() -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthorized("The access token is invalid")
    return value.strip()


def _find(access_token: str) -> Any:
    token = db.session.execute(_BY_ACCESS_TOKEN, {"access_token": access_token}).first()
    if token is None:
        raise _unauthorized("The access token is invalid")
    return token


def _check_scopes(token: Bearer, scopes: tuple[str, ...]) -> None:
    missing = [scope for scope in scopes if scope not in token.scope.split()]
    if missing:
        names = ", ".join(f"`{scope}`" for scope in missing)
        raise ApiError(403, f"Must have {names} scope enabled to access this endpoint")


def _unauthorized(error: str) -> ApiError:
    return ApiError(401, error, {"WWW-Authenticate": 'Bearer realm="Fullscript", error="invalid_token"'})
