"""What patients put in their carts and bought."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import FetchedValue, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fullscript_sandbox.database import Base, UtcDateTime, new_id
from fullscript_sandbox.models.patients import Patient


class Order(Base):
    """A completed purchase. Amounts are in the clinic's currency.

    `position` counts the orders of one clinic from 1 without gaps; the database fills it in (order_index.py).
    """

    __tablename__ = "order"
    __table_args__ = (
        Index("order_by_position", "clinic_id", "position"),
        Index("order_by_completion", "clinic_id", "completed_at", "id"),
        Index("order_by_patient", "patient_id", "completed_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    position: Mapped[int] = mapped_column(server_default=FetchedValue(), nullable=True)
    order_number: Mapped[str] = mapped_column(String(10), unique=True)  # R and nine digits
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    item_total: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    msrp_total: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    payment_total: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    refunded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship()
    line_items: Mapped[list[LineItem]] = relationship(
        order_by="LineItem.position", cascade="all, delete-orphan"
    )


class LineItem(Base):
    """`variant_id` is a product's size, or a lab's own variant id where `type` is labs."""

    __tablename__ = "line_item"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    order_id: Mapped[str] = mapped_column(ForeignKey("order.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    variant_id: Mapped[str] = mapped_column(String(36), index=True)
    type: Mapped[str] = mapped_column(default="supplement")
    quantity: Mapped[int] = mapped_column(default=1)
    treatment_plan_id: Mapped[str | None] = mapped_column(ForeignKey("treatment_plan.id"), index=True)


class CartItem(Base):
    __tablename__ = "cart_item"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    variant_id: Mapped[str] = mapped_column(String(36))
    type: Mapped[str] = mapped_column(default="supplement")
    quantity: Mapped[int] = mapped_column(default=1)
    treatment_plan_id: Mapped[str | None] = mapped_column(ForeignKey("treatment_plan.id"))
