"""Sending beside the schedule: once more from the dashboard, or as a test ordered it. Commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, write_alone
from fullscript_sandbox.models import App, Event, WebhookDelivery
from fullscript_sandbox.refusals import WrongState
from fullscript_sandbox.webhooks import deliveries, queue, sending
from fullscript_sandbox.webhooks.sending import Answer, Damage, Endpoint


def check(app: App, url: str) -> Answer:
    """Make the empty call to *url*, as saving the settings does. Changes nothing."""
    return sending.knock(Endpoint(url, app.challenge_token, app.signature_key))


def send_again(app: App, event: Event) -> WebhookDelivery:
    """Tell the app once more, now. When that works, the retries that were to come do not.

    Raises WrongState for an app without an endpoint, or with a disabled one.
    """
    if app.webhook_url is None or app.webhook_disabled_at is not None:
        raise WrongState("There is no endpoint to send to, or it is disabled. See the webhook settings.")
    (answer,) = _send(app, event, Damage(), times=1, at_once=1)
    write_alone()
    delivery = _log(app, event, answer)
    deliveries.judge(app, answer, delivery.attempted_at)
    if answer.accepted:
        queue.drop(app_id=app.id, event_id=event.id)
    db.session.commit()
    return delivery


def send(
    app: App, event: Event, damage: Damage, *, times: int = 1, at_once: int = 1
) -> list[WebhookDelivery]:
    """Make *times* attempts, *at_once* of them together, damaged as ordered. They change no retry."""
    answers = _send(app, event, damage, times=times, at_once=at_once)
    write_alone()
    logged = [_log(app, event, answer) for answer in answers]
    db.session.commit()
    return logged


def _send(app: App, event: Event, damage: Damage, *, times: int, at_once: int) -> list[Answer]:
    endpoint, payload = queue.endpoint_of(app), queue.payload(event)
    db.session.rollback()  # nothing is held while the calls are made
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda _: sending.attempt(endpoint, payload, damage), range(times)))


def _log(app: App, event: Event, answer: Answer) -> WebhookDelivery:
    return deliveries.log(app, event, answer, deliveries.next_attempt(app, event, now()))
