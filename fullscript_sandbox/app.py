"""create_sandbox(): the whole sandbox as one Flask application."""

from __future__ import annotations

from flask import Flask

from fullscript_sandbox import (
    api,
    api_errors,
    control,
    dashboard,
    embed,
    faults,
    gate,
    images,
    lab_settings,
    oauth,
    outbox,
    pages,
    patient,
    platform,
    redirect,
    reference,
    store,
)
from fullscript_sandbox.clock import Clock
from fullscript_sandbox.database import db
from fullscript_sandbox.settings import Settings
from fullscript_sandbox.webhooks import dispatcher


def create_sandbox(settings: Settings | None = None) -> Flask:
    """Build a sandbox; tests pass settings of their own. Seeds its data folder when that is empty."""
    settings = settings or Settings.from_env()
    store.open_or_make(settings)
    app = Flask(__name__)
    app.config.update(settings.as_config())
    app.extensions["sandbox.clock"] = Clock()
    faults.init_app(app)  # before all other hooks: first in, last out
    gate.init_app(app)
    db.init_app(app)
    dispatcher.init_app(app)
    api_errors.init_app(app)
    pages.init_app(app)
    for room in (
        oauth,
        api,
        embed,
        platform,
        dashboard,
        control,
        outbox,
        images,
        lab_settings,
        redirect,
        patient,
        reference,
    ):
        app.register_blueprint(room.bp)
    return app
