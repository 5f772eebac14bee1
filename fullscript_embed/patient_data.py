"""A patient of the host, as Fullscript Embed takes one (the guide: Platform, Initialization parameters)."""

from __future__ import annotations

from typing import Any

import phonenumbers

from fullscript_embed.people import Patient

# Embed's words; the REST API has others (field notes, P30).
SEXES = {
    "female": "female",
    "f": "female",
    "male": "male",
    "m": "male",
    "x": "prefer not to say",
    "other": "prefer not to say",
    "prefer not to say": "prefer not to say",
    "prefer_not_to_say": "prefer not to say",
}
# The REST API's.
GENDERS = {"female": "female", "male": "male", "prefer not to say": "x"}
# Fullscript delivers to these, and takes no other numbers (field notes, P31).
REGIONS = frozenset({"US", "CA"})
NORTH_AMERICA = 1


def for_embed(patient: Patient, fullscript_patient_id: str | None) -> dict[str, Any] | None:
    """The `patient` of Embed's `create`: the id alone once it is known, else what helps to find a match.

    None when nothing is known, for an empty object would be sent and searched for (field notes, P18).
    """
    if fullscript_patient_id:
        return {"id": fullscript_patient_id}
    known = {
        "firstName": _text(patient.first_name),
        "lastName": _text(patient.last_name),
        "email": _text(patient.email),
        "dateOfBirth": patient.date_of_birth.isoformat() if patient.date_of_birth else None,
        "biologicalSex": SEXES.get((patient.sex or "").strip().lower()),
        "mobileNumber": mobile_number(patient.mobile_number),
        "discount": patient.discount,
    }
    found = {name: value for name, value in known.items() if value not in (None, "")}
    # A discount alone describes nobody.
    return found if found.keys() - {"discount"} else None


def gender(sex: str | None) -> str | None:
    """The host's word for a sex as the REST API has it, male, female or x; None for what is no such word."""
    return GENDERS.get(SEXES.get((sex or "").strip().lower(), ""))


def mobile_number(text: str | None) -> str | None:
    """*text* as +1XXXXXXXXXX, or None when it is no valid number of the US or Canada."""
    try:
        number = phonenumbers.parse(text or "", "US")
    except phonenumbers.NumberParseException:
        return None
    possible = (
        phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    if not possible or number.country_code != NORTH_AMERICA or number.extension:
        return None
    # None for numbers that are well formed and given to nobody.
    if phonenumbers.region_code_for_number(number) not in {*REGIONS, None}:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
