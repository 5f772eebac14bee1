"""Events: what happened in Fullscript's own pages, in Embed and through redirect links.

Changes that an app makes through REST leave no event (guide: Events overview), so that API views never
call this. Each function adds a row with the guide's payload, and puts it on the queue of webhooks; callers
commit. Events can be read for 30 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, select

from fullscript_sandbox.catalog import sold_in
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.event_types import CATEGORIES, UNKNOWN
from fullscript_sandbox.models import App, Clinic, Event, LabOrder, Order, Patient, Product, TreatmentPlan
from fullscript_sandbox.shapes.catalog import product_data
from fullscript_sandbox.shapes.orders import lab_order_data, order_data, plan_ids
from fullscript_sandbox.shapes.patients import patient_data
from fullscript_sandbox.shapes.plans import plan_data
from fullscript_sandbox.webhooks import queue

RETENTION = timedelta(days=30)


def patient_created(patient: Patient) -> Event:
    """A patient was added. `patients.create(..., source="platform")` records this itself."""
    return _patient("patient.created", patient)


def patient_updated(patient: Patient) -> Event:
    """Anything about a patient but the metadata changed; `patients.update` records this itself."""
    return _patient("patient.updated", patient)


def patient_emancipated(patient: Patient) -> Event:
    """A dependent became a patient of their own."""
    return _patient("patient.emancipated", patient)


def treatment_plan_created(plan: TreatmentPlan) -> Event:
    """A plan was activated: drafts leave no event (guide: Treatment plan created)."""
    return _plan("treatment_plan.created", plan)


def treatment_plan_updated(plan: TreatmentPlan) -> Event:
    """An active plan was cancelled (guide: Treatment plan updated)."""
    return _plan("treatment_plan.updated", plan)


def recommendation_updated(plan: TreatmentPlan) -> Event:
    """What an active plan recommends changed."""
    return _plan("treatment_plan.recommendation.updated", plan)


def order_placed(order: Order) -> Event:
    """A patient bought something; its data is flat (field notes, 1.18)."""
    return record("order.placed", order.clinic_id, order_data(order, _practitioners(order)))


def lab_order_updated(lab_order: LabOrder) -> Event:
    """Results came or were amended. US only, and no other step leaves an event."""
    data = {"lab_order": lab_order_data(lab_order)}
    return record("lab_order.updated", lab_order.clinic_id, data)


def product_created(product: Product) -> Event:
    """A product came into the catalog; its data is flat, and no clinic is named."""
    return record("product.created", None, product_data(product), country=product.country)


def product_updated(product: Product, *, description: bool = False) -> Event:
    """A product changed; a change of its description has a type of its own."""
    kind = "product.description.updated" if description else "product.updated"
    return record(kind, None, {"product": product_data(product)}, country=product.country)


def clinic_key(clinic: Clinic, app: App, change: Literal["activated", "revoked"]) -> Event:
    """A clinic let the app in, or shut it out. No other app hears of it."""
    data = {"clinic_key": {"clinic_id": clinic.id, "integration_id": clinic.integration_id}}
    return record(f"clinic_key.{change}", clinic.id, data, app_id=app.id)


def record(
    kind: str,
    clinic_id: str | None,
    data: Mapping[str, Any],
    *,
    app_id: str | None = None,
    country: str | None = None,
    event_id: str | None = None,
    created_at: datetime | None = None,
) -> Event:
    """Add an event of any kind, flushed, so that it has its id, and let the apps be told of it.

    `app_id` is of the one app whose business it is, `country` the one where it is anybody's; without them it
    is everybody's. The id and the moment are fresh ones unless given.
    """
    event = Event(
        id=event_id or new_id(),
        category=CATEGORIES.get(kind, UNKNOWN),
        type=kind,
        clinic_id=clinic_id,
        app_id=app_id,
        country=country,
        data=dict(data),
        created_at=created_at or now(),
    )
    db.session.add(event)
    db.session.flush()
    queue.announce(event)
    return event


def concerning(clinic: Clinic) -> ColumnElement[bool]:
    """Picks the clinic's own events, and those of products that are sold in its country."""
    everybodys = Event.clinic_id.is_(None) & sold_in(Event.country, clinic.country)
    return (Event.clinic_id == clinic.id) | everybodys


def _patient(kind: str, patient: Patient) -> Event:
    return record(kind, patient.clinic_id, {"patient": patient_data(patient)})


def _plan(kind: str, plan: TreatmentPlan) -> Event:
    return record(kind, plan.clinic_id, {"treatment_plan": plan_data(plan)})


def _practitioners(order: Order) -> list[str]:
    """Whose plans the order's items came from."""
    ids = plan_ids(order)
    plans = db.session.scalars(select(TreatmentPlan).where(TreatmentPlan.id.in_(ids)))
    of_plan = {plan.id: plan.practitioner_id for plan in plans}
    return list(dict.fromkeys(of_plan[plan_id] for plan_id in ids if plan_id in of_plan))
