"""The life of a treatment plan: draft, then active, then perhaps cancelled.

Knows the database and no HTTP. Callers commit. What is refused is raised as `Invalid` (the content) or
`WrongState` (the moment).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from fullscript_sandbox import dosages, lab_orders, lab_registration, links, outbox
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.dosages import DURATIONS, FORMATS, FREQUENCIES, TAKE_WITH, TIMES_OF_DAY
from fullscript_sandbox.models import (
    App,
    Clinic,
    Lab,
    LabRecommendation,
    Patient,
    PlanNumber,
    Recommendation,
    TreatmentPlan,
    User,
    Variant,
)
from fullscript_sandbox.refusals import Invalid, WrongState

__all__ = [
    "DURATIONS",
    "FORMATS",
    "FREQUENCIES",
    "TAKE_WITH",
    "TIMES_OF_DAY",
    "activate",
    "cancel",
    "lock",
    "new_plan",
    "set_lab_recommendations",
    "set_message",
    "set_practitioner",
    "set_recommendations",
    "take_turn",
]

MAX_RECOMMENDATIONS = 50
MAX_MESSAGE = 5000


def new_plan(
    clinic: Clinic,
    practitioner: User,
    patient: Patient | None = None,
    app: App | None = None,
    *,
    plan_id: str | None = None,
) -> TreatmentPlan:
    """A draft, flushed, so that it has its id and number.

    `app` is None for a plan that no app has a part in. Pages pass a `plan_id` of their own, so that a
    draft saved twice because the first answer was lost is one draft.
    """
    moment = now()
    plan = TreatmentPlan(
        id=plan_id or new_id(),
        number=_new_number(),
        clinic=clinic,
        practitioner=practitioner,
        patient=patient,
        app_id=app.id if app else None,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(plan)
    db.session.flush()
    return plan


def set_recommendations(plan: TreatmentPlan, items: Any) -> None:
    """Replace the plan's recommendations by *items*, in their order, each with the reference's key names.

    Everything that is wrong is collected: one `Invalid` names all of it. An active plan may be changed,
    a cancelled one not.
    """
    _refuse_cancelled(plan)
    if not isinstance(items, list):
        raise Invalid(["Recommendations must be a list"])
    if len(items) > MAX_RECOMMENDATIONS:
        raise Invalid([f"Recommendations is too long (maximum is {MAX_RECOMMENDATIONS})"])
    read = [dosages.read(item, f"Recommendation {number}") for number, item in enumerate(items, 1)]
    messages = [message for _, wrong in read for message in wrong]
    messages += _unknown_variants(plan.clinic, [columns.get("variant_id") for columns, _ in read])
    if messages:
        raise Invalid(messages)
    plan.recommendations = [
        Recommendation(position=position, **columns) for position, (columns, _) in enumerate(read)
    ]
    plan.updated_at = now()


def set_lab_recommendations(plan: TreatmentPlan, lab_ids: Any) -> None:
    """Replace the plan's labs. United States only (guide: Labs); repeated ids count once.

    Raises Invalid too for a practitioner who has not registered for labs.
    """
    _refuse_cancelled(plan)
    if not isinstance(lab_ids, list) or not all(isinstance(lab_id, str) for lab_id in lab_ids):
        raise Invalid(["Lab recommendations must be a list of lab ids"])
    if lab_ids and plan.clinic.country != "US":
        raise Invalid(["Labs are available in the US only"])
    if lab_ids and not lab_registration.is_registered(plan.practitioner):
        raise Invalid([f"{plan.practitioner.name} has to register for labs before recommending them"])
    wanted = list(dict.fromkeys(lab_ids))
    known = set(db.session.scalars(select(Lab.id).where(Lab.id.in_(wanted))))
    messages = [f"Lab {number} was not found" for number, one in enumerate(wanted, 1) if one not in known]
    if messages:
        raise Invalid(messages)
    plan.lab_recommendations = [
        LabRecommendation(position=position, lab_id=lab_id) for position, lab_id in enumerate(wanted)
    ]
    lab_orders.recommend(plan)
    plan.updated_at = now()


def set_message(plan: TreatmentPlan, message: Any) -> None:
    """Set the practitioner's personal message; None or an empty text takes it away."""
    _refuse_cancelled(plan)
    if message is not None and not isinstance(message, str):
        raise Invalid(["Personal message must be text"])
    if message and len(message) > MAX_MESSAGE:
        raise Invalid([f"Personal message is too long (maximum is {MAX_MESSAGE} characters)"])
    plan.personal_message = message or None
    plan.updated_at = now()


def set_practitioner(plan: TreatmentPlan, practitioner: User) -> None:
    """Write a draft in another practitioner's name. Active plans keep theirs (guide: plan updated)."""
    if plan.state != "draft":
        raise WrongState(f"The practitioner of a treatment plan that is {plan.state} cannot change")
    if practitioner.clinic_id != plan.clinic_id or not practitioner.is_practitioner:
        raise Invalid(["Practitioner is not a practitioner of this clinic"])
    plan.practitioner = practitioner
    plan.updated_at = now()


def activate(plan: TreatmentPlan) -> None:
    """Send a draft to its patient: it becomes active, and the messages appear in the outbox.

    Raises WrongState when it is active or cancelled already, Invalid when there is nobody to send it to
    or nothing in it.
    """
    if plan.patient is None:
        raise Invalid(["Patient can't be blank"])
    if not plan.recommendations and not plan.lab_recommendations:
        raise Invalid(["Recommendations can't be blank"])
    _take_draft(plan)
    plan.available_at = now().date()
    lab_orders.recommend(plan)
    _tell_patient(plan, plan.patient)


def cancel(plan: TreatmentPlan) -> None:
    """Take a plan back, draft or active. Its recommendations stay on record."""
    if plan.state == "cancelled":
        raise WrongState("Treatment plan is cancelled already")
    plan.state = "cancelled"
    plan.updated_at = now()
    lab_orders.recommend(plan)


def lock(plan: TreatmentPlan) -> None:
    """Let nobody else change the plan before this transaction ends, and read it afresh."""
    take_turn(plan.clinic)
    db.session.refresh(plan)


def take_turn(clinic: Clinic) -> None:
    """Wait until nobody else is writing, and keep others from writing until this transaction ends.

    What is read after it is what holds: of two requests for one plan, the second sees what the first did.
    """
    db.session.execute(update(Clinic).where(Clinic.id == clinic.id).values(name=Clinic.name))


def _new_number() -> int:
    """The number after the last that was given. The database counts, so that two drafts never share one."""
    given = PlanNumber()
    db.session.add(given)
    db.session.flush()
    return given.number


def _tell_patient(plan: TreatmentPlan, patient: Patient) -> None:
    """Post the e-mail, and the text message where the patient wants them, to the outbox."""
    subject = f"{plan.practitioner.name} sent you a treatment plan"
    body = f"Hello {patient.first_name},\n\n{subject}.\nSee it here: {links.invitation_url(plan)}"
    if plan.personal_message:
        body += f"\n\n{plan.personal_message}"
    channels = [("email", patient.email)]
    if patient.mobile_number and patient.text_message_notification:
        channels.append(("text", patient.mobile_number))
    for channel, recipient in channels:
        outbox.send(
            "treatment_plan",
            clinic_id=plan.clinic_id,
            channel=channel,
            recipient=recipient,
            subject=subject,
            body=body,
        )


def _take_draft(plan: TreatmentPlan) -> None:
    """Make the plan active if it still is a draft in the database: of two at once, one gets WrongState."""
    db.session.flush()
    taken = db.session.execute(
        update(TreatmentPlan)
        .where(TreatmentPlan.id == plan.id, TreatmentPlan.state == "draft")
        .values(state="active", updated_at=now())
    )
    db.session.refresh(plan, ["state", "updated_at"])
    if not cast("CursorResult[Any]", taken).rowcount:
        raise WrongState(f"Treatment plan is {plan.state} already; only a draft can be activated")


def _refuse_cancelled(plan: TreatmentPlan) -> None:
    if plan.state == "cancelled":
        raise WrongState("Treatment plan is cancelled and cannot be changed")


def _unknown_variants(clinic: Clinic, variant_ids: Iterable[str | None]) -> list[str]:
    """A message for each variant that is missing, unknown, or not sold in the clinic's country."""
    ids = list(variant_ids)
    rows = db.session.scalars(select(Variant).where(Variant.id.in_([one for one in ids if one])))
    sold = {row.id for row in rows if row.product.country in (None, clinic.country)}
    messages = []
    for number, variant_id in enumerate(ids, 1):
        if not variant_id:
            messages.append(f"Recommendation {number}: variant can't be blank")
        elif variant_id not in sold:
            messages.append(f"Recommendation {number}: variant was not found in the {clinic.country} catalog")
    return messages
