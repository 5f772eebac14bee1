"""Celery, told about this app: what happens in the background is the extension's work."""

from __future__ import annotations

from celery import Celery
from click import ClickException
from flask import Flask
from kombu.transport.sqlalchemy import Transport

from ehr.config import celery_config
from ehr.settings import Settings

# The queue in a database is looked at five times a second, so that an event is applied within one. kombu
# hands the broker's transport options on to SQLAlchemy, which does not know this one: so it is set here.
POLLING_SECONDS = 0.2
Transport.polling_interval = POLLING_SECONDS


def make_celery(settings: Settings) -> Celery | None:
    """A Celery application for these settings, or None when they want no worker."""
    if not settings.has_worker:
        return None
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    celery = Celery("practice", set_as_current=False)
    celery.conf.update(celery_config(settings))
    return celery


def celery_of(app: Flask) -> Celery:
    """The Celery application of *app*, for a worker. Raises ClickException where it has none."""
    celery: Celery | None = app.extensions["celery"]
    if celery is None:
        raise ClickException("CELERY_BROKER_URL is none: this app works without a worker, so start none.")
    return celery
