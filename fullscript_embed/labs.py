"""Labs, as a host has them: what was ordered, how far it is, and the results. United States only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select, update

from fullscript_embed import (
    audit,
    connections,
    embed,
    lab_checks,
    lab_pdf,
    lab_recommended,
    lab_views,
    patients,
    records,
)
from fullscript_embed.api.client import FullscriptClient
from fullscript_embed.api.errors import RecordNotFound
from fullscript_embed.api.records.labs import LabResult as ReportedResult
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import LabFileRefused, LabResultNotFound, LabsNotOffered, PatientNotLinked
from fullscript_embed.lab_models import LabResult
from fullscript_embed.lab_pdf import PdfFile
from fullscript_embed.lab_views import LabCheckView, LabOrderView
from fullscript_embed.models import Connection, LabOrder
from fullscript_embed.people import User
from fullscript_embed.state import current, signed_in

_NO_FILE = "Fullscript has no file for this result yet. Check again later."
_WITHDRAWN = "Fullscript does not list this result any more. Check for new results."


@dataclass(frozen=True, slots=True)
class PatientLabs:
    """The labs of one patient, the latest first, with when Fullscript was last asked about them.

    *check* is None while the patient is not linked in the clinic of who is signed in, or nobody is connected:
    then there is nothing to ask for.
    """

    patient_id: str
    orders: tuple[LabOrderView, ...]
    check: LabCheckView | None

    @property
    def unopened(self) -> int:
        """How many current results nobody has looked at."""
        return sum(one.unopened for one in self.orders)

    @property
    def version(self) -> str:
        """What changes whenever anything here does. Nothing can be read from it."""
        said = repr((self.orders, self.check)).encode()
        return hashlib.sha256(said).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class LabFile:
    """A result's PDF, ready to be sent. *name* is a file name that says nothing about the patient."""

    name: str
    pdf: PdfFile


class Labs:
    """What a host does with labs, as `fullscript.labs`."""

    def are_offered(self) -> bool:
        """False in Canada, where labs are not sold, and when nobody is signed in who may use Fullscript."""
        user = current().extension.current_user()
        return bool(user and user.is_enabled and not current().environment_of(user).is_canadian)

    def of_patient(self, patient_id: str | int) -> PatientLabs:
        """A patient's labs as they are kept. It asks nobody, and not who may see the patient: whoever calls
        it has done so."""
        connection, mine = current().extension.connection(), str(patient_id)
        orders = lab_views.of_patient(mine)
        recommended = lab_recommended.of_patient(mine, orders)
        check = connection and lab_views.check_of(connection.environment, connection.clinic_id or "", mine)
        return PatientLabs(mine, (*recommended, *orders), check or None)

    def check(self, patient_id: str | int) -> LabCheckView:
        """Ask Fullscript about a patient's labs now, in the name of who is signed in. Commits.

        Raises SignedOut, PatientNotFound, LabsNotOffered, NotConnected, PatientNotLinked, or the
        FullscriptError that kept it from being answered, which `of_patient` knows of afterwards.
        """
        user = signed_in()
        patient = embed.visible_patient(str(patient_id))
        connection = _connection_of(user)
        place = connection.environment, connection.clinic_id or ""
        known = records.fullscript_patient_id(*place, patient.id)
        if known is None:
            raise PatientNotLinked
        now = utcnow()
        lab_checks.check((*place, known), partial(connections.call, connection.id, now=now), now=now)
        return lab_views.check_of(*place, patient.id) or LabCheckView()

    def unopened(self, patient_ids: Iterable[str | int]) -> dict[str, int]:
        """How many results nobody has looked at, of each of these patients; one query. It does not ask who
        may see them."""
        return lab_views.unopened(map(str, patient_ids))

    def open_result(self, patient_id: str | int, lab_order_id: str, result_id: str) -> LabFile:
        """Fetch a result's PDF with the right of who is signed in to see it, check it, and write down that it
        was shown. Commits. Close the file.

        Where it is, is asked for anew. Raises SignedOut, PatientNotFound, LabsNotOffered, NotConnected,
        LabResultNotFound, LabFileRefused, UpstreamFailed, or the FullscriptError that was in the way.
        """
        user = signed_in()
        patient = embed.visible_patient(str(patient_id))
        connection = _connection_of(user)
        row = _find(connection, patient.id, lab_order_id, result_id)
        url = _address_of(connection, row, result_id)
        token = connections.access_token(connection.id, now=utcnow())
        environment = current().environment(connection.environment)
        current().db_session.rollback()  # nothing is open while the file comes
        timeout = current().settings.read_timeout
        pdf = lab_pdf.fetch(url, environment, token=token, read_timeout=timeout)
        try:
            _write_down(user, environment.name, patient.id, lab_order_id, row, result_id)
        except BaseException:
            pdf.close()
            raise
        return LabFile(file_name(result_id), pdf)


def file_name(result_id: str) -> str:
    """A name for a result's file that is nothing but a name (the guide: the result's id as a file name)."""
    return f"lab-result-{re.sub(r'[^A-Za-z0-9-]', '', result_id)[:64]}.pdf"


@dataclass(frozen=True, slots=True)
class _Found:
    """Which result it is, without the rows, for the session is closed meanwhile."""

    number: int
    lab_order_id: str
    fullscript_patient_id: str | None


def _connection_of(user: User) -> Connection:
    environment = current().environment_of(user)
    if environment.is_canadian:
        raise LabsNotOffered
    return connections.require(user, environment)


def _find(connection: Connection, patient_id: str, lab_order_id: str, result_id: str) -> _Found:
    """The result, if it is that patient's and of the clinic of that connection. Raises LabResultNotFound."""
    place = LabOrder.environment == connection.environment, LabOrder.clinic_id == connection.clinic_id
    wanted = (
        select(LabResult.id, LabOrder.fullscript_id, LabOrder.fullscript_patient_id)
        .join(
            LabOrder,
            (LabOrder.environment == LabResult.environment)
            & (LabOrder.clinic_id == LabResult.clinic_id)
            & (LabOrder.fullscript_id == LabResult.lab_order_id),
        )
        .where(*place, patients.is_of(LabOrder, patient_id))
        .where(LabOrder.fullscript_id == lab_order_id, LabResult.fullscript_id == result_id)
    )
    found = current().db_session.execute(wanted).first()
    if found is None:
        raise LabResultNotFound
    return _Found(*found)


def _address_of(connection: Connection, row: _Found, result_id: str) -> str:
    """Where Fullscript keeps the file at this moment."""
    try:
        order = connections.call(connection.id, partial(_retrieve, row.lab_order_id), now=utcnow())
    except RecordNotFound:
        raise LabFileRefused(_WITHDRAWN, status=404, code="file_gone") from None
    patient_id, results = order
    if patient_id not in {None, row.fullscript_patient_id}:
        raise LabResultNotFound  # it went to somebody else since
    found = next((one for one in results if one.id == result_id), None)
    if found is None:
        raise LabFileRefused(_WITHDRAWN, status=404, code="file_gone")
    if not found.pdf_url:
        raise LabFileRefused(_NO_FILE, status=404, code="file_gone")
    return found.pdf_url


def _retrieve(lab_order_id: str, client: FullscriptClient) -> tuple[str | None, list[ReportedResult]]:
    order = client.lab_orders.retrieve(lab_order_id)
    whole = order.latest_aggregated_result
    return order.patient_id, [*order.results, *([whole] if whole else [])]


def _write_down(
    user: User, environment: str, patient_id: str, lab_order_id: str, row: _Found, result_id: str
) -> None:
    """Keep who was shown what, before it goes out."""
    session, now = current().db_session, utcnow()
    unopened = LabResult.id == row.number, LabResult.opened_at.is_(None)
    session.execute(update(LabResult).where(*unopened).values(opened_at=now))
    audit.record(
        session,
        "lab_result.shown",
        user_id=user.id,
        environment=environment,
        patient_id=patient_id,
        details={"lab_order_id": lab_order_id, "result_id": result_id},
    )
    session.commit()
