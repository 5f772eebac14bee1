"""What a patient is told of an order: posted to the outbox."""

from __future__ import annotations

from fullscript_sandbox import carts, outbox
from fullscript_sandbox.models import Order


def confirm(order: Order) -> None:
    """The order confirmation, with what was bought and what it cost."""
    lines = "\n".join(f"{line.item.quantity} × {line.name}, {line.size}" for line in contents(order))
    body = f"Thank you for your order {order.order_number}.\n\n{lines}\n\nPaid: ${order.payment_total:.2f}"
    _send(order, "order", f"Your order {order.order_number}", body)


def tell_refund(order: Order) -> None:
    """That the money is on its way back."""
    body = f"${order.payment_total:.2f} of your order {order.order_number} goes back to your card."
    _send(order, "refund", f"Refund of your order {order.order_number}", body)


def contents(order: Order) -> list[carts.Line]:
    """The lines of an order, as a person reads them, at today's list prices."""
    return [carts.line(item) for item in order.line_items]


def _send(order: Order, kind: str, subject: str, body: str) -> None:
    patient = order.patient
    outbox.send(
        kind,
        clinic_id=order.clinic_id,
        channel="email",
        recipient=patient.email,
        subject=subject,
        body=f"Hello {patient.first_name},\n\n{body}\n\n{patient.clinic.name}",
    )
