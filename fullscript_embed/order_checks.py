"""Comparing a patient's orders with Fullscript: the newest first, until one is known.

An order does not change once it is placed, so that each is asked for in full only once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from fullscript_embed import checks, names, orders
from fullscript_embed.api import FullscriptClient, FullscriptError
from fullscript_embed.api.errors import Forbidden, RecordNotFound
from fullscript_embed.api.records.orders import Order as ReportedOrder
from fullscript_embed.checks import Asked, Check
from fullscript_embed.clock import utcnow
from fullscript_embed.models import Order
from fullscript_embed.plan_checks import ANSWERED
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

# In one check; somebody waits, and the rate limit is shared. The next check goes on.
MOST_IN_FULL = 20
# Seconds for which names of products are looked up while somebody waits, and how many at most.
NAMING, MOST_NAMES = 2.0, 40


@dataclass(frozen=True, slots=True)
class Answers:
    """What Fullscript answered: rows of its list, orders in full, and whether there is more to ask for."""

    listed: Sequence[ReportedOrder]
    in_full: Sequence[ReportedOrder]
    is_complete: bool


def check_patient(patient_id: str, *, max_age: timedelta = timedelta(0)) -> Check:
    """Compare the orders kept of a patient with Fullscript, and keep what is new. Commits.

    As plan_checks.check_patient: in the name of who is signed in, who has to see the patient.
    """
    asked = checks.of_patient(patient_id)
    if asked is None:
        return Check(is_linked=False)
    was_complete = checks.last(patient_id, checks.ORDERS).is_complete
    return checks.run(asked, checks.ORDERS, partial(_check, asked, was_complete), max_age=max_age)


def _check(asked: Asked, was_complete: bool) -> tuple[int, bool]:
    whole = _whole(asked)
    current().db_session.rollback()
    answers = _ask(asked, whole, stop_at_known=was_complete)
    try:
        changed = _store(asked, answers, whole)
    except IntegrityError:  # another check, or an event, made one of the orders in the same moment
        current().db_session.rollback()
        changed = _store(asked, answers, whole)
    _look_up_names(asked, answers.in_full)
    return changed, answers.is_complete


def _whole(asked: Asked) -> set[str]:
    """The orders of which everything is known."""
    wanted = select(Order.fullscript_id).filter_by(
        environment=asked.environment,
        clinic_id=asked.clinic_id,
        fullscript_patient_id=asked.fullscript_patient_id,
        is_whole=True,
    )
    return set(current().db_session.scalars(wanted))


def _ask(asked: Asked, whole: set[str], *, stop_at_known: bool) -> Answers:
    listed = asked.call(partial(_list, asked.fullscript_patient_id, whole if stop_at_known else set()))
    wanted = [order.id for order in listed if order.id not in whole]
    found: list[ReportedOrder] = []
    for order_id in wanted[:MOST_IN_FULL]:
        try:
            found.append(asked.call(partial(_retrieve, order_id)))
        except (RecordNotFound, Forbidden):
            continue
        except FullscriptError:
            return Answers(listed, found, is_complete=False)  # busy or away: what is known by now is kept
    return Answers(listed, found, is_complete=len(wanted) <= MOST_IN_FULL)


def _list(fullscript_patient_id: str, known: set[str], client: FullscriptClient) -> list[ReportedOrder]:
    """The newest orders, up to the page on which all are *known* already."""
    found: list[ReportedOrder] = []
    newest_first = client.orders.list(
        patient_id=fullscript_patient_id, sort_by="completed_at", order_by="DESC"
    )
    for page in newest_first.pages():
        found += [order for order in page if order.id]
        if known and all(order.id in known for order in page):
            break
    return found


def _retrieve(order_id: str, client: FullscriptClient) -> ReportedOrder:
    return client.orders.retrieve(order_id)


def _store(asked: Asked, answers: Answers, whole: set[str]) -> int:
    """Keep what was answered; how many orders are new, or known in full now. Commits."""
    session = current().db_session
    in_full = {order.id for order in answers.in_full}
    fresh = [order for order in answers.listed if order.id not in whole | in_full] + [*answers.in_full]
    rows = _rows(asked, [order.id for order in fresh])
    changed = sum(order.id in in_full or order.id not in rows for order in fresh)
    for order in fresh:
        row = rows.get(order.id) or _new(asked, order)
        orders.put(row, _telling(asked, order))
        row.fullscript_patient_id = row.fullscript_patient_id or asked.fullscript_patient_id
    session.commit()
    return changed


def _rows(asked: Asked, order_ids: Iterable[str]) -> dict[str, Order]:
    wanted = select(Order).where(
        Order.environment == asked.environment,
        Order.clinic_id == asked.clinic_id,
        Order.fullscript_id.in_(list(order_ids)),
    )
    rows = current().db_session.scalars(wanted.order_by(Order.id).with_for_update())
    return {row.fullscript_id: row for row in rows}


def _new(asked: Asked, order: ReportedOrder) -> Order:
    row = Order(
        environment=asked.environment,
        clinic_id=asked.clinic_id,
        fullscript_id=order.id,
        happened_at=order.completed_at or utcnow(),
        stamps={},
    )
    orders.begin(row)
    current().db_session.add(row)
    return row


def _telling(asked: Asked, order: ReportedOrder) -> Telling:
    return Telling(
        environment=asked.environment,
        clinic_id=asked.clinic_id,
        event_id="",
        kind="order.answered",
        door=ANSWERED,
        at=order.completed_at or utcnow(),
        data={"order": dict(order.raw)},
    )


def _look_up_names(asked: Asked, found: Sequence[ReportedOrder]) -> None:
    """What the products are called, as far as plans have not told it yet; labs have no name of their own."""
    keys: list[Any] = [
        (asked.environment, names.VARIANT, item.variant_id)
        for order in found
        for item in order.line_items
        if not item.is_lab
    ]
    end = time.monotonic() + NAMING
    for key in list(dict.fromkeys(keys))[:MOST_NAMES]:
        if time.monotonic() > end:
            return
        names.look_up([key], asked.connection_id, now=utcnow())
