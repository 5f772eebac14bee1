"""What happened, who was told of it, and what was sent to people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fullscript_sandbox.database import Base, UtcDateTime, new_id
from fullscript_sandbox.models.developer import App


class Event(Base):
    """Something that happened in Fullscript's own pages. Changes made through REST leave no event."""

    __tablename__ = "event"
    __table_args__ = (Index("event_by_category", "category", "clinic_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    category: Mapped[str]  # event_types.py
    type: Mapped[str] = mapped_column(index=True)
    clinic_id: Mapped[str | None] = mapped_column(ForeignKey("clinic.id"))  # None for products
    app_id: Mapped[str | None] = mapped_column(ForeignKey("app.id"))  # None: it is every app's business
    country: Mapped[str | None]  # of a product that is sold in one alone: the other never hears of it
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QueuedWebhook(Base):
    """An app that is still to be told of an event: a first time, or again after an attempt that failed.

    `attempt_number` is that of the coming attempt. What is due goes out by `due_at`, then by `position`.
    A `damage` comes from the control plane: such a row is sent once, spoiled, and not again.
    """

    __tablename__ = "webhook_queue"
    __table_args__ = (Index("webhook_queue_by_time", "due_at", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    position: Mapped[int] = mapped_column(index=True)
    app_id: Mapped[str] = mapped_column(ForeignKey("app.id"), index=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), index=True)
    attempt_number: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    damage: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    app: Mapped[App] = relationship()
    event: Mapped[Event] = relationship()


class WebhookDelivery(Base):
    """One attempt to tell an app of an event."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("webhook_delivery_by_time", "app_id", "attempted_at", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(ForeignKey("app.id"))
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), index=True)
    attempt_number: Mapped[int] = mapped_column(default=1)
    attempted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    successfully_delivered: Mapped[bool] = mapped_column(default=False)
    response_status: Mapped[int | None]
    response_header: Mapped[str | None]
    response_body: Mapped[str | None]
    response_ip_address: Mapped[str | None]
    response_errors: Mapped[str | None]
    event_payload: Mapped[dict[str, Any]] = mapped_column(JSON)

    event: Mapped[Event] = relationship()


class OutboxMessage(Base):
    """A message that the real Fullscript would have sent to a person; here it can be read instead."""

    __tablename__ = "outbox_message"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    clinic_id: Mapped[str | None] = mapped_column(ForeignKey("clinic.id"), index=True)
    channel: Mapped[str] = mapped_column(default="email")  # email or text
    kind: Mapped[str]  # welcome, treatment_plan, ...
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
