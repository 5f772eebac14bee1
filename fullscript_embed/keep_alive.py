"""Keeping one access token of each clinic alive, so that polls go on while nobody uses Fullscript.

Refresh tokens never end by themselves (the guide: Refresh an access token), so one in each clinic is enough;
that it is refreshed also shows soon when a clinic has revoked its access.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from fullscript_embed import clinics, connections
from fullscript_embed.api import FullscriptError
from fullscript_embed.clinics import Clinic
from fullscript_embed.errors import NotConnected
from fullscript_embed.logs import say
from fullscript_embed.models import Connection
from fullscript_embed.state import current

# An access token lives two hours, and this runs every half an hour.
AHEAD = timedelta(hours=1)


def keep_alive(*, now: datetime) -> tuple[int, list[Clinic]]:
    """Refresh one token of each clinic that ends within the hour; how many have one, and which have none.

    A clinic whose token could not be refreshed now counts as one that has none; the next run tries again.
    """
    known = clinics.connected()
    without = [clinic for clinic in known if not _is_alive(clinic, now=now)]
    for clinic in without:
        say(
            logging.WARNING,
            "a clinic has no valid token",
            environment=clinic.environment,
            clinic_id=clinic.id,
        )
    return len(known) - len(without), without


def _is_alive(clinic: Clinic, *, now: datetime) -> bool:
    return any(_refreshed(connection_id, now=now) for connection_id in clinic.connections)


def _refreshed(connection_id: int, *, now: datetime) -> bool:
    session = current().db_session
    connection = session.get(Connection, connection_id, populate_existing=True)
    if connection is None:
        return False
    ends, token = connection.token_expires_at, connection.access_token
    session.rollback()
    if ends is not None and ends > now + AHEAD:
        return True
    try:
        connections.access_token(connection_id, now=now, refused=token)
    except (NotConnected, FullscriptError) as error:
        reason = getattr(error, "reason", type(error).__name__)
        say(logging.WARNING, "a token was not refreshed", connection=connection_id, reason=reason)
        return False
    return True
