"""The way of a lab from the plan to its results (guide: Labs, life cycle). Callers commit.

not_purchased ─ purchased ─┬─ schedule_appointment ─ upcoming_appointment ─┬─ processing ─ results
                           └────────────── no appointment needed ──────────┘
results_ready, results_amended ─┬─ interpretation_ready ─┬─ interpretation_shared
                                └────────────────────────┘

The words are the API's. Only results leave an event; lab_results.py lets them come. Every other step is seen
by asking the API. The guide calls `not_purchased` internal and yet returned: a lab that an active plan
recommends is listed with it until somebody buys it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from fullscript_sandbox import outbox
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import Lab, LabOrder, LineItem, Order, TreatmentPlan
from fullscript_sandbox.refusals import Invalid, WrongState

# In the order in which a lab goes through them.
STATES = (
    "not_purchased",
    "purchased",
    "schedule_appointment",
    "upcoming_appointment",
    "processing",
    "partial_results",
    "results_ready",
    "results_amended",
    "interpretation_ready",
    "interpretation_shared",
)
# How long after its booking an appointment is, unless its moment is chosen.
APPOINTMENT_IN = timedelta(days=3)


def recommend(plan: TreatmentPlan) -> None:
    """List the labs of an active plan as not purchased, and forget those that it does not recommend."""
    known = list(db.session.scalars(select(LabOrder).where(LabOrder.treatment_plan_id == plan.id)))
    wanted = [one.lab_id for one in plan.lab_recommendations] if plan.state == "active" else []
    for lab_order in known:
        if lab_order.state == "not_purchased" and lab_order.lab_id not in wanted:
            db.session.delete(lab_order)
    for lab_id in set(wanted) - {one.lab_id for one in known}:
        db.session.add(_of_plan(plan, lab_id))
    db.session.flush()


def purchase(order: Order) -> list[LabOrder]:
    """Turn each lab among the order's items into a lab order that is purchased.

    Nobody can buy a lab that no plan recommends, so that each has its practitioner from the plan.
    """
    bought = [item for item in order.line_items if item.type == "labs" for _ in range(item.quantity)]
    made = [_bought(order, item) for item in bought]
    db.session.flush()
    return made


def next_states(lab_order: LabOrder) -> tuple[str, ...]:
    """What can follow without results: it depends on whether the lab needs an appointment."""
    return {
        "purchased": ("schedule_appointment",) if lab_order.lab.requires_appointment else ("processing",),
        "schedule_appointment": ("upcoming_appointment",),
        "upcoming_appointment": ("processing",),
        "results_ready": ("interpretation_ready", "interpretation_shared"),
        "results_amended": ("interpretation_ready", "interpretation_shared"),
        "interpretation_ready": ("interpretation_shared",),
    }.get(lab_order.state, ())


def move(lab_order: LabOrder, state: str, appointment_at: datetime | None = None) -> None:
    """Take the next step. It leaves no event; the patient is told of a requisition and of what is shared.

    `appointment_at` is for upcoming_appointment, in three days when left out. Raises WrongState for a step
    that cannot follow, Invalid for an appointment in the past.
    """
    possible = next_states(lab_order)
    if state not in possible:
        can = f"only {' or '.join(possible)} can follow" if possible else "no such step can follow"
        raise WrongState(f"Lab order is {lab_order.state}; {can}")
    if state == "upcoming_appointment":
        lab_order.appointment_at = _appointment(appointment_at)
    enter(lab_order, state)
    if state in NOTICES:
        _tell_patient(lab_order, NOTICES[state])


def enter(lab_order: LabOrder, state: str) -> None:
    """Note that the lab order is in that state from now on."""
    lab_order.state, lab_order.updated_at = state, now()


# What patients are told in a message, when a lab order comes to that state.
NOTICES = {
    "schedule_appointment": "Your requisition is ready: please book an appointment",
    "interpretation_shared": "Your practitioner shared your lab results with you",
}


def _appointment(moment: datetime | None) -> datetime:
    if moment is not None and moment <= now():
        raise Invalid(["Appointment has to be in the future"])
    return moment or now() + APPOINTMENT_IN


def _bought(order: Order, item: LineItem) -> LabOrder:
    """The plan's lab order of that lab, if nobody bought it yet, else another one."""
    lab = db.session.scalars(select(Lab).where(Lab.variant_id == item.variant_id)).one()
    plan = db.session.get_one(TreatmentPlan, item.treatment_plan_id)
    waiting = select(LabOrder).where(
        LabOrder.treatment_plan_id == plan.id, LabOrder.lab_id == lab.id, LabOrder.state == "not_purchased"
    )
    lab_order = db.session.scalars(waiting).first() or _of_plan(plan, lab.id)
    lab_order.order_id, lab_order.patient_id = order.id, order.patient_id
    lab_order.state, lab_order.updated_at = "purchased", order.completed_at
    db.session.add(lab_order)
    return lab_order


def _of_plan(plan: TreatmentPlan, lab_id: str) -> LabOrder:
    return LabOrder(
        id=new_id(),
        clinic_id=plan.clinic_id,
        patient_id=plan.patient_id,
        practitioner_id=plan.practitioner_id,
        treatment_plan_id=plan.id,
        lab_id=lab_id,
        state="not_purchased",
        created_at=now(),
        updated_at=now(),
    )


def _tell_patient(lab_order: LabOrder, subject: str) -> None:
    patient = lab_order.patient
    outbox.send(
        "lab_order",
        clinic_id=lab_order.clinic_id,
        channel="email",
        recipient=patient.email,
        subject=f"{subject} · {lab_order.lab.name}",
        body=f"Hello {patient.first_name},\n\n{subject}.\n\n{lab_order.lab.name} by {lab_order.lab.company}",
    )
