"""Telling the host's receivers of results, at least once: asking finds them, and not an event alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from fullscript_embed import patients, signals
from fullscript_embed.lab_models import LabResult
from fullscript_embed.logs import say_unexpected
from fullscript_embed.models import LabOrder
from fullscript_embed.state import current

# A receiver that raises every time is not called for ever.
MOST_ATTEMPTS = 10
MOST_AT_ONCE = 200


def tell(*, now: datetime) -> int:
    """Send `lab_results_ready` for each lab order with results that nobody was told of; how many. Commits.

    A receiver that raises is logged, and told again by the next turn of the job.
    """
    session = current().db_session
    wanted = (
        select(LabResult, LabOrder)
        .join(
            LabOrder,
            (LabOrder.fullscript_id == LabResult.lab_order_id)
            & (LabOrder.clinic_id == LabResult.clinic_id)
            & (LabOrder.environment == LabResult.environment),
        )
        .where(LabResult.told_at.is_(None), LabResult.tell_attempts < MOST_ATTEMPTS)
        .order_by(LabResult.id)
    )
    found: dict[int, list[LabResult]] = defaultdict(list)
    orders: dict[int, LabOrder] = {}
    for result, order in session.execute(wanted.limit(MOST_AT_ONCE)):
        found[order.id].append(result)
        orders[order.id] = order
    news = [(_facts(orders[number], some), [one.id for one in some]) for number, some in found.items()]
    session.rollback()  # nothing of ours is open while the host's code runs
    for facts, ids in news:
        _note(ids, is_told=_tell(facts), now=now)
    return len(news)


def _facts(order: LabOrder, results: Sequence[LabResult]) -> dict[str, Any]:
    found = patients.in_host(order.environment, order.clinic_id, order.fullscript_patient_id or "")
    return {
        "environment": order.environment,
        "clinic_id": order.clinic_id,
        "patient_id": found[0] if len(found) == 1 else None,
        "fullscript_patient_id": order.fullscript_patient_id,
        "lab_order_id": order.fullscript_id,
        "state": order.state,
        "result_ids": [one.fullscript_id for one in results],
    }


def _tell(facts: dict[str, Any]) -> bool:
    """Tell every receiver, also when one before it raised; True when none did."""
    app, is_told = current().app, True
    for receiver in list(signals.lab_results_ready.receivers_for(app)):
        try:
            receiver(app, **facts)
        except Exception as error:  # noqa: BLE001 -- the host's code may raise anything
            current().db_session.rollback()
            say_unexpected("a receiver failed", error, signal="lab_results_ready")
            is_told = False
    return is_told


def _note(ids: list[int], *, is_told: bool, now: datetime) -> None:
    session = current().db_session
    for row in session.scalars(select(LabResult).where(LabResult.id.in_(ids))):
        row.tell_attempts += 1
        row.told_at = now if is_told else None
    session.commit()
