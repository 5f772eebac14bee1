"""What a patient is about to buy: things that active plans recommend to them. Callers commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, func, select

from fullscript_sandbox import orders
from fullscript_sandbox.database import db
from fullscript_sandbox.dosages import MAX_UNITS
from fullscript_sandbox.models import CartItem, Lab, Patient, TreatmentPlan, Variant
from fullscript_sandbox.refusals import Invalid, NotFound, WrongState


@dataclass(frozen=True)
class Line:
    """One line of a cart or an order, as a person reads it. `problem` says why it cannot be bought now."""

    item: orders.Buyable
    name: str
    maker: str
    size: str
    price: Decimal
    problem: str | None = None

    @property
    def is_lab(self) -> bool:
        return self.item.type == "labs"

    @property
    def total(self) -> Decimal:
        return self.price * self.item.quantity


@dataclass(frozen=True)
class Cart:
    """A patient's cart at one moment."""

    patient: Patient
    lines: list[Line]

    @property
    def items(self) -> list[orders.Buyable]:
        """What can be bought of it."""
        return [line.item for line in self.lines if not line.problem]

    @property
    def amounts(self) -> orders.Amounts:
        return orders.price(self.patient, self.items)

    @property
    def has_labs(self) -> bool:
        return any(item.type == "labs" for item in self.items)

    @property
    def mark(self) -> str:
        """Another one for another content: who pays for what they saw sends it along."""
        seen = [(one.variant_id, one.quantity, one.treatment_plan_id) for one in self.items]
        return hashlib.sha256(repr((seen, self.amounts.payment_total)).encode()).hexdigest()[:16]


def of(patient: Patient) -> Cart:
    """The patient's cart; a line of a plan that was taken back, or of a product that is out, says so."""
    query = select(CartItem).where(CartItem.patient_id == patient.id)
    items = db.session.scalars(query.order_by(CartItem.position, CartItem.id))
    return Cart(patient, [line(item, _problem(item)) for item in items])


def count(patient: Patient) -> int:
    """How many things are in it."""
    query = select(func.coalesce(func.sum(CartItem.quantity), 0)).where(CartItem.patient_id == patient.id)
    return db.session.scalar(query) or 0


def line(item: orders.Buyable, problem: str | None = None) -> Line:
    """What a person reads of an item."""
    if item.type == "labs":
        lab = db.session.scalars(select(Lab).where(Lab.variant_id == item.variant_id)).one()
        return Line(item, lab.name, lab.company, "Lab test", lab.price, problem)
    size = db.session.get_one(Variant, item.variant_id)
    return Line(item, size.product.name, size.product.brand.name, size.size, size.msrp, problem)


def put(plan: TreatmentPlan, quantities: Mapping[str, int]) -> None:
    """Have so many of each variant of the plan in its patient's cart, whatever was there of them before.

    Raises WrongState unless the plan is active, NotFound for what it does not recommend, Invalid for a
    quantity that cannot be bought and for what is out of stock. Of a lab there is one.
    """
    if plan.state != "active" or plan.patient is None:
        raise WrongState(f"Treatment plan is {plan.state}; only an active one can be bought")
    for item in chosen(orders.recommended(plan), quantities):
        if item.type == "supplement" and (problem := out_of_stock(item.variant_id)):
            raise Invalid([problem])
        _set(item, plan.patient)


def chosen(items: list[orders.Recommended], quantities: Mapping[str, int]) -> list[orders.Recommended]:
    """Of *items* these variants, in these quantities; a lab once. Raises NotFound and Invalid."""
    known = {item.variant_id: item for item in items}
    if not quantities.keys() <= known.keys():
        raise NotFound("Recommendation")
    return [
        known[one] if known[one].type == "labs" else known[one]._replace(quantity=_checked(quantity))
        for one, quantity in quantities.items()
    ]


def change(patient: Patient, item_id: str, quantity: int) -> None:
    """Have so many of an item, none of it with 0. Raises NotFound for another cart's, Invalid."""
    item = db.session.get(CartItem, item_id)
    if item is None or item.patient_id != patient.id:
        raise NotFound("Item")
    if quantity == 0:
        db.session.delete(item)
    elif item.type == "supplement":
        item.quantity = _checked(quantity)


def clear(patient: Patient) -> None:
    """Throw away everything in it."""
    db.session.execute(delete(CartItem).where(CartItem.patient_id == patient.id))


def fill(patient: Patient, items: list[orders.Recommended]) -> None:
    """Have these items in the cart and nothing else."""
    clear(patient)
    for position, item in enumerate(items):
        db.session.add(CartItem(patient_id=patient.id, position=position, **item._asdict()))


def out_of_stock(variant_id: str) -> str | None:
    """Why a size cannot be bought now, or None."""
    size = db.session.get_one(Variant, variant_id)
    words = {"available": None, "backordered": "is backordered"}
    reason = words.get(size.status, "is no longer sold")
    return f"{size.product.name} {reason}" if reason else None


def _problem(item: CartItem) -> str | None:
    plan = db.session.get(TreatmentPlan, item.treatment_plan_id) if item.treatment_plan_id else None
    if plan is not None and plan.state != "active":
        return f"{plan.practitioner.name} has cancelled the plan that recommends this"
    return out_of_stock(item.variant_id) if item.type == "supplement" else None


def _set(wanted: orders.Recommended, patient: Patient) -> None:
    mine = CartItem.patient_id == patient.id
    same = (CartItem.treatment_plan_id == wanted.treatment_plan_id, CartItem.variant_id == wanted.variant_id)
    item = db.session.scalar(select(CartItem).where(mine, *same))
    if item is not None:
        item.quantity = wanted.quantity
        return
    last = db.session.scalar(select(func.max(CartItem.position)).where(mine))
    position = 0 if last is None else last + 1
    db.session.add(CartItem(patient_id=patient.id, position=position, **wanted._asdict()))


def _checked(quantity: int) -> int:
    if not 1 <= quantity <= MAX_UNITS:
        raise Invalid([f"Quantity must be between 1 and {MAX_UNITS}"])
    return quantity
