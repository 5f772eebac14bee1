"""Recognising a patient by our own id, right before Fullscript would search for them."""

from __future__ import annotations

import logging
from datetime import datetime

from fullscript_embed import candidates, connections, links
from fullscript_embed.api import FullscriptError
from fullscript_embed.errors import EmbedError
from fullscript_embed.logs import say
from fullscript_embed.models import Connection
from fullscript_embed.people import Patient
from fullscript_embed.state import current


def by_our_id(connection: Connection, patient: Patient, *, now: datetime) -> str | None:
    """Who carries the patient's id in that clinic, kept as the link. Commits.

    None when nobody does, and when it cannot be asked now: somebody waits, and a search is as good.
    """
    place = connection.environment, connection.clinic_id or ""
    note = links.find_note(*place, patient.id)
    never = note.unlinked_id if note else None
    connection_id = connection.id
    current().db_session.rollback()  # nothing is locked while Fullscript is asked
    try:
        found = connections.call(
            connection_id, lambda client: candidates.find_by_our_id(client, patient, never=never), now=now
        )
        if found is not None:
            links.link(*place, patient.id, found.id, found_by=links.METADATA)
    except (FullscriptError, EmbedError) as error:
        reason = getattr(error, "reason", type(error).__name__)
        say(logging.INFO, "a patient was not recognised by our id", patient_id=patient.id, reason=reason)
        return None
    return found.id if found else None
