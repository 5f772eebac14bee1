"""What an event leaves out and has to be asked for before it can be applied.

The guide's treatment plan events name neither patient nor practitioner (field notes, 1.18). Neither changes
while a plan is active, so that the answer is as good later as it was then.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from sqlalchemy import select

from fullscript_embed import connections
from fullscript_embed.api import FullscriptClient
from fullscript_embed.api.errors import Forbidden, RecordNotFound
from fullscript_embed.errors import ClinicNotConnected, NotConnected
from fullscript_embed.logs import say
from fullscript_embed.models import CONNECTED, Connection
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling


def people_of_plan(telling: Telling, plan_id: str, *, now: datetime) -> dict[str, str]:
    """A told plan's Fullscript patient and practitioner; nothing where Fullscript does not know or tell.

    Raises ClinicNotConnected when nobody can be asked, and the FullscriptError of a failure that may pass.
    """
    for connection_id in _who_may_ask(telling.environment, telling.clinic_id):
        try:
            return connections.call(connection_id, partial(_ask, plan_id), now=now)
        except NotConnected:
            continue  # it ended meanwhile
        except (RecordNotFound, Forbidden) as error:
            say(logging.INFO, "a plan's patient cannot be had", plan_id=plan_id, reason=error.reason)
            return {}
    raise ClinicNotConnected("Nobody is connected who could ask whose treatment plan this is.")


def _who_may_ask(environment: str, clinic_id: str) -> Iterable[int]:
    session = current().db_session
    wanted = select(Connection.id).filter_by(environment=environment, clinic_id=clinic_id, status=CONNECTED)
    ids = session.scalars(wanted.order_by(Connection.id)).all()
    session.rollback()
    return ids


def _ask(plan_id: str, client: FullscriptClient) -> dict[str, str]:
    plan = client.treatment_plans.retrieve(plan_id)
    found = {
        "fullscript_patient_id": plan.patient.id if plan.patient else None,
        "practitioner_id": plan.practitioner.id if plan.practitioner else None,
    }
    return {name: value for name, value in found.items() if value}
