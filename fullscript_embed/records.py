"""What events mean: which record each of them is about, and who a patient is at Fullscript.

Everything here is idempotent and indifferent to order: applying an event twice changes nothing, and an older
one that comes later does not undo a newer one (facts.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from fullscript_embed import clinic_keys, lab_orders, orders, patients, plan_facts, products
from fullscript_embed.api.parsing import read_object, read_text
from fullscript_embed.clock import utcnow
from fullscript_embed.envelope import BROWSER, PATIENT_SELECTED
from fullscript_embed.errors import ClinicNotConnected, EventRefused
from fullscript_embed.models import Connection, InboxEvent, PatientLink
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

# The rest is kept in the inbox as it came, and told to the host by its type.
KEEPERS = {
    "order.placed": orders.keep,
    "lab_order.updated": lab_orders.keep,
    "patient.created": patients.keep,
    "patient.updated": patients.keep,
    "patient.emancipated": patients.keep,
    "product.created": products.keep,
    "product.updated": products.keep,
    "product.description.updated": products.keep,
    "clinic_key.activated": clinic_keys.keep,
    "clinic_key.revoked": clinic_keys.keep,
}
PLAN_KINDS = frozenset(
    {"treatment_plan.created", "treatment_plan.updated", "treatment_plan.recommendation.updated"}
)
_IS_OURS = select(
    exists().where(
        Connection.environment == bindparam("environment"), Connection.clinic_id == bindparam("clinic_id")
    )
)


def apply(event: InboxEvent, tellings: Sequence[Telling], looked_up: Mapping[str, str] | None) -> list[int]:
    """Do what *event* says, as all its witnesses told it; gives the plans without names. The caller commits.

    Raises ClinicNotConnected while nobody has connected its clinic, EventRefused when it cannot be applied,
    and PatientUnknown when nothing says whose plan it is and that was not *looked_up* yet.
    """
    if not is_connected(event):
        raise ClinicNotConnected("Nobody has connected this clinic.")
    plans = []
    for telling in tellings:
        if telling.clinic_id != (event.clinic_id or ""):
            raise EventRefused("The witnesses of this event name different clinics.")
        _link(telling)
        if telling.kind in PLAN_KINDS:
            plans.append(plan_facts.keep(telling, looked_up))
        elif telling.kind in KEEPERS:
            KEEPERS[telling.kind](telling)
    if looked_up is None and any(plan.fullscript_patient_id is None for plan in plans):
        raise plan_facts.PatientUnknown(tellings[0], plans[0].fullscript_id)
    current().db_session.flush()
    return sorted({plan.id for plan in plans if plan.names_missing})


def is_connected(event: InboxEvent) -> bool:
    """True when the event's clinic is, or was, one of somebody here; and for what is of no clinic.

    What a browser reported was checked at the door.
    """
    if event.clinic_id is None or event.door == BROWSER:
        return True
    place = {"environment": event.environment, "clinic_id": event.clinic_id}
    return bool(current().db_session.scalar(_IS_OURS, place))


def _link(telling: Telling) -> None:
    """Keep whom the host's page was about, when a patient was chosen or given a plan there."""
    about = (
        telling.data if telling.kind == PATIENT_SELECTED else read_object(telling.data.get("treatment_plan"))
    )
    found = read_text(read_object(about.get("patient")).get("id"))
    if telling.patient_id and found:
        keep_link(telling.environment, telling.clinic_id, telling.patient_id, found, at=telling.at)


def find_link(environment: str, clinic_id: str | None, patient_id: str) -> PatientLink | None:
    """Who a host patient is in that clinic, or None."""
    wanted = select(PatientLink).filter_by(
        environment=environment, clinic_id=clinic_id, patient_id=patient_id
    )
    return current().db_session.scalar(wanted)


def fullscript_patient_id(environment: str, clinic_id: str | None, patient_id: str) -> str | None:
    """The same, as the id alone."""
    columns = PatientLink.__table__.columns
    wanted = select(columns.fullscript_patient_id).where(
        columns.environment == environment,
        columns.clinic_id == clinic_id,
        columns.patient_id == patient_id,
    )
    return current().db_session.scalar(wanted)


def link(environment: str, clinic_id: str, patient_id: str, fullscript_patient_id: str) -> None:
    """Remember who a host patient is in that clinic, from now on. Commits."""
    keep_link(environment, clinic_id, patient_id, fullscript_patient_id, at=utcnow())
    current().db_session.commit()


def unlink(environment: str, clinic_id: str, patient_id: str) -> bool:
    """Forget who a host patient is in that clinic; False when nothing was known. Commits."""
    session = current().db_session
    found = find_link(environment, clinic_id, patient_id)
    if found is not None:
        session.delete(found)
    session.commit()
    return found is not None


def keep_link(
    environment: str, clinic_id: str, patient_id: str, fullscript_patient_id: str, *, at: datetime
) -> None:
    """The same, unless something newer than *at* is known; and the caller commits."""
    session = current().db_session
    found = find_link(environment, clinic_id, patient_id)
    if found is None:
        found = PatientLink(environment=environment, clinic_id=clinic_id, patient_id=patient_id, linked_at=at)
        session.add(found)
    elif (found.linked_at, found.fullscript_patient_id) >= (at, fullscript_patient_id):
        return
    found.fullscript_patient_id, found.linked_at = fullscript_patient_id, at
