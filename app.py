"""The composition: settings, what every request needs, the practice app's rooms, and Fullscript.

Run by `flask --app app`, `gunicorn "app:create_app()"` and `celery --app app:celery_app worker`.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask

from ehr import (
    activity,
    admin,
    chart,
    chart_labs,
    chart_links,
    chart_orders,
    chart_plans,
    errors,
    fullscript,
    home,
    integrations,
    login,
    logs,
    monitoring,
    patients,
    portal,
    portal_access,
    portal_invitations,
    portal_profile,
    profile,
    security,
    seed,
    sign_ins,
)
from ehr.config import flask_config
from ehr.database import init_database
from ehr.settings import ROOT, Settings
from ehr.throttle import limiter
from ehr.worker import celery_of, make_celery


def create_app(settings: Settings | None = None) -> Flask:
    """Build the practice app; tests pass settings of their own. Raises SettingsInvalid."""
    settings = settings or Settings.here(os.environ)
    logs.configure(settings)
    app = Flask(__name__, root_path=str(ROOT), instance_path=str(settings.instance_dir.resolve()))
    app.config.update(flask_config(settings))
    for room in (logs, errors, sign_ins, limiter, seed):
        room.init_app(app)
    init_database(app)
    app.extensions["celery"] = celery = make_celery(settings)
    fullscript.init_app(app, celery)
    security.init_app(app, settings)
    pages = (
        home,
        login,
        patients,
        chart,
        chart_plans,
        chart_orders,
        chart_labs,
        chart_links,
        integrations,
        portal,
        portal_access,
        portal_invitations,
        portal_profile,
        profile,
        admin,
        activity,
        monitoring,
    )
    for page in pages:
        app.register_blueprint(page.bp)
    return app


def __getattr__(name: str) -> Any:
    """`app:celery_app` for Celery's command, made when it asks for it."""
    if name == "celery_app":
        return celery_of(create_app())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
