"""The patient's own profile: the mobile number, and whether Fullscript may send text messages to it."""

from __future__ import annotations

from typing import Any

import phonenumbers
from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, TelField
from wtforms.validators import Length, ValidationError

from ehr.audit import record
from ehr.database import db, utcnow
from ehr.fullscript import CANADA, fullscript
from ehr.models import Patient
from ehr.patient_form import printable, read_phone, trimmed
from ehr.portal_stays import audit_name, required, the_account

bp = Blueprint("portal_profile", __name__, url_prefix="/portal")

# Where Fullscript sends text messages (the guide: Patient mobile notifications).
REGIONS = {"US", "CA"}
SAVED = "Your profile was saved."
NOT_TOLD = "Your profile was saved here. Fullscript could not be told now; your practice can send it later."


class ProfileForm(FlaskForm):
    """The patient's number and consent."""

    phone = TelField(
        "Mobile number",
        [Length(max=40), printable],
        [trimmed],
        description="A number of the United States or Canada, with its area code.",
    )
    consent = BooleanField("Fullscript may send me text messages about my plans and refills")

    def __init__(self, patient: Patient) -> None:
        consent = bool(patient.text_message_consent)
        super().__init__(data={"phone": patient.phone_e164 or patient.phone, "consent": consent})
        self._practice = patient.practice

    @property
    def number(self) -> str | None:
        """The number as +15035550123, or None without any."""
        return read_phone(self.phone.data, self._practice) if self.phone.data else None

    def validate_phone(self, field: Field) -> None:
        if field.data and self.number is None:
            raise ValidationError("Enter a phone number with its area code, such as 503 555 0123.")
        if field.data and (elsewhere := country_elsewhere(self.number or "")):
            raise ValidationError(
                f"This is a number from abroad ({elsewhere}). Fullscript sends text messages in the United "
                "States and Canada only."
            )

    def validate_consent(self, field: Field) -> None:
        if field.data and not self.phone.data:
            raise ValidationError("Enter your mobile number, or leave this box empty.")


@bp.route("/profile", methods=["GET", "POST"])
@required
def show() -> Any:
    """Show the profile; keep the number and consent, and tell Fullscript what it may know."""
    account = the_account()
    patient = account.patient
    form = ProfileForm(patient)
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    before = patient.phone_e164
    patient.phone = patient.phone_e164 = form.number
    if patient.text_message_consent is not form.consent.data:
        patient.text_message_consent, patient.text_message_consent_at = form.consent.data, utcnow()
    patient.index_for_search()
    patient_id, number = patient.id, form.number if form.consent.data else None
    db.session.commit()
    record("portal.profile_changed", patient=patient, user_id=audit_name(account))
    told = fullscript.patient_side.send_mobile_number(patient_id, number, replaces=before)
    flash(SAVED if told else NOT_TOLD, "success" if told else "warning")
    return redirect(url_for("portal_profile.show"))


def country_elsewhere(number: str) -> str | None:
    """The country of a number that is neither of the US nor of Canada; None for one that is."""
    parsed = phonenumbers.parse(number)
    if phonenumbers.region_code_for_number(parsed) in REGIONS:
        return None
    # Its maps of all countries are a quarter of what the whole app takes to start.
    from phonenumbers import geocoder  # noqa: PLC0415

    return geocoder.country_name_for_number(parsed, "en") or "another country"


def _page(form: ProfileForm) -> str:
    account = the_account()
    return render_template(
        "portal/profile.html",
        form=form,
        account=account,
        patient=account.patient,
        has_labs=account.patient.practice.country != CANADA,
    )
