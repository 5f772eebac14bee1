"""Which one patient a partner means, where that is certain (guide: Patient Matching UI).

`patient_search.matches` answers who it may be; this answers who it is, or that a person has to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, Patient
from fullscript_sandbox.models.patient_index import fold

NAMES = ("first_name", "last_name")


def only_match(clinic: Clinic, data: Mapping[str, Any]) -> Patient | None:
    """The clinic's one patient who is the person in *data*, or None where it may be nobody or several.

    Fullscript's own id decides, then the partner's (`external_id`). Else it is who has the address, unless
    a name, the date of birth or another id of the partner says otherwise; families share an address, so
    that has to leave exactly one. A name alone is never enough. Archived patients do not count.
    """
    return _with(clinic, Patient.id, data.get("id")) or (
        _with(clinic, Patient.metadata_id, data.get("external_id")) or _by_address(clinic, data)
    )


def _with(clinic: Clinic, column: Any, value: Any) -> Patient | None:
    if not value or not isinstance(value, str):
        return None
    return db.session.scalars(_present(clinic).where(column == value).order_by(Patient.number)).first()


def _by_address(clinic: Clinic, data: Mapping[str, Any]) -> Patient | None:
    address = str(data.get("email") or "").strip()
    if not address:
        return None
    found = db.session.scalars(_present(clinic).where(Patient.email == address))
    left = [patient for patient in found if _nothing_speaks_against(patient, data)]
    return left[0] if len(left) == 1 else None


def _present(clinic: Clinic) -> Any:
    return select(Patient).where(Patient.clinic_id == clinic.id, Patient.archived.is_(False))


def _nothing_speaks_against(patient: Patient, data: Mapping[str, Any]) -> bool:
    for name in NAMES:
        wanted = str(data.get(name) or "").strip()
        if wanted and fold(wanted) != fold(getattr(patient, name)):
            return False
    born = patient.date_of_birth.isoformat() if patient.date_of_birth else None
    ids = (patient.metadata_id, data.get("external_id"))
    return not _differ(born, data.get("date_of_birth")) and not _differ(*ids)


def _differ(known: str | None, wanted: Any) -> bool:
    """True where both sides say something, and not the same."""
    return bool(known and wanted) and known != str(wanted).strip()
