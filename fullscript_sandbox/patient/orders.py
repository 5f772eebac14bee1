"""What a patient bought."""

from __future__ import annotations

from flask import abort, render_template
from sqlalchemy import select

from fullscript_sandbox import lists, receipts
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Order
from fullscript_sandbox.patient import shop
from fullscript_sandbox.patient.session import visit

PAGE_SIZE = 20


@shop.get("/orders")
def list_orders() -> str:
    """The patient's orders, newest first."""
    query = select(Order).where(Order.patient_id == visit().patient.id)
    query = query.order_by(Order.completed_at.desc(), Order.id)
    orders = lists.page_of(query, PAGE_SIZE)
    return render_template("patient/orders.html", visit=visit(), orders=orders)


@shop.get("/orders/<order_number>")
def show_order(order_number: str) -> str:
    """One order: what was in it and what it cost."""
    order = db.session.scalar(select(Order).where(Order.order_number == order_number))
    if order is None or order.patient_id != visit().patient.id:
        abort(404)
    return render_template("patient/order.html", visit=visit(), order=order, lines=receipts.contents(order))
