"""A patient's orders a page at a time, the latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Integer, cast, func, select

from fullscript_embed import names, patients, plans
from fullscript_embed.models import Name, Order, TreatmentPlan
from fullscript_embed.state import current

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product or lab of an order. A lab has no name of its own there, and *quantity* is None while only
    the list of orders was seen."""

    variant_id: str
    quantity: int | None
    is_lab: bool
    product_name: str | None
    brand_name: str | None
    size: str | None


@dataclass(frozen=True, slots=True)
class PlanReference:
    """A plan that an order belongs to; *created_at* is None for one that is not known here."""

    id: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """One order. The amounts are in the currency of the environment's country (*currency*), and None until
    Fullscript was asked for them; *is_whole* says whether it was."""

    id: str
    environment: str
    clinic_id: str
    order_number: str | None
    completed_at: datetime
    plans: tuple[PlanReference, ...]
    lines: tuple[OrderLine, ...]
    item_total: Decimal | None
    msrp_total: Decimal | None
    payment_total: Decimal | None
    currency: str
    is_whole: bool

    @property
    def has_labs(self) -> bool:
        return any(line.is_lab for line in self.lines)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of a patient's orders, the latest first. *number* counts from 1; *version* is another one when
    anything in any of the patient's orders is different."""

    orders: tuple[PlacedOrder, ...]
    number: int
    pages: int
    total: int
    version: str


def page(patient_id: str, number: int, size: int) -> OrderPage:
    """A page of the orders; one beyond the last is the last. Four queries, and one when there are plans."""
    seen = version(patient_id)
    total = int(seen.partition("-")[0])
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    wanted = select(Order).where(_is_of(patient_id)).order_by(Order.happened_at.desc(), Order.id.desc())
    rows = current().db_session.scalars(wanted.limit(size).offset((number - 1) * size)).all()
    return OrderPage(tuple(views_of(patient_id, rows)), number, pages, total, seen)


def version(patient_id: str) -> str:
    """What changes with every change of the patient's orders."""
    sums = select(
        func.count(Order.id),
        func.coalesce(func.sum(cast(Order.is_whole, Integer)), 0),
        func.coalesce(func.max(Order.id), 0),
    ).where(_is_of(patient_id))
    return "-".join(str(one) for one in current().db_session.execute(sums).one())


def views_of(patient_id: str, rows: Sequence[Order]) -> list[PlacedOrder]:
    """These orders as pages show them, in two queries however many they are."""
    known = names.find(
        (row.environment, names.VARIANT, str(item["variant_id"])) for row in rows for item in row.line_items
    )
    made = _plans(patient_id, {one for row in rows for one in row.treatment_plan_ids})
    return [_view(row, known, made) for row in rows]


def _is_of(patient_id: str) -> ColumnElement[bool]:
    return patients.is_of(Order, patient_id)


def _plans(patient_id: str, plan_ids: set[str]) -> dict[str, datetime]:
    if not plan_ids:
        return {}
    columns = TreatmentPlan.__table__.columns
    wanted = select(columns.fullscript_id, columns.happened_at).where(
        plans.is_of_patient(patient_id), columns.fullscript_id.in_(sorted(plan_ids))
    )
    return {row[0]: row[1] for row in current().db_session.execute(wanted)}


def _view(row: Order, known: Mapping[names.Key, Name], made: Mapping[str, datetime]) -> PlacedOrder:
    return PlacedOrder(
        id=row.fullscript_id,
        environment=row.environment,
        clinic_id=row.clinic_id,
        order_number=row.order_number,
        completed_at=row.completed_at or row.happened_at,
        plans=tuple(PlanReference(one, made.get(one)) for one in row.treatment_plan_ids),
        lines=tuple(
            _line(item, known.get((row.environment, names.VARIANT, str(item["variant_id"]))))
            for item in row.line_items
        ),
        item_total=_amount(row.item_total),
        msrp_total=_amount(row.msrp_total),
        payment_total=_amount(row.payment_total),
        currency="CAD" if current().environment(row.environment).is_canadian else "USD",
        is_whole=row.is_whole,
    )


def _line(item: Mapping[str, object], name: Name | None) -> OrderLine:
    quantity = item["quantity"]
    return OrderLine(
        variant_id=str(item["variant_id"]),
        quantity=quantity if isinstance(quantity, int) else None,
        is_lab=bool(item["is_lab"]),
        product_name=name.name if name else None,
        brand_name=name.brand if name else None,
        size=name.size if name else None,
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
