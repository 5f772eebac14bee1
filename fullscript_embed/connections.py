"""Who is connected, and the one function that hands out a valid access token.

A refresh happens under the connection's row lock, which the first statement of a transaction of its own
takes: on PostgreSQL it locks the row, on SQLite the file, and whoever waited finds the new tokens when it is
their turn. The new pair is committed before anybody uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from fullscript_embed import audit, oauth
from fullscript_embed.api.client import FullscriptClient
from fullscript_embed.api.errors import GrantRefused, TokenRefused
from fullscript_embed.environments import Environment
from fullscript_embed.errors import NotConnected, ReconnectRequired
from fullscript_embed.models import CONNECTED, DISCONNECTED, RECONNECT, Connection
from fullscript_embed.oauth import TokenPair
from fullscript_embed.people import User
from fullscript_embed.state import current

T = TypeVar("T")

# Refresh this long before the end, so that no token ends between our look at it and Fullscript's.
REFRESH_BEFORE = timedelta(minutes=2)
# "Last used" is shown to people; a write for every use would cost more than it tells.
USE_STEP = timedelta(minutes=1)
REFUSED = "Fullscript ended this connection, or its access was revoked there."
UNREADABLE = "The stored tokens cannot be read any more, because the application's encryption key changed."
# Put together once: every page and every grant asks for them.
_OF_USER = select(Connection).where(
    Connection.user_id == bindparam("user_id"), Connection.environment == bindparam("environment")
)
_CLINIC_OF_USER = _OF_USER.with_only_columns(Connection.clinic_id)


def find(user_id: str, environment: str) -> Connection | None:
    """The row of that user and environment, a disconnected one too."""
    return current().db_session.scalar(_OF_USER, {"user_id": user_id, "environment": environment})


def shown(user: User) -> Connection | None:
    """The connection of *user* in their environment, or None when they have none or disconnected it."""
    connection = find(user.id, current().environment_of(user).name)
    return connection if connection and connection.status != DISCONNECTED else None


def all_shown() -> list[Connection]:
    """Every user's connection, oldest first, without those that were disconnected."""
    wanted = select(Connection).where(Connection.status != DISCONNECTED).order_by(Connection.id)
    return list(current().db_session.scalars(wanted))


def require(user: User, environment: Environment) -> Connection:
    """The usable connection of *user*. Raises NotConnected or ReconnectRequired."""
    return _usable(find(user.id, environment.name))


def access_token(connection_id: int, *, now: datetime, refused: str | None = None) -> str:
    """A token that Fullscript takes, refreshed first when its end is near, or when it is the *refused* one.

    Call it before you write anything in the host's session: SQLite has one writer at a time.
    Raises NotConnected, ReconnectRequired, or the FullscriptError that kept it from being refreshed; the old
    tokens are kept then, and the next call tries again.
    """
    session = current().db_session
    connection = _usable(session.get(Connection, connection_id))
    if _is_good(connection, now=now, refused=refused):
        return connection.access_token or ""
    token = _refreshed(connection_id, now=now, refused=refused)
    session.expire(connection)
    return token


def is_due(connection: Connection, *, now: datetime) -> bool:
    """True from REFRESH_BEFORE ahead of the access token's end."""
    return connection.token_expires_at is None or now >= connection.token_expires_at - REFRESH_BEFORE


def call(connection_id: int, do: Callable[[FullscriptClient], T], *, now: datetime) -> T:
    """Do something at Fullscript in the name of a connection; a refused token is refreshed, once.

    Nothing may wait to be written in the host's session: a refresh rolls it back. Refused again, the
    connection has to be made anew: raises ReconnectRequired.
    """
    session = current().db_session
    connection = _usable(session.get(Connection, connection_id))
    environment = current().environment(connection.environment)
    if not _is_good(connection, now=now):
        session.rollback()  # ends the read that is under way, which may not see what another session commits
    token = access_token(connection_id, now=now)
    try:
        return do(client(environment, token))
    except TokenRefused:
        token = access_token(connection_id, now=now, refused=token)
    try:
        return do(client(environment, token))
    except TokenRefused:
        with locked(connection_id) as (_session, connection):
            require_reconnect(connection, REFUSED)
        raise ReconnectRequired from None


def client(environment: Environment, token: str) -> FullscriptClient:
    """A client of Fullscript's API on the connections that this process keeps open."""
    return FullscriptClient(environment.hosts.api_url, token=token, transport=current().upstream.transport)


@contextmanager
def locked(connection_id: int) -> Iterator[tuple[Session, Connection]]:
    """The connection, as nobody else can change it until the block ends; then it is committed.

    Runs in a session of its own. Raises NotConnected when there is no such connection.
    """
    with Session(current().lock_engine, expire_on_commit=False) as session:
        session.execute(
            update(Connection)
            .where(Connection.id == connection_id)
            .values(refresh_lock=Connection.refresh_lock + 1)
        )
        connection = session.get(Connection, connection_id)
        if connection is None:
            raise NotConnected
        yield session, connection
        session.commit()


def keep_tokens(connection: Connection, pair: TokenPair, *, now: datetime) -> None:
    """Store *pair*. Its end is counted from *now*, so that a clock that is off does no harm."""
    connection.access_token = pair.access_token
    connection.refresh_token = pair.refresh_token
    connection.token_created_at = pair.created_at or now
    connection.token_expires_at = now + timedelta(seconds=pair.expires_in)
    connection.scope = pair.scope or connection.scope
    connection.status, connection.status_reason = CONNECTED, None


def _refreshed(connection_id: int, *, now: datetime, refused: str | None) -> str:
    with locked(connection_id) as (_session, connection):
        # Somebody else may have refreshed, or disconnected, while we waited.
        if not _is_good(_usable(connection), now=now, refused=refused):
            _refresh(connection, now=now)
    return _usable(connection).access_token or ""


def _refresh(connection: Connection, *, now: datetime) -> None:
    if connection.refresh_token is None:
        require_reconnect(connection, UNREADABLE)
        return
    state = current()
    try:
        pair = oauth.refresh(
            state.environment(connection.environment),
            state.upstream,
            refresh_token=connection.refresh_token,
            redirect_uri=connection.redirect_uri,
        )
    except GrantRefused:
        require_reconnect(connection, REFUSED)
    else:
        keep_tokens(connection, pair, now=now)


def require_reconnect(connection: Connection, reason: str) -> None:
    """Forget tokens that are of no use any more, and remember why. The caller commits."""
    connection.status, connection.status_reason = RECONNECT, reason
    connection.access_token = connection.refresh_token = None
    session = Session.object_session(connection)
    if session is not None:
        audit.record(
            session,
            "connection.ended_by_fullscript",
            user_id=connection.user_id,
            environment=connection.environment,
            details={"connection_id": connection.id},
        )


def _is_good(connection: Connection, *, now: datetime, refused: str | None = None) -> bool:
    token = connection.access_token
    return token is not None and token != refused and not is_due(connection, now=now)


def _usable(connection: Connection | None) -> Connection:
    if connection is None or connection.status == DISCONNECTED:
        raise NotConnected
    if connection.status == RECONNECT:
        raise ReconnectRequired(connection.status_reason)
    return connection


def mark_used(connection: Connection, *, now: datetime) -> None:
    """Note that a connection was used, to the minute. The caller commits."""
    if connection.last_used_at is None or now - connection.last_used_at >= USE_STEP:
        connection.last_used_at = now


def clinic_of(user_id: str, environment: str) -> str | None:
    """The clinic that a user connected, also after they disconnected; None when they never did."""
    return current().db_session.scalar(_CLINIC_OF_USER, {"user_id": user_id, "environment": environment})
