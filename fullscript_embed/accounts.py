"""Connecting and disconnecting: what begins and ends a connection.

Forgetting the tokens never waits for Fullscript. They are taken out of the connection first and kept,
encrypted, among the pending revocations until Fullscript has confirmed; every sweep tries again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fullscript_embed import audit, connections, cross_index, oauth, signals
from fullscript_embed.api.errors import FullscriptError
from fullscript_embed.api.records.clinics import Clinic
from fullscript_embed.environments import Environment
from fullscript_embed.errors import EmbedError, NotConnected
from fullscript_embed.logs import say, say_unexpected
from fullscript_embed.models import DISCONNECTED, Connection, PendingRevocation
from fullscript_embed.oauth import TokenPair
from fullscript_embed.people import User
from fullscript_embed.state import current

WARNING = 30
UNREADABLE = "the token cannot be read any more"
# In one sweep, those first that were tried least, so that one which always fails is in nobody's way.
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Disconnection:
    """What became of one disconnection. *told_fullscript* is False while revoking has to be repeated."""

    user_id: str
    environment: str
    told_fullscript: bool
    reason: str | None = None


def connect(
    user: User, environment: Environment, *, code: str, redirect_uri: str, now: datetime
) -> Connection:
    """Finish an authorization: tokens, the clinic, then the connection, in place of the user's earlier one.

    Raises the FullscriptError that prevented it; tokens that were given by then are revoked.
    """
    upstream = current().upstream
    pair = oauth.exchange(environment, upstream, code=code, redirect_uri=redirect_uri)
    try:
        clinic = connections.client(environment, pair.access_token).clinic.retrieve()
    except FullscriptError:
        _queue_and_try(environment.name, user.id, pair.access_token)
        raise
    connection = _keep(user, environment, pair, clinic, redirect_uri=redirect_uri, now=now)
    cross_index.wish_for_user(connection)
    signals.connected.send(
        current().app, user_id=user.id, environment=environment.name, clinic_id=connection.clinic_id
    )
    return connection


def disconnect(connection_id: int, *, by: str | None) -> Disconnection:
    """Forget the tokens of a connection at once, then tell Fullscript. *by* is the host user who asked.

    Raises NotConnected when there is nothing to disconnect.
    """
    with connections.locked(connection_id) as (session, connection):
        if connection.status == DISCONNECTED:
            raise NotConnected
        user_id, environment = connection.user_id, connection.environment
        pending = _forget(session, connection)
        ids: dict[str, str | int | None] = {"connection_id": connection_id, "connection_of": user_id}
        audit.record(session, "connection.ended", user_id=by, environment=environment, details=ids)
    failure = _revoke_pending([pending.id])[0] if pending else None
    signals.disconnected.send(current().app, user_id=user_id, environment=environment, by=by)
    return Disconnection(user_id, environment, told_fullscript=failure is None, reason=failure)


def disconnect_all(*, by: str | None) -> list[Disconnection]:
    """End every connection, and try again what earlier disconnections could not tell Fullscript.

    One that fails does not stop the others; the answer has one entry for each.
    """
    retry_revocations()
    known = [(one.id, one.user_id, one.environment) for one in connections.all_shown()]
    current().db_session.rollback()
    done = [_disconnect_one(*one, by=by) for one in known]
    return [one for one in done if one is not None]


def retry_revocations() -> int:
    """Tell Fullscript about disconnections that it does not know of yet; the number that still wait."""
    session = current().db_session
    least_tried = select(PendingRevocation.id).order_by(PendingRevocation.attempts, PendingRevocation.id)
    ids = list(session.scalars(least_tried.limit(MOST_AT_ONCE)))
    session.rollback()
    return sum(failure is not None for failure in _revoke_pending(ids))


def _keep(
    user: User, environment: Environment, pair: TokenPair, clinic: Clinic, *, redirect_uri: str, now: datetime
) -> Connection:
    facts: dict[str, Any] = {
        "fullscript_user_id": pair.owner_id,
        "user_type": pair.owner_type,
        "clinic_id": clinic.id,
        "clinic_name": clinic.name,
        "redirect_uri": redirect_uri,
        "created_at": now,
        "last_used_at": None,
    }
    with connections.locked(_row(user.id, environment.name)) as (session, row):
        replaced = row.access_token
        for name, value in facts.items():
            setattr(row, name, value)
        connections.keep_tokens(row, pair, now=now)
        audit.record(
            session,
            "connection.made",
            user_id=user.id,
            environment=environment.name,
            details={
                "clinic_id": clinic.id,
                "fullscript_user_id": pair.owner_id,
                "fullscript_user_type": pair.owner_type,
            },
        )
    if replaced:
        _queue_and_try(environment.name, user.id, replaced)
    return row


def _row(user_id: str, environment: str) -> int:
    """The id of that user's row, made if it is not there; two tabs may make it at once."""
    session = current().db_session
    found = connections.find(user_id, environment)
    if found is None:
        session.add(Connection(user_id=user_id, environment=environment, status=DISCONNECTED))
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
        found = connections.find(user_id, environment)
    if found is None:
        raise NotConnected
    row_id = found.id
    session.rollback()
    return row_id


def _forget(session: Session, connection: Connection) -> PendingRevocation | None:
    """Take the tokens out of *connection*. Revoking either of a pair ends both, so one is kept for that."""
    token = connection.access_token or connection.refresh_token
    connection.access_token = connection.refresh_token = None
    connection.status, connection.status_reason = DISCONNECTED, None
    if token is None:
        return None
    pending = PendingRevocation(environment=connection.environment, user_id=connection.user_id, token=token)
    session.add(pending)
    session.flush()
    return pending


def _disconnect_one(
    connection_id: int, user_id: str, environment: str, *, by: str | None
) -> Disconnection | None:
    try:
        return disconnect(connection_id, by=by)
    except NotConnected:
        return None  # its user was faster
    except Exception as error:  # noqa: BLE001 -- the others still have to be ended
        current().db_session.rollback()
        say_unexpected("a connection could not be ended", error, connection=connection_id)
        return Disconnection(user_id, environment, told_fullscript=False, reason=type(error).__name__)


def _queue_and_try(environment: str, user_id: str, token: str) -> None:
    session = current().db_session
    pending = PendingRevocation(environment=environment, user_id=user_id, token=token)
    session.add(pending)
    session.commit()
    _revoke_pending([pending.id])


def _revoke_pending(ids: Iterable[int]) -> list[str | None]:
    """Revoke each at Fullscript; for each, None when it is done, else why not."""
    return [_revoke_one(pending_id) for pending_id in ids]


def _revoke_one(pending_id: int) -> str | None:
    state = current()
    session = state.db_session
    pending = session.get(PendingRevocation, pending_id)
    if pending is None:
        return None  # another process was faster
    environment, token = pending.environment, pending.token
    session.rollback()  # no transaction stays open while Fullscript is asked
    failure = UNREADABLE if token is None else _tell_fullscript(environment, token)
    done = failure is None or token is None  # what cannot be read never will be
    change = (
        delete(PendingRevocation)
        if done
        else update(PendingRevocation).values(attempts=PendingRevocation.attempts + 1, last_error=failure)
    )
    session.execute(change.where(PendingRevocation.id == pending_id))
    session.commit()
    return failure


def _tell_fullscript(environment: str, token: str) -> str | None:
    state = current()
    try:
        oauth.revoke(state.environment(environment), state.upstream, token=token)
    except (FullscriptError, EmbedError) as error:
        reason = getattr(error, "reason", "the environment is not configured any more")
        say(WARNING, "a revocation has to be repeated", environment=environment, reason=reason)
        return str(reason)
    return None
