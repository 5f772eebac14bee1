"""Webhook settings of an application: its endpoint, what it is told of, and whether that works."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from fullscript_sandbox import apps, event_types
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.forms import WebhookForm
from fullscript_sandbox.dashboard.settings import EXPIRED
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.webhooks import deliveries, manual

Answer = str | Response | tuple[str, int]


@bp.route("/apps/<app_id>/webhooks", methods=["GET", "POST"])
def webhook_settings(app_id: str) -> Answer:
    """Endpoint, secrets, events, envelope. An endpoint that does not answer the empty call is not saved."""
    app = db.get_or_404(App, app_id)
    form = WebhookForm.of(app)
    if not (form.validate_on_submit() and _answers(app, form)):
        return _page(app, form)
    apps.change(app, **form.values)
    db.session.commit()
    flash("Saved. Your endpoint answered with the challenge." if app.webhook_url else "Saved.", "success")
    return redirect(url_for("dashboard.webhook_settings", app_id=app.id))


@bp.post("/apps/<app_id>/webhooks/enable")
def enable_endpoint(app_id: str) -> Response:
    """Call the endpoint that was disabled, and send to it again if it answers as it should."""
    app = db.get_or_404(App, app_id)
    if not ConfirmForm().validate_on_submit():
        flash(EXPIRED, "warning")
    elif (answer := manual.check(app, app.webhook_url or "")).accepted:
        deliveries.enable(app)
        db.session.commit()
        flash("The endpoint is enabled. What happened meanwhile is in the events API.", "success")
    else:
        flash(f"The endpoint is still disabled. {answer.error}.", "danger")
    return redirect(url_for("dashboard.webhook_settings", app_id=app.id))


def _answers(app: App, form: WebhookForm) -> bool:
    """True when there is no endpoint to check, or when it answers; else the form says what came back."""
    url = (form.webhook_url.data or "").strip()
    answer = manual.check(app, url) if url else None
    if answer is None or answer.accepted:
        return True
    form.webhook_url.errors = [f"Nothing was saved: the test call failed. {answer.error}."]
    return False


def _page(app: App, form: WebhookForm) -> Answer:
    page = render_template(
        "dashboard/webhooks.html",
        app=app,
        form=form,
        confirm=ConfirmForm(),
        notes={one.name: _note(one) for one in event_types.TYPES},
        environment=apps.ENVIRONMENTS.get(app.environment, app.environment),
    )
    return (page, 422) if form.is_submitted() else page


def _note(kind: event_types.EventType) -> str:
    return f"{kind.about}. Needs {event_types.SCOPES[kind.category]}"
