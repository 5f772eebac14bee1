"""What events mean: which record each of them is about, and who a patient is at Fullscript.

Everything here is idempotent and indifferent to order: applying an event twice changes nothing, and an older
one that comes later does not undo a newer one (facts.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, exists, select

from fullscript_embed import clinic_keys, lab_agenda, lab_orders, orders, patients, plan_facts, products
from fullscript_embed.api.parsing import read_object, read_text
from fullscript_embed.envelope import BROWSER, PATIENT_SELECTED
from fullscript_embed.errors import ClinicNotConnected, EventRefused
from fullscript_embed.links import find_link, fullscript_patient_id, keep_link, keep_told, link, unlink
from fullscript_embed.models import Connection, InboxEvent
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

__all__ = ["apply", "find_link", "fullscript_patient_id", "is_connected", "keep_link", "link", "unlink"]

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
        _link_by_our_id(telling)
        if telling.kind in PLAN_KINDS:
            plans.append(plan_facts.keep(telling, looked_up))
        elif telling.kind in KEEPERS:
            KEEPERS[telling.kind](telling)
        lab_agenda.hear(telling, plans)
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


def _link_by_our_id(telling: Telling) -> None:
    """Keep whom Fullscript tells of by our own id, which a link of ours has given it."""
    about = read_object(telling.data.get("treatment_plan")) or telling.data
    patient = read_object(about.get("patient"))
    found = read_text(patient.get("id"))
    own = read_text(read_object(patient.get("metadata")).get("id")) or read_text(patient.get("external_id"))
    if telling.is_signed and telling.clinic_id and found and own:
        keep_told(telling.environment, telling.clinic_id, own, found, at=telling.at)
