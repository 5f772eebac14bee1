"""What can be made to happen in Fullscript without its pages: by buttons of the dashboard, and by tests.

Each function does what a person would do there and leaves the event of it; callers commit. What cannot be
done is refused as the pages would refuse it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from fullscript_sandbox import catalog, checkout, events, lab_results, orders, patients, plans
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import (
    App,
    Brand,
    Clinic,
    Event,
    LabOrder,
    Patient,
    Product,
    TreatmentPlan,
    Variant,
)
from fullscript_sandbox.oauth import tokens
from fullscript_sandbox.refusals import Invalid, NotFound, WrongState

MOST_UNITS = 5
DISCOUNTS = (0, 5, 10, 15)
FREQUENCIES = ("once per day", "twice per day", "three times per day")


class Happening(NamedTuple):
    """Something that can happen to a record. `of` names the kind of record; None: it makes one of its own."""

    type: str
    label: str
    of: str | None
    make: Callable[[Any], Event]
    can: tuple[Any, ...] = ()


def new_patient(clinic: Clinic) -> Event:
    """Somebody becomes a patient."""
    name = f"Visitor-{secrets.token_hex(2)}"
    email = f"{name.lower()}@mail.example"
    patient = patients.create(clinic, {"first_name": "New", "last_name": name, "email": email})
    return events.patient_created(patient)


def change_patient(patient: Patient) -> Event:
    """Give a patient another discount."""
    patient.discount = next((one for one in DISCOUNTS if one > patient.discount), 0)
    patient.updated_at = now()
    return events.patient_updated(patient)


def emancipate(patient: Patient) -> Event:
    """Let a dependent be on their own, with an address of their own."""
    if not patient.is_dependent:
        raise WrongState("Patient is not a dependent")
    patient.guardian_patient_id = None
    own = f"{patient.first_name}.{patient.last_name}.{secrets.token_hex(2)}@mail.example"
    patient.email, patient.updated_at = own.lower(), now()
    return events.patient_emancipated(patient)


def send_plan(plan: TreatmentPlan) -> Event:
    """Activate a draft."""
    plans.activate(plan)
    event = events.treatment_plan_created(plan)
    plan.activated_event_id = event.id
    return event


def cancel_plan(plan: TreatmentPlan) -> Event:
    """Take an active plan back."""
    _need_active(plan)
    plans.cancel(plan)
    return events.treatment_plan_updated(plan)


def change_plan(plan: TreatmentPlan) -> Event:
    """Recommend another number of units of an active plan's first product."""
    _need_active(plan)
    if not plan.recommendations:
        raise WrongState("Treatment plan recommends no product")
    first = plan.recommendations[0]
    first.units_to_purchase = first.units_to_purchase % MOST_UNITS + 1
    plan.updated_at = now()
    return events.recommendation_updated(plan)


def buy_plan(plan: TreatmentPlan) -> Event:
    """Let the patient buy all that an active plan recommends."""
    return checkout.settle(orders.place(plan))


def send_results(lab_order: LabOrder) -> Event:
    """Let results come for a lab that was bought; where all are there, amend them."""
    return lab_results.send_next(lab_order)


def new_product(_clinic: Clinic) -> Event:
    """Put a product into the catalog of both countries."""
    brand = db.session.scalars(select(Brand).order_by(Brand.name)).first()
    number = secrets.token_hex(3).upper()
    product = Product(id=new_id(), brand=brand, name=f"New Product {number}", created_at=now())
    product.description_html = "<p>Added on the developer dashboard.</p>"
    product.recommended_amount, product.recommended_frequency = "1", "once per day"
    product.recommended_duration, product.dosage_format = "30", "capsule"
    size = Variant(id=new_id(), sku=f"SBX{number}", primary=True, units=60, unit_of_measure="capsules")
    size.msrp, size.availability, size.status = Decimal(24), "In Stock", "available"
    product.variants.append(size)
    db.session.add(product)
    db.session.flush()
    return events.product_created(product)


def change_product(product: Product) -> Event:
    """Have a product taken more or less often than before."""
    known = product.recommended_frequency in FREQUENCIES
    place = FREQUENCIES.index(product.recommended_frequency) if known else -1
    product.recommended_frequency = FREQUENCIES[(place + 1) % len(FREQUENCIES)]
    return events.product_updated(product)


def describe_product(product: Product) -> Event:
    """Change what is said of a product."""
    product.description_html = f"{product.description_html}<p>Revised {now():%Y-%m-%d %H:%M:%S}.</p>"
    return events.product_updated(product, description=True)


def shut_out(clinic: Clinic, app: App) -> Event:
    """Let a clinic end all that its people granted to *app*."""
    event = tokens.shut_out(app, clinic)
    if event is None:
        raise WrongState("Nobody of this clinic has authorized the application")
    return event


def find(kind: str, record_id: str, clinic: Clinic) -> Any:
    """The record of that kind and id. Raises NotFound for another clinic's, or another country's product."""
    if kind == "product":
        return catalog.get_product(record_id, country=clinic.country)
    record = db.session.get(RECORDS[kind], record_id)
    if record is None or record.clinic_id != clinic.id:
        raise NotFound(kind.replace("_", " ").capitalize())
    return record


def candidates(happening: Happening, clinic: Clinic, limit: int = 25) -> list[Any]:
    """Records of the clinic to which it can happen, the latest first."""
    model: Any = RECORDS[happening.of or "clinic"]
    chosen: Select[Any] = select(model).where(*happening.can)
    if hasattr(model, "clinic_id"):
        chosen = chosen.where(model.clinic_id == clinic.id)
    if hasattr(model, "country"):
        chosen = chosen.where(catalog.sold_in(model.country, clinic.country))
    order = model.updated_at if hasattr(model, "updated_at") else model.created_at
    return list(db.session.scalars(chosen.order_by(order.desc(), model.id).limit(limit)))


def of_type(kind: str) -> Happening:
    """How an event of this type comes about. Raises Invalid where it can only be told of, with data."""
    found = next((one for one in HAPPENINGS if one.type == kind), None)
    if found is None:
        raise Invalid([f"type: {kind} cannot be made to happen here; give its data"])
    return found


def _need_active(plan: TreatmentPlan) -> None:
    if plan.state != "active":
        raise WrongState(f"Treatment plan is {plan.state}; only an active one can be changed or cancelled")


RECORDS: dict[str, type[Any]] = {
    "clinic": Clinic,
    "patient": Patient,
    "plan": TreatmentPlan,
    "lab_order": LabOrder,
    "product": Product,
}

_DEPENDENT = (Patient.guardian_patient_id.is_not(None),)
_DRAFT = (
    TreatmentPlan.state == "draft",
    TreatmentPlan.patient_id.is_not(None),
    TreatmentPlan.recommendations.any(),
)
_BOUGHT = (LabOrder.state != "not_purchased",)
_ACTIVE = (TreatmentPlan.state == "active", TreatmentPlan.recommendations.any())

HAPPENINGS = (
    Happening("patient.created", "Add a patient", None, new_patient),
    Happening("patient.updated", "Change a patient's discount", "patient", change_patient),
    Happening("patient.emancipated", "Emancipate a dependent", "patient", emancipate, _DEPENDENT),
    Happening("treatment_plan.created", "Send a draft", "plan", send_plan, _DRAFT),
    Happening("treatment_plan.recommendation.updated", "Change an active plan", "plan", change_plan, _ACTIVE),
    Happening("treatment_plan.updated", "Cancel an active plan", "plan", cancel_plan, _ACTIVE),
    Happening("order.placed", "Order what a plan recommends", "plan", buy_plan, _ACTIVE),
    Happening("lab_order.updated", "Send lab results", "lab_order", send_results, _BOUGHT),
    Happening("product.created", "Add a product", None, new_product),
    Happening("product.updated", "Change a product's dosage", "product", change_product),
    Happening("product.description.updated", "Describe a product anew", "product", describe_product),
)
