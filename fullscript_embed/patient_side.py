"""`fullscript.patient_side`: what a host may show a patient of what is kept, and what a patient can do.

No practitioner is signed in here: Fullscript is asked by whoever of the clinic is connected. None of it asks
who the patient is: the host has signed them in. What came to an account that a family shares may be about
somebody else of the family, and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import func, select

from fullscript_embed import (
    clinics,
    connections,
    lab_pdf,
    lab_views,
    names,
    orders,
    patients,
    plans,
)
from fullscript_embed.api import FullscriptClient, FullscriptError
from fullscript_embed.api.errors import RecordNotFound
from fullscript_embed.api.records.plans import TreatmentPlan as ReportedPlan
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import (
    LabResultNotFound,
    NotConnected,
    PlanNotActive,
    PlanNotFound,
    UpstreamFailed,
)
from fullscript_embed.lab_views import LabOrderView
from fullscript_embed.labs import LabFile, file_name
from fullscript_embed.models import Connection, LabOrder, PatientLink
from fullscript_embed.plan_facts import ACTIVE, CANCELLED
from fullscript_embed.plans import PlanView
from fullscript_embed.state import current

T = TypeVar("T")

# The state of a lab order whose interpretation the practitioner has shared with the patient.
SHARED = "interpretation_shared"
AWAY = "Fullscript cannot be reached at the moment. Try again in a few minutes."
UNAVAILABLE = "Your practice is not connected to Fullscript now. Ask there, or use Fullscript's own e-mail."


@dataclass(frozen=True, slots=True)
class OrderedItem:
    """One product or lab that was bought; *name* is None while it is not known."""

    name: str | None
    quantity: int | None
    is_lab: bool


@dataclass(frozen=True, slots=True)
class PatientOrder:
    """One order of the patient's."""

    id: str
    number: str | None
    at: datetime | None
    items: tuple[OrderedItem, ...]


class PatientSide:
    """What a host's pages for patients show and do."""

    def plans(self, patient_id: str | int) -> list[PlanView]:
        """The plans that were sent to the patient, newest first, also cancelled ones; never a draft."""
        sent = plans.of_patient(str(patient_id))
        return [one for one in sent if one.state in {ACTIVE, CANCELLED} and not one.is_shared]

    def orders(self, patient_id: str | int) -> list[PatientOrder]:
        """What the patient bought, the latest first, by the products' names."""
        alone = _places(str(patient_id))
        bought = [
            one for one in orders.of_patient(str(patient_id)) if (one.environment, one.clinic_id) in alone
        ]
        known = names.find(
            (one.environment, names.VARIANT, item.variant_id) for one in bought for item in one.line_items
        )
        return [
            PatientOrder(
                one.id,
                one.order_number,
                one.completed_at,
                tuple(
                    OrderedItem(
                        found.name
                        if (found := known.get((one.environment, names.VARIANT, item.variant_id)))
                        else None,
                        item.quantity,
                        item.is_lab,
                    )
                    for item in one.line_items
                ),
            )
            for one in bought
        ]

    def lab_orders(self, patient_id: str | int) -> list[LabOrderView]:
        """The labs whose interpretation was shared with the patient, the latest first; no others."""
        alone = _places(str(patient_id))
        found = lab_views.of_patient(str(patient_id))
        return [one for one in found if one.state == SHARED and (one.environment, one.clinic_id) in alone]

    def invitation(self, patient_id: str | int, plan_id: str) -> str:
        """The patient's own link to order what an active plan recommends, fetched anew.

        Raises PlanNotFound, PlanNotActive, NotConnected while nobody of the clinic can ask, UpstreamFailed.
        """
        plan = next((one for one in self.plans(patient_id) if one.id == plan_id), None)
        if plan is None:
            raise PlanNotFound
        if plan.state != ACTIVE:
            raise PlanNotActive(plan.state)
        answer = _ask(plan.environment, plan.clinic_id, partial(_retrieve, plan_id))
        if answer.state != ACTIVE or not answer.invitation_url:
            raise PlanNotActive(answer.state)
        return answer.invitation_url

    def open_result(self, patient_id: str | int, lab_order_id: str, result_id: str) -> LabFile:
        """Fetch the PDF of a result of a shared lab, checked as for a practitioner. Close the file.

        Raises LabResultNotFound, LabFileRefused, NotConnected or UpstreamFailed.
        """
        lab = next((one for one in self.lab_orders(patient_id) if one.id == lab_order_id), None)
        if lab is None or result_id not in {one.id for one in lab.results}:
            raise LabResultNotFound
        person = current().db_session.scalar(
            select(LabOrder.fullscript_patient_id).where(
                LabOrder.environment == lab.environment,
                LabOrder.clinic_id == lab.clinic_id,
                LabOrder.fullscript_id == lab.id,
                patients.is_of(LabOrder, str(patient_id)),
            )
        )
        found = _ask(lab.environment, lab.clinic_id, partial(_read_results, lab.id))
        if found[0] not in {None, person} or result_id not in found[1]:
            raise LabResultNotFound
        connection = _connection(lab.environment, lab.clinic_id)
        environment = current().environment(lab.environment)
        timeout = current().settings.read_timeout
        with _told_to_a_patient():
            token = connections.access_token(connection.id, now=utcnow())
            current().db_session.rollback()  # nothing is open while the file comes
            pdf = lab_pdf.fetch(found[1][result_id], environment, token=token, read_timeout=timeout)
        return LabFile(file_name(result_id), pdf)

    def send_mobile_number(
        self, patient_id: str | int, number: str | None, *, replaces: str | None = None
    ) -> bool:
        """Tell Fullscript, wherever the patient is linked, the number (+15035550123) for text messages.

        None takes the number *replaces* out again, and no other. False when Fullscript could not be told
        everywhere; the practice sees the difference then (`fullscript.people`).
        """
        session, told = current().db_session, True
        wanted = select(PatientLink).filter_by(patient_id=str(patient_id), is_shared=False)
        places = [
            (link.environment, link.clinic_id, link.fullscript_patient_id) for link in session.scalars(wanted)
        ]
        for environment, clinic_id, person in places:
            try:
                _ask(environment, clinic_id, partial(_change_number, person, number, replaces))
            except (NotConnected, UpstreamFailed):
                told = False
        return told


def _places(patient_id: str) -> set[tuple[str, str]]:
    """The clinics in which nobody else of the host's is linked to the patient's account."""
    mine = select(PatientLink.fullscript_patient_id).where(PatientLink.patient_id == patient_id)
    everybody = (
        select(PatientLink.environment, PatientLink.clinic_id, func.count(), func.max(PatientLink.patient_id))
        .where(PatientLink.fullscript_patient_id.in_(mine))
        .group_by(PatientLink.environment, PatientLink.clinic_id, PatientLink.fullscript_patient_id)
    )
    rows = current().db_session.execute(everybody)
    return {(row[0], row[1]) for row in rows if row[2] == 1 and row[3] == patient_id}


def _connection(environment: str, clinic_id: str) -> Connection:
    """The best connection of a clinic. Raises NotConnected."""
    clinic = clinics.find(environment, clinic_id)
    found = current().db_session.get(Connection, clinic.connections[0]) if clinic.connections else None
    if found is None:
        raise NotConnected(UNAVAILABLE)
    return found


def _ask(environment: str, clinic_id: str, do: Callable[[FullscriptClient], T]) -> T:
    """Ask in the name of whoever can speak for the clinic. Raises NotConnected or UpstreamFailed."""
    clinic = clinics.find(environment, clinic_id)
    current().db_session.rollback()  # nothing is locked while Fullscript is asked
    if not clinic.connections:
        raise NotConnected(UNAVAILABLE)
    with _told_to_a_patient():
        return clinics.call(clinic, do, now=utcnow())


@contextmanager
def _told_to_a_patient() -> Iterator[None]:
    """Turns what Fullscript said to the practice into words that tell no more than a patient may know."""
    try:
        yield
    except FullscriptError as error:
        raise UpstreamFailed(AWAY, code="upstream_unreachable", reference=error.request_id) from error


def _retrieve(plan_id: str, client: FullscriptClient) -> ReportedPlan:
    try:
        return client.treatment_plans.retrieve(plan_id)
    except RecordNotFound:
        raise PlanNotFound from None


def _read_results(lab_order_id: str, client: FullscriptClient) -> tuple[str | None, dict[str, str]]:
    """Whose lab it is, and where its results' files are at this moment."""
    try:
        order = client.lab_orders.retrieve(lab_order_id)
    except RecordNotFound:
        raise LabResultNotFound from None
    whole = order.latest_aggregated_result
    results = [*order.results, *([whole] if whole else [])]
    return order.patient_id, {one.id: one.pdf_url for one in results if one.pdf_url}


def _change_number(person: str, number: str | None, replaces: str | None, client: FullscriptClient) -> None:
    if number is None and client.patients.retrieve(person).mobile_number != replaces:
        return
    client.patients.update(person, mobile_number=number)
