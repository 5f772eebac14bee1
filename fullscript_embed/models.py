"""What the extension keeps, in the host's own database, in tables that begin with fullscript_.

The tables have a MetaData of their own, so that the host's migrations do not touch them and ours do not touch
the host's; `bind_key` None puts them into the default engine of the host's Flask-SQLAlchemy.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from fullscript_embed.clock import utcnow
from fullscript_embed.columns import Encrypted, UtcDateTime

CONNECTED, RECONNECT, DISCONNECTED = "connected", "reconnect_required", "disconnected"
WAITING, APPLIED, PARKED, DEAD = "waiting", "applied", "parked", "dead"

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(info={"bind_key": None}, naming_convention=NAMING)


class Connection(Base):
    """One host user's account at one environment. A disconnected one stays, without tokens, so that an event
    which was on its way can still be told apart from somebody else's."""

    __tablename__ = "fullscript_connection"
    __table_args__ = (UniqueConstraint("user_id", "environment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(255))
    environment: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(24), default=CONNECTED)
    # Why it has to be connected again, in words for the user.
    status_reason: Mapped[str | None] = mapped_column(Text)
    fullscript_user_id: Mapped[str | None] = mapped_column(String(64))
    user_type: Mapped[str | None] = mapped_column(String(24))  # Practitioner, Staff or (before 2021) Clinic
    scope: Mapped[str | None] = mapped_column(Text)
    clinic_id: Mapped[str | None] = mapped_column(String(64), index=True)
    clinic_name: Mapped[str | None] = mapped_column(Text)
    access_token: Mapped[str | None] = mapped_column(Encrypted)
    refresh_token: Mapped[str | None] = mapped_column(Encrypted)
    token_created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The one that was registered and used; refreshing sends it again.
    redirect_uri: Mapped[str | None] = mapped_column(Text)
    # Nobody reads this number: changing it takes the row's lock, on every engine (connections.py).
    refresh_lock: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_usable(self) -> bool:
        """True while Fullscript is believed to accept its tokens."""
        return self.status == CONNECTED and self.access_token is not None

    @property
    def scopes(self) -> list[str]:
        return (self.scope or "").split()


class PendingRevocation(Base):
    """A token that we gave up and that Fullscript has not been told about yet. Every sweep tries again."""

    __tablename__ = "fullscript_pending_revocation"

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(255))
    token: Mapped[str | None] = mapped_column(Encrypted)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class InboxEvent(Base):
    """One event as it arrived, stored before anything is done with it.

    The door, the user and the payload are those of its first witness; later ones are in `Witness`.
    """

    __tablename__ = "fullscript_event"
    __table_args__ = (
        UniqueConstraint("environment", "event_id"),
        # Of what is not done alone: it stays small however many events were.
        Index(
            "ix_fullscript_event_open",
            "state",
            "due_at",
            sqlite_where=text("state <> 'applied'"),
            postgresql_where=text("state <> 'applied'"),
        ),
        # What an administrator looks for, the newest first; and what is old enough to be forgotten.
        Index("ix_fullscript_event_type", "type", "id"),
        Index("ix_fullscript_event_clinic", "clinic_id", "id"),
        Index("ix_fullscript_event_door", "door", "id"),
        Index("ix_fullscript_event_received", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(64))
    clinic_id: Mapped[str | None] = mapped_column(String(64))
    door: Mapped[str] = mapped_column(String(16))  # browser, webhook or poll
    user_id: Mapped[str | None] = mapped_column(String(255))
    patient_id: Mapped[str | None] = mapped_column(String(255))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    # By the vendor's clock; None when it does not say.
    happened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    # waiting: to be applied, or to be told to the host again; parked: until its clinic is connected; dead:
    # until somebody replays it.
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    # When a sweep may take it up.
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    # False until every receiver of the signal has returned without raising.
    announced: Mapped[bool] = mapped_column(default=False)


class Witness(Base):
    """A door through which an event came after another one had brought it."""

    __tablename__ = "fullscript_witness"
    __table_args__ = (Index("ix_fullscript_witness_door", "door", "number"),)

    number: Mapped[int] = mapped_column(
        ForeignKey("fullscript_event.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    door: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    user_id: Mapped[str | None] = mapped_column(String(255))
    patient_id: Mapped[str | None] = mapped_column(String(255))
    # None where the door only said that there was such an event, as a poll's list does.
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class WebhookRefusal(Base):
    """How often a call of the webhook door was refused, and why. Nothing of what was in it."""

    __tablename__ = "fullscript_webhook_refusal"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Told:
    """What the records of Fullscript have in common that events tell of (facts.py)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    clinic_id: Mapped[str] = mapped_column(String(64))
    fullscript_id: Mapped[str] = mapped_column(String(64))
    # The first that is known of it, by the vendor's clock.
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # For each fact by which event it is known, so that no older one undoes it.
    stamps: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)


class PatientLink(Base):
    """Which Fullscript patient a host patient is, in one clinic of one environment."""

    __tablename__ = "fullscript_patient_link"
    __table_args__ = (
        UniqueConstraint("environment", "clinic_id", "patient_id"),
        # One Fullscript patient is one of the host's, unless the host says that a family shares the account.
        Index(
            "uq_fullscript_patient_link_person",
            "environment",
            "clinic_id",
            "fullscript_patient_id",
            unique=True,
            sqlite_where=text("NOT is_shared"),
            postgresql_where=text("NOT is_shared"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    clinic_id: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[str] = mapped_column(String(255), index=True)
    fullscript_patient_id: Mapped[str] = mapped_column(String(64), index=True)
    # Families may share one Fullscript account (the guide: How much to cross-index).
    is_shared: Mapped[bool] = mapped_column(default=False)
    # By what they were found: event, metadata, email, chosen, redirect or host.
    found_by: Mapped[str | None] = mapped_column(String(16))
    # By the vendor's clock, so that an older event that arrives later does not undo a newer one.
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class TreatmentPlan(Told, Base):
    """A plan in one spelling, whoever reported it."""

    __tablename__ = "fullscript_treatment_plan"
    __table_args__ = (UniqueConstraint("environment", "clinic_id", "fullscript_id"),)

    # The host patient on whose page it was made. None for one that was made elsewhere: it belongs to whoever
    # is linked to the Fullscript patient.
    patient_id: Mapped[str | None] = mapped_column(String(255), index=True)
    fullscript_patient_id: Mapped[str | None] = mapped_column(String(64), index=True)
    practitioner_id: Mapped[str | None] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[str | None] = mapped_column(String(24))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    personal_message: Mapped[str | None] = mapped_column(Text)
    available_at: Mapped[str | None] = mapped_column(String(32))
    recommendations: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    lab_recommendations: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    resources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # As of which change, by the vendor's clock, Fullscript was asked for all of it; None when never.
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # True until every name that it needs is known (names.py).
    names_missing: Mapped[bool] = mapped_column(default=True, index=True)
    # Grows with every change that a page shows; the sum over a patient's plans is their version.
    revision: Mapped[int] = mapped_column(default=1)


class Order(Told, Base):
    """What a patient bought, supplements and labs."""

    __tablename__ = "fullscript_order"
    __table_args__ = (UniqueConstraint("environment", "clinic_id", "fullscript_id"),)

    order_number: Mapped[str | None] = mapped_column(String(64))
    fullscript_patient_id: Mapped[str | None] = mapped_column(String(64), index=True)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    treatment_plan_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    practitioner_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    line_items: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # As exact numbers in a text; events do not tell them.
    item_total: Mapped[str | None] = mapped_column(String(24))
    msrp_total: Mapped[str | None] = mapped_column(String(24))
    payment_total: Mapped[str | None] = mapped_column(String(24))
    # True when Fullscript was asked for all of it.
    is_whole: Mapped[bool] = mapped_column(default=False)


class LabOrder(Told, Base):
    """How far a lab is, in the words of the REST API: partial_results, results_ready, results_amended …"""

    __tablename__ = "fullscript_lab_order"
    __table_args__ = (UniqueConstraint("environment", "clinic_id", "fullscript_id"),)

    state: Mapped[str | None] = mapped_column(String(64))
    fullscript_patient_id: Mapped[str | None] = mapped_column(String(64), index=True)
    practitioner_id: Mapped[str | None] = mapped_column(String(64))
    treatment_plan_id: Mapped[str | None] = mapped_column(String(64))
    order_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(Text)
    # What its tests are called; None until Fullscript was asked for all of it.
    tests: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    # When it was first known to be in each state.
    reached: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    # Grows with every change that a page shows.
    revision: Mapped[int] = mapped_column(default=1)


class PatientFacts(Told, Base):
    """What Fullscript says about one of its patients."""

    __tablename__ = "fullscript_patient_facts"
    __table_args__ = (UniqueConstraint("environment", "clinic_id", "fullscript_id"),)

    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    date_of_birth: Mapped[str | None] = mapped_column(String(10))
    gender: Mapped[str | None] = mapped_column(String(32))
    mobile_number: Mapped[str | None] = mapped_column(String(32))
    discount: Mapped[str | None] = mapped_column(String(24))
    total_discount: Mapped[str | None] = mapped_column(String(24))
    text_message_notification: Mapped[bool | None] = mapped_column()
    is_dependent: Mapped[bool | None] = mapped_column()
    guardian_patient_id: Mapped[str | None] = mapped_column(String(64))
    # When Fullscript was last asked, and whether the record was archived then; None when it never was.
    is_archived: Mapped[bool | None] = mapped_column()
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClinicKey(Told, Base):
    """Whether a clinic lets this application in: activated or revoked. Its Fullscript id is the clinic's."""

    __tablename__ = "fullscript_clinic_key"
    __table_args__ = (UniqueConstraint("environment", "clinic_id", "fullscript_id"),)

    state: Mapped[str | None] = mapped_column(String(24))


class Name(Base):
    """What an id of Fullscript's is called, a variant or a practitioner. Looked up once, then kept."""

    __tablename__ = "fullscript_name"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    fullscript_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    # None while it could not be had.
    name: Mapped[str | None] = mapped_column(Text)
    brand: Mapped[str | None] = mapped_column(Text)
    size: Mapped[str | None] = mapped_column(Text)
    image_url: Mapped[str | None] = mapped_column(Text)
    # How much one unit holds, as numbers are counted with: 120 of "capsules".
    units: Mapped[int | None] = mapped_column()
    unit_of_measure: Mapped[str | None] = mapped_column(String(64))
    # False for names that were looked up before pictures and counts were kept.
    has_details: Mapped[bool] = mapped_column(default=True)
    # When that was so, by the vendor's clock, or when it was looked up.
    known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    try_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """Who did what to which record, and when. Ids only."""

    __tablename__ = "fullscript_audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    user_id: Mapped[str | None] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(64))
    environment: Mapped[str | None] = mapped_column(String(16))
    patient_id: Mapped[str | None] = mapped_column(String(255), index=True)
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str | None] = mapped_column(String(64))
