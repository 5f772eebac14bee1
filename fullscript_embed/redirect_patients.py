"""A patient of the host, as a dynamic link takes one, and what Fullscript says about their fields.

(The guide: Treatment plan dynamic link.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from fullscript_embed import candidates
from fullscript_embed.api import FullscriptClient, LinkPatient
from fullscript_embed.api.errors import Forbidden
from fullscript_embed.api.records.patients import Patient as Record
from fullscript_embed.patient_data import mobile_number
from fullscript_embed.people import Patient

# The REST API's words; Embed has others (field notes, P30).
GENDERS = {"female": "female", "f": "female", "male": "male", "m": "male", "x": "x", "other": "x"}
# How Fullscript's sentences begin, and what the extension calls that field of a patient.
FIELDS = {
    "first name": "first_name",
    "last name": "last_name",
    "email": "email",
    "date of birth": "date_of_birth",
    "gender": "sex",
    "mobile number": "mobile_number",
    "discount": "discount",
}
MOST_READ = 100


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A sentence of Fullscript's about a patient's data. *field* is that of `Patient`, None without one.

    It may quote what was sent: show it to the person who sent it, and keep it out of logs.
    """

    field: str | None
    message: str


def for_link(patient: Patient, **more: str | bool | None) -> LinkPatient:
    """What Fullscript may know of the patient; *more* are fields of `LinkPatient` that the host has not."""
    return LinkPatient(
        email=_text(patient.email),
        first_name=_text(patient.first_name),
        last_name=_text(patient.last_name),
        date_of_birth=patient.date_of_birth,
        gender=GENDERS.get((patient.sex or "").strip().lower()),
        mobile_number=mobile_number(patient.mobile_number),
        discount=None if patient.discount is None else Decimal(str(patient.discount)),
        **more,  # type: ignore[arg-type]  # the callers below name fields of these types
    )


def is_nobody(patient: Patient) -> bool:
    """True for a patient of whom nothing is known that Fullscript could look for."""
    return not any(map(_text, (patient.email, patient.first_name, patient.last_name)))


def with_address(client: FullscriptClient, patient: Patient) -> list[Record] | None:
    """Fullscript's patients with exactly this e-mail address, dependents too, without dates of birth.

    None when this application may not look.
    """
    wanted = _text(patient.email)
    if wanted is None:
        return []
    try:
        found = list(islice(client.patients.search(wanted, patient_type=candidates.EVERYBODY), MOST_READ))
    except Forbidden:
        return None
    same = (row for row in found if (row.email or "").strip().casefold() == wanted.casefold())
    return [row for row in same if not row.archived]


def problems(messages: Iterable[str]) -> tuple[FieldProblem, ...]:
    """Fullscript's sentences about a request, each with the field that it is about."""
    return tuple(FieldProblem(_field(one), one) for one in messages)


def is_about_practitioner(messages: Iterable[str]) -> bool:
    """True when Fullscript misses the practitioner, or does not know the one who was named."""
    return any(one.lower().startswith("practitioner") for one in messages)


def _field(message: str) -> str | None:
    said = message.strip().lower()
    return next((name for start, name in FIELDS.items() if said.startswith(start)), None)


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
