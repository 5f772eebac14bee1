"""The way into the shop: the link that came with a plan, signing in, signing out."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from fullscript_sandbox import patient_accounts
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, Patient, TreatmentPlan
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.patient import bp, session
from fullscript_sandbox.patient.cart import EXPIRED
from fullscript_sandbox.patient.forms import ClaimForm, SignInForm
from fullscript_sandbox.refusals import Invalid, WrongState
from fullscript_sandbox.seed import PASSWORD
from fullscript_sandbox.session import own_path

Answer = str | Response | tuple[str, int]

# Enough to choose from; the sign-in page is not a directory.
SHOWN_ACCOUNTS = 8


@bp.route("/welcome/<slug>/<code>", methods=["GET", "POST"])
def invitation(slug: str, code: str) -> Answer:
    """Where the link of a plan leads: a first password, or signing in, then the plan.

    The page tells nothing about plan and patient, because anybody may have the address.
    """
    plan = db.session.scalar(select(TreatmentPlan).where(TreatmentPlan.invitation_code == code))
    if plan is None or plan.clinic.slug != slug:
        abort(404)
    if plan.state == "draft" or plan.patient is None:
        return render_template("patient/not_sent.html", clinic=plan.clinic)
    owner = patient_accounts.owner_of(plan.patient)
    visitor = session.signed_in()
    if visitor is not None and visitor is owner and request.method == "GET":
        return redirect(_plan_address(plan, plan.patient))
    if patient_accounts.find(owner) is None:
        return _claim(plan, owner)
    form = SignInForm(plan.clinic)
    if form.validate_on_submit() and form.patient is not None:
        return session.sign_in(form.patient, request.path)
    return _page("patient/welcome_back.html", form, clinic=plan.clinic, visitor=visitor)


@bp.route("/login/<slug>", methods=["GET", "POST"])
def sign_in(slug: str) -> Answer:
    """Where a clinic's patients sign in."""
    clinic = db.session.scalar(select(Clinic).where(Clinic.slug == slug)) or abort(404)
    form = SignInForm(clinic)
    if form.validate_on_submit() and form.patient is not None:
        return session.sign_in(form.patient, own_path(request.args.get("next"), _plans_address(form.patient)))
    people = patient_accounts.claimed(clinic, SHOWN_ACCOUNTS)
    visitor = session.signed_in()
    here = visitor is not None and visitor.clinic is clinic
    return _page(
        "patient/sign_in.html",
        form,
        clinic=clinic,
        people=people,
        password=PASSWORD,
        plans=_plans_address(visitor) if visitor is not None and here else None,
        visitor=visitor,
    )


@bp.post("/login/<slug>/sign-out")
def sign_out(slug: str) -> Response:
    """End the patient's session; a practitioner who is signed in here stays so."""
    address = url_for("patient.sign_in", slug=slug)
    if ConfirmForm().validate_on_submit():
        return session.sign_out(address)
    flash(EXPIRED, "warning")
    return redirect(address)


def _claim(plan: TreatmentPlan, owner: Patient) -> Answer:
    form = ClaimForm()
    if form.validate_on_submit() and _claimed(form, owner):
        flash("Your account is ready.", "success")
        return session.sign_in(owner, request.path)
    return _page("patient/welcome.html", form, clinic=plan.clinic)


def _claimed(form: ClaimForm, owner: Patient) -> bool:
    """True when the account was made; else the reason is in the form."""
    try:
        patient_accounts.claim(owner, form.email.data, form.password.data)
        db.session.commit()
    except (Invalid, WrongState) as error:
        db.session.rollback()
        form.form_errors.append(f"{error}.")
        return False
    return True


def _plans_address(patient: Patient) -> str:
    return url_for("patient.shop.list_plans", slug=patient.clinic.slug, number=patient.number)


def _plan_address(plan: TreatmentPlan, patient: Patient) -> str:
    return url_for(
        "patient.shop.show_plan", slug=plan.clinic.slug, number=patient.number, plan_number=plan.number
    )


def _page(template: str, form: SignInForm | ClaimForm, **values: object) -> Answer:
    page = render_template(template, form=form, **values)
    return (page, 422) if form.is_submitted() else page
