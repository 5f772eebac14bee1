"""Telling the host's receivers what an applied event meant, at least once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from blinker import Signal
from sqlalchemy import select, update

from fullscript_embed import facts, lab_orders, orders, patients, plan_facts, products, signals
from fullscript_embed.api.parsing import parse, read_object, read_text
from fullscript_embed.api.records.catalog import Product
from fullscript_embed.api.records.labs import LabOrder
from fullscript_embed.api.records.orders import Order
from fullscript_embed.errors import ReceiverFailed
from fullscript_embed.fates import keep_failure
from fullscript_embed.logs import say_unexpected
from fullscript_embed.models import APPLIED, InboxEvent, TreatmentPlan
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

SIGNALS = {
    "patient.selected": signals.patient_selected,
    "patient.created": signals.patient_created,
    "patient.updated": signals.patient_updated,
    "patient.emancipated": signals.patient_emancipated,
    "treatment_plan.created": signals.treatment_plan_activated,
    "treatment_plan.recommendation.updated": signals.treatment_plan_changed,
    "order.placed": signals.order_placed,
    "lab_order.updated": signals.lab_order_updated,
    "product.created": signals.product_created,
    "product.updated": signals.product_updated,
    "product.description.updated": signals.product_updated,
    "clinic_key.activated": signals.clinic_key_activated,
    "clinic_key.revoked": signals.clinic_key_revoked,
}


def has_receivers(said: Sequence[Telling]) -> bool:
    """True when anybody listens to what this event would be announced by."""
    app = current().app
    return any(next(iter(signal.receivers_for(app)), None) for signal in _signals_of(said[0]))


def announce(number: int, said: Sequence[Telling], *, applied_at: datetime) -> bool:
    """Send the signals of an event that was applied then; True when all receivers took them.

    A receiver that raises is logged, the others are still told, and a later sweep tells all of them again; so
    too when what they left in the session cannot be committed. Never raises for what is in the event.
    """
    try:
        told, wanted = facts_to_tell(said), _signals_of(said[0])
    except Exception as error:  # noqa: BLE001 -- the event is applied; a sweep has others to tell of
        could_not_tell(number, error, applied_at=applied_at)
        return False
    current().db_session.rollback()  # nothing of ours is open while the host's code runs
    raised = [kind for signal in wanted if (kind := _tell(signal, told))]
    failed = f"a receiver of the signal raised {raised[0]}" if raised else None
    if not failed:
        try:
            _keep_success(number, applied_at)
        except Exception as error:  # noqa: BLE001 -- the host's rows, which may be whatever the database refuses
            say_unexpected("what receivers wrote could not be committed", error, event=number)
            failed = f"what receivers of the signal wrote could not be committed: {type(error).__name__}"
    if failed:
        keep_failure(number, ReceiverFailed(failed), applied_at=applied_at)
    return not failed


def could_not_tell(number: int, error: Exception, *, applied_at: datetime) -> None:
    """Note that nobody could be told of an event that was applied then, and why. Commits."""
    say_unexpected("an event could not be told of", error, event=number)
    keep_failure(number, error, applied_at=applied_at)


def was_heard(number: int) -> bool:
    """True when every receiver has heard of that event."""
    columns = InboxEvent.__table__.columns
    return bool(current().db_session.scalar(select(columns.announced).where(columns.id == number)))


def facts_to_tell(said: Sequence[Telling]) -> dict[str, Any]:
    """What receivers hear of an event."""
    first = said[0]
    own = _about(first)
    patient_ids = _patient_ids(said, own.get("fullscript_patient_id"))
    return {
        "environment": first.environment,
        "clinic_id": first.clinic_id or None,
        "event_id": first.event_id,
        "type": first.kind,
        "patient_id": patient_ids[0] if len(patient_ids) == 1 else None,
        "user_id": next((one.user_id for one in said if one.user_id), None),
        **own,
    }


def _signals_of(telling: Telling) -> list[Signal]:
    own = SIGNALS.get(telling.kind)
    if telling.kind == plan_facts.CANCELLATION:
        cancelled = plan_facts.state_of(telling) == plan_facts.CANCELLED
        own = signals.treatment_plan_cancelled if cancelled else signals.treatment_plan_changed
    return [own, signals.event_applied] if own is not None else [signals.event_applied]


def _about(telling: Telling) -> dict[str, Any]:
    """The ids that are a kind's own."""
    match telling.noun:
        case "treatment_plan":
            return _about_plan(telling)
        case "patient":
            return {"fullscript_patient_id": read_text(patients.said_of(telling).get("id"))}
        case "order":
            order = parse(Order, orders.said_of(telling))
            return {
                "order_id": order.id,
                "treatment_plan_ids": list(order.treatment_plan_ids),
                "fullscript_patient_id": order.patient_id,
            }
        case "lab_order":
            lab = parse(LabOrder, lab_orders.said_of(telling))
            return {"lab_order_id": lab.id, "state": lab.state, "fullscript_patient_id": lab.patient_id}
        case "product":
            product = parse(Product, products.said_of(telling))
            return {"variant_ids": [variant.id for variant in product.variants]}
        case _:
            return {}


def _about_plan(telling: Telling) -> dict[str, Any]:
    """A plan's event may leave out whose it is; then the record knows."""
    said = read_object(telling.data.get("treatment_plan"))
    plan_id, patient_id = (
        read_text(said.get("id")) or "",
        read_text(read_object(said.get("patient")).get("id")),
    )
    if patient_id is None:
        plan = facts.find(TreatmentPlan, telling, plan_id)
        patient_id = plan.fullscript_patient_id if plan else None
    return {
        "treatment_plan_id": plan_id,
        "state": plan_facts.state_of(telling),
        "fullscript_patient_id": patient_id,
    }


def _patient_ids(said: Sequence[Telling], fullscript_patient_id: str | None) -> list[str]:
    """The host's patients: the one on whose page it was, else those who are linked."""
    on_page = {one.patient_id for one in said if one.patient_id}
    if on_page or not fullscript_patient_id:
        return sorted(on_page)
    first = said[0]
    return patients.in_host(first.environment, first.clinic_id, fullscript_patient_id)


def _tell(signal: Signal, told: dict[str, Any]) -> str | None:
    """Tell every receiver; the type of the last error that one raised."""
    failed = None
    app = current().app
    for receiver in list(signal.receivers_for(app)):
        try:
            receiver(app, **told)
        except Exception as error:  # noqa: BLE001 -- the host's code; the event is applied whatever it does
            say_unexpected("a receiver of a signal failed", error, event_id=told["event_id"])
            failed = type(error).__name__
    return failed


def _keep_success(number: int, applied_at: datetime) -> None:
    """Note that all have heard, unless the event was put back meanwhile, to be applied once more.

    Commits, with what receivers wrote into the host's session and did not commit themselves.
    """
    session = current().db_session
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.id == number, InboxEvent.applied_at == applied_at)
        .values(announced=True, last_error=None, state=APPLIED)
    )
    session.commit()
