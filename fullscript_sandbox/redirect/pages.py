"""What opens when a link of the API is followed. The practitioner's pages ask to sign in first."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from decimal import Decimal

from flask import abort, render_template, request
from sqlalchemy import select

from fullscript_sandbox import checkout
from fullscript_sandbox.database import db
from fullscript_sandbox.models import (
    App,
    CartItem,
    Clinic,
    DataToken,
    Lab,
    Patient,
    TreatmentPlan,
    User,
    Variant,
)
from fullscript_sandbox.redirect import bp
from fullscript_sandbox.session import login_required, signed_in_user

_PLAN_CODE = re.compile(rb"TreatmentPlan-(\d{1,15})")


@dataclass(frozen=True)
class CartLine:
    """One line of a cart, as a person reads it."""

    name: str
    size: str
    quantity: int
    price: Decimal

    @property
    def total(self) -> Decimal:
        return self.price * self.quantity


@bp.get("/o/treatment_plans/new")
@login_required
def new_plan() -> str:
    """Say that a new plan begins here, for the app whose client_id the link carries."""
    app = db.session.scalar(select(App).where(App.client_id == request.args.get("client_id", "")))
    return render_template("redirect/new_plan.html", app=app or abort(404), user=signed_in_user())


@bp.get("/o/treatment_plans/<code>/edit")
@login_required
def edit_plan(code: str) -> str:
    """Say which plan is written on here, and for whom. 404 for another clinic's plan."""
    found = _PLAN_CODE.fullmatch(_decoded(code))
    number = int(found[1]) if found else None
    plan = db.session.scalar(select(TreatmentPlan).where(TreatmentPlan.number == number))
    if plan is None or plan.clinic_id != _user().clinic_id or plan.state == "cancelled":
        abort(404)
    entrypoint = "labs" if request.args.get("entrypoint") == "labs" else "catalog"
    return render_template("redirect/edit_plan.html", plan=plan, entrypoint=entrypoint)


@bp.get("/o/gateway/treatment_plans/<token>")
@login_required
def match_patient(token: str) -> str:
    """Say for whom a patient is looked for here. 404 for another clinic's link."""
    kept = db.session.get(DataToken, token)
    if kept is None or kept.data.get("clinic_id") != _user().clinic_id:
        abort(404)
    return render_template("redirect/match_patient.html", data=kept.data)


@bp.get("/o/patients/<int:number>/checkout")
@login_required
def pay_cart(number: int) -> str:
    """The cart of one of the clinic's patients, as an in-office checkout filled it."""
    patient = db.session.scalar(select(Patient).where(Patient.number == number))
    if patient is None or patient.clinic_id != _user().clinic_id:
        abort(404)
    lines = [_line(item) for item in checkout.cart(patient)]
    total = sum((line.total for line in lines), Decimal(0))
    return render_template("redirect/checkout.html", patient=patient, lines=lines, total=total)


@bp.get("/welcome/<slug>/<code>")
def invitation(slug: str, code: str) -> str:
    """Where the patient's link leads. It tells nothing about the plan: anybody may have the address."""
    plan = db.session.scalar(select(TreatmentPlan).where(TreatmentPlan.invitation_code == code))
    if plan is None or plan.clinic.slug != slug:
        abort(404)
    return render_template("redirect/welcome.html", clinic=plan.clinic)


@bp.get("/login/<slug>")
def dispensary(slug: str) -> str:
    """Where a clinic's patients would sign in."""
    clinic = db.session.scalar(select(Clinic).where(Clinic.slug == slug))
    return render_template("redirect/welcome.html", clinic=clinic or abort(404))


def _user() -> User:
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- login_required has seen to it
    return user


def _decoded(code: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return b""


def _line(item: CartItem) -> CartLine:
    if item.type == "labs":
        lab = db.session.scalars(select(Lab).where(Lab.variant_id == item.variant_id)).one()
        return CartLine(lab.name, lab.company, item.quantity, lab.price)
    variant = db.session.get_one(Variant, item.variant_id)
    return CartLine(variant.product.name, variant.size, item.quantity, variant.msrp)
