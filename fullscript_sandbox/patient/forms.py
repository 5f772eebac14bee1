"""The forms of the shop. All carry a CSRF token."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    EmailField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, Length, NumberRange, ValidationError

from fullscript_sandbox import patient_accounts, payments
from fullscript_sandbox.accounts import SHORTEST_PASSWORD
from fullscript_sandbox.carts import Cart
from fullscript_sandbox.clock import now
from fullscript_sandbox.dosages import MAX_UNITS
from fullscript_sandbox.models import Address, Clinic, Patient
from fullscript_sandbox.patient_fields import GENDERS
from fullscript_sandbox.payments import Card

_MAX_TEXT = 100
# By country: what its parts are called, how its postal codes are called and written.
STATES = {
    "US": "AL AK AZ AR CA CO CT DC DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY",
    "CA": "AB BC MB NB NL NS NT NU ON PE QC SK YT",
}
STATE_LABELS = {"US": "State", "CA": "Province"}
ZIP_LABELS = {"US": "ZIP code", "CA": "Postal code"}
ZIPS = {"US": re.compile(r"\d{5}(-\d{4})?"), "CA": re.compile(r"[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d")}
ZIP_EXAMPLES = {"US": "97205", "CA": "K1P 1J1"}


class SignInForm(FlaskForm):
    """Finds `patient`, one of the clinic's."""

    email = EmailField("E-mail address", [DataRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [DataRequired("Enter your password.")])

    def __init__(self, clinic: Clinic) -> None:
        super().__init__()
        self.clinic = clinic
        self.patient: Patient | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        self.patient = patient_accounts.check(self.clinic, self.email.data, self.password.data)
        if self.patient is None:
            self.form_errors.append("The e-mail address or the password is not right.")
        return self.patient is not None


class ClaimForm(FlaskForm):
    """A first password, from who knows the address that the link was sent to."""

    email = EmailField("E-mail address", [DataRequired("Enter the address that the link was sent to.")])
    password = PasswordField(
        "Choose a password",
        [
            DataRequired("Choose a password."),
            Length(min=SHORTEST_PASSWORD, message=f"Take at least {SHORTEST_PASSWORD} characters."),
        ],
    )


class QuantityForm(FlaskForm):
    """How many of something; 0 takes it away."""

    quantity = IntegerField("Quantity", [NumberRange(0, MAX_UNITS)])


def passes(problem: Callable[[str], str | None]) -> Callable[[Form, Field], None]:
    """A validator: what was typed has no *problem*."""

    def check(_form: Form, field: Field) -> None:
        if text := problem(field.data or ""):
            raise ValidationError(f"{text}.")

    return check


def _card_problem(typed: str) -> str | None:
    return payments.number_problem(Card(typed, "", "").digits)


class CheckoutForm(FlaskForm):
    """Where it goes to and the card that pays; with labs also what a laboratory has to know."""

    mark = HiddenField()
    date_of_birth = DateField("Date of birth", [DataRequired("Enter the date of birth.")])
    gender = SelectField("Sex", choices=[("", "Choose…"), ("female", "Female"), ("male", "Male"), ("x", "X")])
    address1 = StringField("Street address", [DataRequired("Enter the street."), Length(max=_MAX_TEXT)])
    address2 = StringField("Apartment, suite (optional)", [Length(max=_MAX_TEXT)])
    city = StringField("City", [DataRequired("Enter the city."), Length(max=_MAX_TEXT)])
    state = SelectField("State")
    zipcode = StringField("ZIP code", [DataRequired("Enter the code.")])
    holder = StringField("Name on card", [DataRequired("Enter the name on the card."), Length(max=_MAX_TEXT)])
    card_number = StringField("Card number", [DataRequired("Enter the card number."), passes(_card_problem)])
    expiry = StringField(
        "Expiration (MM/YY)", [DataRequired("Enter the expiration date."), passes(payments.expiry_problem)]
    )
    cvc = StringField("CVC", [DataRequired("Enter the CVC."), passes(payments.cvc_problem)])

    def __init__(self, cart: Cart, address: Address | None) -> None:
        super().__init__(obj=address)
        self.country = cart.patient.clinic.country
        self.state.label.text, self.zipcode.label.text = STATE_LABELS[self.country], ZIP_LABELS[self.country]
        self.state.choices = ["", *STATES[self.country].split()]
        if not (cart.has_labs and cart.patient.date_of_birth is None):
            del self.date_of_birth
        if not (cart.has_labs and cart.patient.gender is None):
            del self.gender

    @property
    def card(self) -> Card:
        return Card(self.card_number.data or "", self.expiry.data or "", self.cvc.data or "")

    @property
    def person(self) -> dict[str, Any]:
        """What was asked about the patient, as patients.update takes it; empty where nothing was."""
        asked = {name: self[name].data for name in ("date_of_birth", "gender") if name in self}
        return {name: str(value) for name, value in asked.items()}

    @property
    def address(self) -> dict[str, Any]:
        """The columns of an address."""
        names = ("address1", "address2", "city", "state", "zipcode")
        return {name: (self[name].data or "").strip() or None for name in names} | {"country": self.country}

    def forget_card(self) -> None:
        """Leave no number in the page, where another card is wanted."""
        self.card_number.data = self.expiry.data = self.cvc.data = ""

    def validate_state(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(f"Choose the {STATE_LABELS[self.country].lower()}.")

    def validate_zipcode(self, field: Field) -> None:
        if not ZIPS[self.country].fullmatch((field.data or "").strip()):
            label = ZIP_LABELS[self.country]
            raise ValidationError(f"This is no {label}; one looks like {ZIP_EXAMPLES[self.country]}.")

    def validate_gender(self, field: Field) -> None:
        if field.data not in GENDERS:
            raise ValidationError("Choose one.")

    def validate_date_of_birth(self, field: Field) -> None:
        if field.data and field.data > now().date():
            raise ValidationError("Nobody is born in the future.")
