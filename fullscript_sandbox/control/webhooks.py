"""Webhooks as a test wants them: twice, late, in another order, damaged, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal

from flask import request
from pydantic import Field
from sqlalchemy import select

from fullscript_sandbox.clock import now
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Event, WebhookDelivery
from fullscript_sandbox.refusals import Invalid, NotFound, WrongState
from fullscript_sandbox.webhooks import manual, queue
from fullscript_sandbox.webhooks.dispatcher import dispatcher
from fullscript_sandbox.webhooks.sending import Damage

MOST_AT_ONCE = 32
MOST_LISTED = 1000
LONGEST_WAIT = 20  # seconds; less than a client's patience


class DeliveryOrder(Message):
    """An event to deliver now, `times` times, `at_once` of them at the same time, whatever the rules say.

    It goes to the app named, else to all that the rules would tell. What is wrong with it: `bad_signature`
    (signed with another key), `unsigned`, `timestamp_offset` (seconds, signed rightly for that moment),
    `cut_body` (half of it), `skip_challenge` (no empty call before it). With `late_seconds` it waits so long
    by the sandbox's clock. It is logged as an attempt, and is not retried.
    """

    event_id: str
    app_id: str | None = None
    times: int = Field(default=1, ge=1, le=1000)
    at_once: int = Field(default=1, ge=1, le=MOST_AT_ONCE)
    bad_signature: bool = False
    unsigned: bool = False
    timestamp_offset: int = Field(default=0, ge=-31_536_000, le=31_536_000)
    cut_body: bool = False
    skip_challenge: bool = False
    late_seconds: float = Field(default=0, ge=0, le=2_592_000)

    @property
    def damage(self) -> Damage:
        return Damage(**self.model_dump(include=set(Damage.__dataclass_fields__)))


class Delivery(Message):
    """One attempt, as /api/webhooks/deliveries lists it, and the app that it went to."""

    id: str
    app_id: str
    event_id: str
    attempt_number: int
    attempted_at: datetime
    previous_attempt_at: datetime | None
    next_attempt_at: datetime | None
    successfully_delivered: bool
    response_status: int | None
    response_header: str | None
    response_body: str | None
    response_ip_address: str | None
    response_errors: str | None
    event_payload: dict[str, Any]


class Deliveries(Message):
    deliveries: list[Delivery]


class ReleaseOrder(Message):
    """How to let held webhooks go. With `at_once` each app gets so many at the same time from now on."""

    order: Literal["same", "reverse", "random"] = "same"
    at_once: int = Field(default=1, ge=1, le=MOST_AT_ONCE)


class DropOrder(Message):
    """What not to send after all: everything, or what is for an app or of an event."""

    app_id: str | None = None
    event_id: str | None = None


class Dropped(Message):
    dropped: int


class Queue(Message):
    """How busy the sender is. Idle: nothing is due, or it is held, and nothing is being sent.

    `later` counts retries and what was ordered late.
    """

    idle: bool
    held: bool
    in_flight: int
    due: int
    later: int


@bp.post("/webhooks/deliver")
@speaks(takes=DeliveryOrder, gives=Deliveries)
def deliver(body: DeliveryOrder) -> Deliveries:
    """Send an event now, as often and as wrong as ordered, and answer with what came of it."""
    event = db.session.get(Event, body.event_id)
    if event is None:
        raise NotFound("Event")
    apps = [_app(body.app_id)] if body.app_id else queue.told_of(event)
    if body.late_seconds:
        _send_later(apps * body.times, event, body)
        return Deliveries(deliveries=[])
    sent = [
        delivery
        for app in apps
        for delivery in manual.send(app, event, body.damage, times=body.times, at_once=body.at_once)
    ]
    return Deliveries(deliveries=[_shown(one) for one in sent])


@bp.post("/webhooks/hold")
@speaks(status=HTTPStatus.NO_CONTENT)
def hold_webhooks() -> None:
    """Send nothing by itself from now on: what happens waits. A reset or a restart lets it go."""
    dispatcher().hold()
    dispatcher().wait_until_idle(LONGEST_WAIT)


@bp.post("/webhooks/release")
@speaks(takes=ReleaseOrder, gives=Queue)
def release_webhooks(body: ReleaseOrder) -> Queue:
    """Let go what is due, in the same or another order. Does not wait for it; see idle."""
    queue.shuffle(body.order)
    db.session.commit()
    dispatcher().release(at_once=body.at_once)
    return _queue(0)


@bp.post("/webhooks/drop")
@speaks(takes=DropOrder, gives=Dropped)
def drop_webhooks(body: DropOrder) -> Dropped:
    """Forget what waits to be sent, retries too, as if it was lost on its way. Events stay."""
    dropped = queue.drop(app_id=body.app_id, event_id=body.event_id)
    db.session.commit()
    return Dropped(dropped=dropped)


@bp.get("/webhooks/idle")
@speaks(gives=Queue, query=("timeout",))
def wait_until_idle() -> Queue:
    """Wait until nothing is due by the sandbox's clock, `?timeout=` seconds at most (10; never above 20)."""
    try:
        timeout = float(request.args.get("timeout", 10))
    except ValueError as error:
        raise Invalid(["timeout: has to be a number of seconds"]) from error
    return _queue(min(max(timeout, 0), LONGEST_WAIT))


@bp.get("/webhooks/deliveries")
@speaks(gives=Deliveries, query=("app_id", "event_id"))
def list_deliveries() -> Deliveries:
    """The last 1000 attempts, oldest first, of an app or an event if one is named."""
    chosen = select(WebhookDelivery)
    for name in ("app_id", "event_id"):
        if name in request.args:
            chosen = chosen.where(getattr(WebhookDelivery, name) == request.args[name])
    latest = chosen.order_by(WebhookDelivery.attempted_at.desc(), WebhookDelivery.id.desc()).limit(
        MOST_LISTED
    )
    return Deliveries(deliveries=[_shown(one) for one in reversed(list(db.session.scalars(latest)))])


def _send_later(apps: list[App], event: Event, order: DeliveryOrder) -> None:
    due_at = now() + timedelta(seconds=order.late_seconds)
    for app in apps:
        queue.add(app, event, due_at=due_at, damage=order.damage)
    db.session.commit()


def _app(app_id: str) -> App:
    app = db.session.get(App, app_id)
    if app is None:
        raise NotFound("App")
    if app.webhook_url is None:
        raise WrongState("The app has no webhook_url to deliver to")
    return app


def _queue(timeout: float) -> Queue:
    state = dispatcher().wait_until_idle(timeout)
    return Queue(
        idle=state.idle, held=state.held, in_flight=state.in_flight, due=state.due, later=state.later
    )


def _shown(delivery: WebhookDelivery) -> Delivery:
    return Delivery(**{name: getattr(delivery, name) for name in Delivery.model_fields})
