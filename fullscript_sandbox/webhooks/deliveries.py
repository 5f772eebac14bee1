"""What came of an attempt: the log of deliveries, the retries, and the end of an endpoint that fails.

Knows the database and no HTTP; callers commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from sqlalchemy import select, update

from fullscript_sandbox.clock import iso, now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import App, Event, QueuedWebhook, WebhookDelivery
from fullscript_sandbox.webhooks import queue
from fullscript_sandbox.webhooks.sending import Answer

# How long after an attempt that failed the next one comes (guide: Missed and repeated webhooks).
RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(minutes=60),
    timedelta(hours=5),
)
# An endpoint that does nothing but fail for so long is disabled (guide: Multiple failures).
LONGEST_FAILING = timedelta(hours=24)


@dataclass(frozen=True)
class Attempt:
    """When an attempt began, which one it is, and when the one before it was.

    *due_at* is when its time came; None for one beside the schedule.
    """

    at: datetime
    number: int = 1
    previous_at: datetime | None = None
    due_at: datetime | None = None


def begin(row: QueuedWebhook, at: datetime) -> Attempt:
    """The attempt that a queued row is for."""
    if row.damage is not None:
        return next_attempt(row.app, row.event, at)
    return Attempt(at, row.attempt_number, row.previous_attempt_at, row.due_at)


def settle(row: QueuedWebhook, answer: Answer, at: datetime) -> WebhookDelivery:
    """Log the attempt of a queued row; take the row off the queue, or let it wait for the next attempt."""
    attempt, app = begin(row, at), row.app
    delivery = log(app, row.event, answer, attempt)
    if row.damage is not None:
        db.session.delete(row)
        return delivery
    if answer.accepted or attempt.number > len(RETRIES):
        db.session.delete(row)
    else:
        row.previous_attempt_at, row.attempt_number = at, attempt.number + 1
        row.due_at = delivery.next_attempt_at = at + RETRIES[attempt.number - 1]
    judge(app, answer, at)  # last: the end of an endpoint takes back the retry that was just announced
    return delivery


def settle_last(app: App, event: Event, answer: Answer, attempt: Attempt) -> None:
    """Log an attempt whose row was dropped while it was under way: it was made all the same, and is the last.

    It may end the endpoint, unless that is what dropped its row.
    """
    log(app, event, answer, attempt)
    if attempt.due_at is None:
        return
    # Dropping the row took back what the attempt before announced, and this was it.
    before = WebhookDelivery.app_id == app.id, WebhookDelivery.event_id == event.id
    announcing = update(WebhookDelivery).where(*before, WebhookDelivery.attempted_at == attempt.previous_at)
    db.session.execute(announcing.values(next_attempt_at=attempt.due_at))
    if app.webhook_url is not None and app.webhook_disabled_at is None:
        judge(app, answer, attempt.at)


def log(app: App, event: Event, answer: Answer, attempt: Attempt) -> WebhookDelivery:
    """Add an attempt to the log."""
    delivery = WebhookDelivery(
        id=new_id(),
        app_id=app.id,
        event_id=event.id,
        attempt_number=attempt.number,
        attempted_at=attempt.at,
        previous_attempt_at=attempt.previous_at,
        successfully_delivered=answer.accepted,
        response_status=answer.status,
        response_header=answer.header,
        response_body=answer.body,
        response_ip_address=answer.ip_address,
        response_errors=answer.error,
        event_payload={"event": queue.payload(event)},
    )
    db.session.add(delivery)
    db.session.flush()
    return delivery


def next_attempt(app: App, event: Event, at: datetime) -> Attempt:
    """An attempt beside the schedule, counted on from the last one."""
    last = db.session.execute(
        select(WebhookDelivery.attempt_number, WebhookDelivery.attempted_at)
        .where(WebhookDelivery.app_id == app.id, WebhookDelivery.event_id == event.id)
        .order_by(WebhookDelivery.attempt_number.desc(), WebhookDelivery.attempted_at.desc())
        .limit(1)
    ).first()
    return Attempt(at, last.attempt_number + 1, last.attempted_at) if last else Attempt(at)


def judge(app: App, answer: Answer, at: datetime) -> None:
    """Disable the endpoint that says it is gone, or that has been failing for a day."""
    if answer.accepted:
        app.webhook_failing_since = None
        return
    app.webhook_failing_since = app.webhook_failing_since or at
    if answer.status == HTTPStatus.GONE:
        disable(app, "It answered 410, which says that it is gone for good.")
    elif at - app.webhook_failing_since >= LONGEST_FAILING:
        disable(app, f"Every attempt failed for a day, since {iso(app.webhook_failing_since)}.")


def disable(app: App, reason: str) -> None:
    """Send nothing more to the app's endpoint, and forget what was waiting for it."""
    app.webhook_disabled_at, app.webhook_disabled_reason = now(), reason
    queue.drop(app_id=app.id)


def enable(app: App) -> None:
    """Send again from now on. What happened meanwhile is not sent: the events API has it."""
    app.webhook_disabled_at = app.webhook_disabled_reason = app.webhook_failing_since = None
