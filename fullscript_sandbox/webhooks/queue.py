"""What is still to be told, and to whom. Knows the database and no HTTP; callers commit."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    String,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import joinedload

from fullscript_sandbox import event_types
from fullscript_sandbox.clock import iso, now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import App, Clinic, Event, QueuedWebhook, Token, WebhookDelivery
from fullscript_sandbox.webhooks.sending import Damage, Endpoint

Order = Literal["same", "reverse", "random"]

REVOKED = "clinic_key.revoked"
# Set in the session when a transaction adds to the queue, so that its commit wakes the dispatcher.
ADDED = "webhooks_added"


def announce(event: Event) -> None:
    """Put the event on the queue for every app that is to be told of it now."""
    for app in told_of(event):
        add(app, event)


def told_of(event: Event) -> list[App]:
    """The apps with a working endpoint that asked for this type and may know of this event."""
    listening = select(App).where(App.webhook_url.is_not(None), App.webhook_disabled_at.is_(None))
    if event.app_id is not None:
        listening = listening.where(App.id == event.app_id)
    apps = db.session.scalars(listening.order_by(App.created_at, App.id))
    return [app for app in apps if subscribed(app, event) and may_know(app, event)]


def subscribed(app: App, event: Event) -> bool:
    """Types that the guide lacks cannot be asked for: they go to every endpoint, for tests of receivers."""
    return event.type in app.webhook_events or event.type not in event_types.NAMES


def may_know(app: App, event: Event) -> bool:
    """True while an unrevoked token of the app has the event's scope, of the event's clinic or country if it
    has one.

    Of its last token's end an app is told although no token is left: nobody else could be.
    """
    scope = f" {event_types.SCOPES[event.category]} "
    padded = literal(" ", String) + Token.scope + " "
    query = select(Token.id).where(Token.app_id == app.id, padded.contains(scope, autoescape=True))
    if event.clinic_id is not None:
        query = query.where(Token.clinic_id == event.clinic_id)
    if event.country is not None:
        query = query.join(Token.clinic).where(Clinic.country == event.country)
    if event.type != REVOKED:
        query = query.where(Token.revoked_at.is_(None))
    return db.session.scalar(query.limit(1)) is not None


def add(
    app: App, event: Event, *, due_at: datetime | None = None, damage: Damage | None = None
) -> QueuedWebhook:
    """Tell *app* of *event* at *due_at*, at once when that is None."""
    row = QueuedWebhook(
        id=new_id(),
        position=select(func.coalesce(func.max(QueuedWebhook.position), 0) + 1).scalar_subquery(),
        app=app,
        event=event,
        due_at=due_at or now(),
        damage=damage.as_row() if damage else None,
    )
    db.session.add(row)
    db.session.flush()
    db.session.info[ADDED] = True
    return row


def due(*, without_apps: Iterable[str] = (), limit: int = 100) -> list[tuple[str, str]]:
    """Id and app of the rows whose time has come, in the order in which they should go out."""
    query = select(QueuedWebhook.id, QueuedWebhook.app_id).where(_is_due())
    query = query.where(QueuedWebhook.app_id.not_in(list(without_apps)))
    rows = db.session.execute(query.order_by(QueuedWebhook.due_at, QueuedWebhook.position).limit(limit))
    return [(row.id, row.app_id) for row in rows]


def count_due() -> int:
    return db.session.scalar(select(func.count()).select_from(QueuedWebhook).where(_is_due())) or 0


def count_later() -> int:
    later = select(func.count()).select_from(QueuedWebhook).where(~_is_due())
    return db.session.scalar(later) or 0


def next_due() -> datetime | None:
    """When the next row's time comes, or came."""
    moment: datetime | None = db.session.scalar(select(func.min(QueuedWebhook.due_at)))
    return moment


def get(row_id: str) -> QueuedWebhook | None:
    """The row with its app and event, or None when it was dropped, sent or reset meanwhile."""
    query = select(QueuedWebhook).where(QueuedWebhook.id == row_id)
    return db.session.scalar(query.options(joinedload(QueuedWebhook.app), joinedload(QueuedWebhook.event)))


def waiting(app: App, event: Event) -> QueuedWebhook | None:
    """The row by which *app* is still to be told of *event* by the rules, not by order of a test."""
    query = select(QueuedWebhook).where(QueuedWebhook.app_id == app.id, QueuedWebhook.event_id == event.id)
    return db.session.scalar(query.where(QueuedWebhook.damage.is_(None)).limit(1))


def shuffle(order: Order) -> None:
    """Let everything that is due go out now, in another order."""
    rows = list(db.session.scalars(_in_order(select(QueuedWebhook).where(_is_due()))))
    if order == "reverse":
        rows.reverse()
    elif order == "random":
        random.shuffle(rows)
    first = (db.session.scalar(select(func.max(QueuedWebhook.position))) or 0) + 1
    moment = now()
    for position, row in enumerate(rows, first):
        row.position, row.due_at = position, moment


def drop(*, app_id: str | None = None, event_id: str | None = None, row_id: str | None = None) -> int:
    """Forget what was to be sent, retries too; returns how many rows that were.

    The log does not go on to announce the retries.
    """
    named = (
        (QueuedWebhook.app_id, app_id),
        (QueuedWebhook.event_id, event_id),
        (QueuedWebhook.id, row_id),
    )
    dropped = [column == value for column, value in named if value is not None]
    attempt = tuple_(WebhookDelivery.app_id, WebhookDelivery.event_id, WebhookDelivery.attempted_at)
    last_ones = select(QueuedWebhook.app_id, QueuedWebhook.event_id, QueuedWebhook.previous_attempt_at)
    announcing = update(WebhookDelivery).where(attempt.in_(last_ones.where(*dropped)))
    db.session.execute(announcing.values(next_attempt_at=None))
    return cast("CursorResult[Any]", db.session.execute(delete(QueuedWebhook).where(*dropped))).rowcount


def endpoint_of(app: App) -> Endpoint:
    """Where and how the app is told."""
    return Endpoint(app.webhook_url or "", app.challenge_token, app.signature_key, app.webhook_envelope)


def payload(event: Event) -> dict[str, Any]:
    """The event as webhooks carry it (field notes, 1.19): product events name no clinic."""
    whole: dict[str, Any] = {"id": event.id, "type": event.type, "created_at": iso(event.created_at)}
    if event.clinic_id is None:
        return whole | {"data": event.data}
    clinic = db.session.get_one(Clinic, event.clinic_id)
    return whole | {
        "clinic_id": event.clinic_id,
        "data": event.data,
        "integration_id": clinic.integration_id,
    }


def _is_due() -> ColumnElement[bool]:
    return QueuedWebhook.due_at <= now()


def _in_order(query: Select[QueuedWebhook]) -> Select[QueuedWebhook]:
    return query.order_by(QueuedWebhook.due_at, QueuedWebhook.position)
