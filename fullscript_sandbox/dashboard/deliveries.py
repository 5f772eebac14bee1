"""Deliveries of an application: every attempt to tell it of an event, and Send again."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from fullscript_sandbox import apps, event_types, lists
from fullscript_sandbox.api.filters import on_dates
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.settings import EXPIRED
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Event, WebhookDelivery
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.refusals import Invalid, WrongState
from fullscript_sandbox.webhooks import manual, queue

PER_PAGE = 25


@bp.get("/apps/<app_id>/deliveries")
def list_deliveries(app_id: str) -> str:
    """The attempts of the application, latest first, filtered by type, outcome, event and day (UTC)."""
    app = db.get_or_404(App, app_id)
    page = lists.page_of(_chosen(app), PER_PAGE)
    return render_template(
        "dashboard/deliveries.html",
        app=app,
        deliveries=page,
        filters={name: request.args.get(name, "") for name in FILTERS},
        types=event_types.NAMES,
        environment=apps.ENVIRONMENTS.get(app.environment, app.environment),
    )


@bp.get("/apps/<app_id>/deliveries/<delivery_id>")
def show_delivery(app_id: str, delivery_id: str) -> str:
    """One attempt: what was sent, what came back, and the other attempts of its event."""
    app, delivery = _found(app_id, delivery_id)
    others = select(WebhookDelivery).where(_same_event(delivery)).order_by(WebhookDelivery.attempt_number)
    return render_template(
        "dashboard/delivery.html",
        app=app,
        delivery=delivery,
        attempts=db.session.scalars(others).all(),
        body=json.dumps(_body(app, delivery), indent=2, ensure_ascii=False),
        answer=(delivery.response_body or "").replace(app.challenge_token, "••••••••"),
        waiting=queue.waiting(app, delivery.event),
        confirm=ConfirmForm(),
        environment=apps.ENVIRONMENTS.get(app.environment, app.environment),
    )


@bp.post("/apps/<app_id>/deliveries/<delivery_id>/send-again")
def send_again(app_id: str, delivery_id: str) -> Response:
    """Send the event of a delivery once more, now."""
    app, delivery = _found(app_id, delivery_id)
    address = url_for("dashboard.show_delivery", app_id=app.id, delivery_id=delivery.id)
    if not ConfirmForm().validate_on_submit():
        flash(EXPIRED, "warning")
        return redirect(address)
    try:
        again = manual.send_again(app, delivery.event)
    except WrongState as error:
        flash(error.message, "danger")
        return redirect(address)
    if again.successfully_delivered:
        flash("Sent again, and accepted.", "success")
    else:
        flash(f"Sent again, and not accepted. {again.response_errors}.", "danger")
    return redirect(url_for("dashboard.show_delivery", app_id=app.id, delivery_id=again.id))


FILTERS = ("type", "outcome", "event_id", "day")


def _chosen(app: App) -> Select[WebhookDelivery]:
    """What the query asks for; a filter that cannot be read is left out."""
    chosen = select(WebhookDelivery).join(WebhookDelivery.event).where(WebhookDelivery.app_id == app.id)
    wanted = {name: request.args.get(name, "").strip() for name in FILTERS}
    if wanted["type"]:
        chosen = chosen.where(Event.type == wanted["type"])
    if wanted["outcome"] in {"delivered", "failed"}:
        chosen = chosen.where(WebhookDelivery.successfully_delivered.is_(wanted["outcome"] == "delivered"))
    if wanted["event_id"]:
        chosen = chosen.where(WebhookDelivery.event_id == wanted["event_id"])
    with suppress(Invalid):
        chosen = on_dates(chosen, WebhookDelivery.attempted_at, "day", wanted["day"] or None)
    latest_first = WebhookDelivery.attempted_at.desc(), WebhookDelivery.id.desc()
    return chosen.options(joinedload(WebhookDelivery.event)).order_by(*latest_first)


def _found(app_id: str, delivery_id: str) -> tuple[App, WebhookDelivery]:
    app = db.get_or_404(App, app_id)
    query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id, WebhookDelivery.app_id == app.id)
    return app, db.one_or_404(query)


def _same_event(delivery: WebhookDelivery) -> Any:
    return (WebhookDelivery.app_id == delivery.app_id) & (WebhookDelivery.event_id == delivery.event_id)


def _body(app: App, delivery: WebhookDelivery) -> Any:
    """The body as the application gets it today; the log keeps it without the envelope's switch."""
    payload = delivery.event_payload
    return payload if app.webhook_envelope == "event" else {"event_payload": payload}
