"""Clinics as far as they can be asked: jobs speak to Fullscript for a clinic and not for a person."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from fullscript_embed import connections
from fullscript_embed.api.client import FullscriptClient
from fullscript_embed.errors import NotConnected
from fullscript_embed.logs import say
from fullscript_embed.models import DISCONNECTED, Connection
from fullscript_embed.state import current

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic that somebody connected, with the connections that may speak for it, the best one first.

    It has none while everybody in it has to connect again.
    """

    environment: str
    id: str
    connections: tuple[int, ...]


def connected() -> list[Clinic]:
    """Every clinic that is connected, also one whose connections are of no use any more."""
    wanted = (
        select(Connection)
        .where(Connection.clinic_id.is_not(None), Connection.status != DISCONNECTED)
        .order_by(Connection.environment, Connection.clinic_id, Connection.token_created_at.desc())
    )
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    configured = current().settings.environments
    for row in current().db_session.scalars(wanted):
        if row.environment in configured:
            usable = found[row.environment, row.clinic_id or ""]
            usable += [row.id] if row.is_usable else []
    return [Clinic(environment, clinic_id, tuple(ids)) for (environment, clinic_id), ids in found.items()]


def find(environment: str, clinic_id: str) -> Clinic:
    """One of them. A clinic that nobody connected is one without connections."""
    known = (one for one in connected() if (one.environment, one.id) == (environment, clinic_id))
    return next(known, Clinic(environment, clinic_id, ()))


def call(clinic: Clinic, do: Callable[[FullscriptClient], T], *, now: datetime) -> T:
    """Do something in the name of whoever can speak for the clinic. Raises NotConnected when nobody can."""
    for connection_id in clinic.connections:
        try:
            return connections.call(connection_id, do, now=now)
        except NotConnected:
            say(logging.INFO, "a connection of a clinic cannot be used", connection=connection_id)
    raise NotConnected("Nobody's connection of this clinic can be used: somebody has to connect it again.")
