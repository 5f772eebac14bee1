"""Whether a clinic lets this application in, as `clinic_key.activated` and `clinic_key.revoked` tell it."""

from __future__ import annotations

from sqlalchemy import update

from fullscript_embed import facts
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import EventRefused
from fullscript_embed.models import CONNECTED, ClinicKey, Connection
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

REVOKED = "revoked"


def keep(telling: Telling) -> None:
    """Keep it, and have connections that may have ended found out. The caller commits.

    The tokens are not forgotten: the connection is only taken for one that is due, so that its next use asks
    Fullscript. What is said here is no proof that Fullscript ended them.
    """
    if not telling.clinic_id:
        raise EventRefused("The event names no clinic, so nobody knows whose it is.")
    state = telling.kind.rpartition(".")[2]
    key, _is_new = facts.record(ClinicKey, telling, telling.clinic_id)
    changed = facts.keep(key, {"state": state}, telling)
    if changed and state == REVOKED:
        current().db_session.execute(
            update(Connection)
            .where(
                Connection.environment == telling.environment,
                Connection.clinic_id == telling.clinic_id,
                Connection.status == CONNECTED,
                Connection.created_at < telling.at,
            )
            .values(token_expires_at=utcnow())
            .execution_options(synchronize_session=False)
        )
