"""Taking what Fullscript says about a patient into the practice's own record, when somebody chose it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ehr.database import db
from ehr.models import Patient, Sex
from ehr.records import visible_patient
from ehr.sign_ins import the_user
from fullscript_embed import ChangeRefused

LONGEST = {"first_name": 100, "last_name": 100, "email": 254}


def update_patient(patient_id: str, changes: Mapping[str, Any]) -> None:
    """Write *changes*, by the extension's names, into the record, and commit. Raises ChangeRefused."""
    patient = visible_patient(the_user(), patient_id)
    if patient is None:
        raise ChangeRefused("This patient is not one of your practice any more.")
    for name, value in changes.items():
        if len(str(value)) > LONGEST.get(name, len(str(value))):
            raise ChangeRefused("A name or address at Fullscript is longer than this app keeps.")
        _change(patient, name, value)
    patient.index_for_search()
    db.session.commit()


def _change(patient: Patient, name: str, value: Any) -> None:
    match name:
        case "sex":
            patient.sex = Sex(value)
        case "mobile_number":
            patient.phone = patient.phone_e164 = value
        case "is_dependent":
            patient.guardian = None  # only the end of it is ever offered
        case _:
            setattr(patient, name, value)
