"""The portal's doors: signing in as a patient, out again, and the one-time link that sets a password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from ehr import demo, portal_stays
from ehr.audit import record
from ehr.database import db, utcnow
from ehr.login import REFUSED, SignInForm, nobodys_hash, own_path
from ehr.portal_models import PatientAccount, PatientInvitation, hashed
from ehr.profile import SHORTEST_PASSWORD
from ehr.throttle import PER_ACCOUNT, PER_ADDRESS, account_and_address, failed, limiter

bp = Blueprint("portal_access", __name__, url_prefix="/portal")

TAKEN = "Somebody signs in with this e-mail address already. Ask your practice for another invitation."


class WelcomeForm(FlaskForm):
    """A first password, or a new one."""

    new = PasswordField(
        "Choose a password",
        [
            InputRequired("Enter a password."),
            Length(min=SHORTEST_PASSWORD, max=500, message="Use 12 characters or more."),
        ],
    )
    repeated = PasswordField("The same password again", [EqualTo("new", "These are not the same.")])


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(PER_ADDRESS, key_func=get_remote_address, methods=["POST"], deduct_when=failed)
@limiter.limit(PER_ACCOUNT, key_func=account_and_address, methods=["POST"], deduct_when=failed)
def sign_in() -> Any:
    """Sign a patient in. Failures count towards the same limits as those of staff (429)."""
    if portal_stays.signed_in_account():
        return redirect(url_for("portal.home"))
    form = SignInForm(data={"next": request.args.get("next", "")})
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    account = _find(form.email.data, form.password.data)
    if account is None:
        _note_failure(form.email.data)
        flash(REFUSED, "danger")
        return _page(form), 422
    record("portal.entered", patient=account.patient, user_id=portal_stays.audit_name(account))
    target = own_path(form.next.data) or ""
    inside = target if target.startswith(f"{portal_stays.PATH}/") else url_for("portal.home")
    return portal_stays.start(account, redirect(inside))


@bp.post("/sign-out")
@portal_stays.required
def sign_out() -> Response:
    """End the stay."""
    account = portal_stays.the_account()
    record("portal.left", patient=account.patient, user_id=portal_stays.audit_name(account))
    flash("You are signed out.", "success")
    return portal_stays.end(redirect(url_for("portal_access.sign_in")))


@bp.route("/welcome/<token>", methods=["GET", "POST"])
@limiter.limit(PER_ADDRESS, key_func=get_remote_address, methods=["POST"], deduct_when=failed)
def welcome(token: str) -> Any:
    """Let the holder of an invitation set the password; opening the page alone does not use it up."""
    invitation = db.session.get(PatientInvitation, hashed(token))
    if invitation is None or invitation.ends_at < utcnow():
        return render_template("portal/invitation_ended.html"), 404
    form = WelcomeForm()
    if not form.validate_on_submit():
        page = render_template("portal/welcome.html", form=form, invitation=invitation)
        return page, 422 if form.is_submitted() else 200
    account = _accept(invitation, form.new.data)
    if account is None:
        flash(TAKEN, "danger")
        return render_template("portal/invitation_ended.html"), 409
    record("portal.joined", patient=account.patient, user_id=portal_stays.audit_name(account))
    return portal_stays.start(account, redirect(url_for("portal.home")))


def _accept(invitation: PatientInvitation, password: str) -> PatientAccount | None:
    """Make the account, or give the one that is there a new password, and use the invitation up.

    None when it was used in the same moment, or somebody else has the address by now. Commits.
    """
    patient_id, email = invitation.patient_id, invitation.email
    used = db.session.execute(delete(PatientInvitation).where(PatientInvitation.id == invitation.id))
    account = db.session.scalar(select(PatientAccount).where(PatientAccount.patient_id == patient_id))
    if account is None:
        account = PatientAccount(patient_id=patient_id)
        db.session.add(account)
    account.email = email
    account.set_password(password)
    try:
        db.session.flush()
        portal_stays.end_all(account)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return None
    return account if used.rowcount else None  # type: ignore[attr-defined]  # a delete's result has it


def _find(email: str, password: str) -> PatientAccount | None:
    """The account with this address and password. Takes as long for an address that nobody has."""
    address = email.strip().lower()
    account = db.session.scalar(select(PatientAccount).where(PatientAccount.email == address))
    if account is None:
        check_password_hash(nobodys_hash(), password)
        return None
    return account if account.has_password(password) else None


def _note_failure(email: str) -> None:
    """Write down that somebody tried to get into an account, if there is one of that address."""
    wanted = select(PatientAccount).where(PatientAccount.email == email.strip().lower())
    account = db.session.scalar(wanted)
    if account is not None:
        record("portal.refused", patient=account.patient, user_id=portal_stays.audit_name(account))


def _page(form: SignInForm) -> str:
    accounts = demo.PATIENT_ACCOUNTS if current_app.config["SETTINGS"].demo else ()
    return render_template(
        "portal/sign_in.html", form=form, demo_accounts=accounts, demo_password=demo.PASSWORD
    )
