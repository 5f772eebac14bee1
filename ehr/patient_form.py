"""The form with which a patient is created and edited."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)
from wtforms import (
    DateField,
    EmailField,
    Field,
    HiddenField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError

from ehr.models import Patient, Practice, Sex, User
from ehr.records import visible_patient

OLDEST_BIRTH = date(1900, 1, 1)
SEXES = {"": "Not recorded", Sex.FEMALE: "Female", Sex.MALE: "Male", Sex.UNSPECIFIED: "Unspecified"}


def trimmed(text: str | None) -> str:
    """*text* without the white space around it and doubled within it."""
    return " ".join((text or "").split())


def printable(_form: Any, field: Field) -> None:
    """Refuse control characters: no name has them, and PostgreSQL does not take all of them."""
    if any(ord(char) < ord(" ") and char not in "\r\n\t" for char in field.data or ""):
        raise ValidationError("Remove the control characters.")


class GuardianField(HiddenField):
    """The checkbox "Dependent of …", whose value is the guardian's id: not sent when it is not ticked."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take no value as nobody; the base class would keep the guardian of before."""
        self.data = valuelist[0] if valuelist else ""


class PatientForm(FlaskForm):
    """Who the patient is. Only the name has to be known; phone numbers are read as the practice's country
    writes them."""

    first_name = StringField(
        "First name", [DataRequired("Enter a first name."), Length(max=100), printable], [trimmed]
    )
    last_name = StringField(
        "Last name", [DataRequired("Enter a last name."), Length(max=100), printable], [trimmed]
    )
    email = EmailField(
        "E-mail address",
        [Optional(), Length(max=254), Email("Enter a full address, such as name@example.com.")],
        [trimmed],
        description="Fullscript sends treatment plans to this address.",
    )
    date_of_birth = DateField("Date of birth", [Optional()])
    sex = SelectField("Sex", choices=[SelectChoice(value, label) for value, label in SEXES.items()])
    phone = TelField("Mobile phone", [Optional(), Length(max=40), printable], [trimmed])
    allergies = TextAreaField("Allergies", [Length(max=2000), printable])
    guardian_id = GuardianField()

    def __init__(self, author: User, patient: Patient | None = None, *, today: date, **data: Any) -> None:
        super().__init__(obj=patient, data=data)
        self._author, self._patient, self._today = author, patient, today

    @property
    def guardian(self) -> Patient | None:
        """The patient named as guardian, when the author may see them."""
        return visible_patient(self._author, self.guardian_id.data or "")

    def fill(self, patient: Patient) -> None:
        """Write what was entered into *patient*, empty fields as unknown."""
        patient.first_name, patient.last_name = self.first_name.data, self.last_name.data
        patient.email = self.email.data or None
        patient.date_of_birth = self.date_of_birth.data
        patient.sex = Sex(self.sex.data) if self.sex.data else None
        patient.phone = self.phone.data or None
        patient.phone_e164 = read_phone(self.phone.data, self._author.practice) if self.phone.data else None
        patient.allergies = (self.allergies.data or "").strip()
        patient.guardian = self.guardian
        patient.index_for_search()

    def validate_date_of_birth(self, field: Field) -> None:
        if field.data and not OLDEST_BIRTH <= field.data <= self._today:
            raise ValidationError(f"Enter a date from {OLDEST_BIRTH.year} until today.")

    def validate_phone(self, field: Field) -> None:
        if read_phone(field.data, self._author.practice) is None:
            raise ValidationError("Enter a phone number with its area code, such as 503 555 0123.")

    def validate_guardian_id(self, field: Field) -> None:
        if not field.data:
            return
        if self.guardian is None or self.guardian is self._patient or self.guardian.guardian_id:
            raise ValidationError("Choose a guardian who is a patient of this practice and no dependent.")


def read_phone(text: str, practice: Practice) -> str | None:
    """The number in the form +15035550123, or None for what is no phone number in the practice's country."""
    try:
        number = parse(text, practice.country)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_valid_number(number) else None
