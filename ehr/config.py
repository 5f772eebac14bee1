"""From the settings to what Flask, its extensions and Celery read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ehr.settings import Settings

MAX_REQUEST_BYTES = 1024 * 1024  # the largest thing that is posted is an event with its plan: some 100 kB


def flask_config(settings: Settings) -> dict[str, Any]:
    """Flask's configuration. The settings themselves are in it as SETTINGS."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": MAX_REQUEST_BYTES,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        # The prefix makes browsers insist on https, this host and the whole path.
        "SESSION_COOKIE_NAME": "__Host-practice" if settings.https else "practice",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        # An answer that comes late would put back the cookie of its request, and undo what came between.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: charts stay open for hours
        "RATELIMIT_STORAGE_URI": settings.rate_limit_storage_url,
        "SQLALCHEMY_DATABASE_URI": sqlalchemy_url(settings),
        # hide_parameters: what a statement was about has no place in an error.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True, "hide_parameters": True},
        "FULLSCRIPT_ENVIRONMENTS": list(settings.fullscript_environments),
        "FULLSCRIPT_ENCRYPTION_KEYS": list(settings.fullscript_encryption_keys),
        "FULLSCRIPT_EMBED_SCRIPT": settings.fullscript_embed_script,
        "FULLSCRIPT_WITHOUT_CONNECTION": settings.fullscript_without_connection,
        "FULLSCRIPT_POLL_MINUTES": settings.fullscript_poll_minutes,
        "FULLSCRIPT_RATE_LIMIT_STORAGE_URL": settings.fullscript_rate_limit_storage_url,
        "FULLSCRIPT_KEEP_EVENTS_DAYS": settings.fullscript_keep_events_days,
        "FULLSCRIPT_PRODUCTION": settings.production,
        **settings.fullscript,
    }


def sqlalchemy_url(settings: Settings) -> str:
    """The database for SQLAlchemy; both of PostgreSQL's usual prefixes mean the psycopg driver."""
    url = settings.database_url
    if not url:
        return f"sqlite:///{settings.instance_dir.resolve() / 'practice.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return f"postgresql+psycopg://{url.removeprefix(prefix)}"
    return url


def celery_config(settings: Settings) -> dict[str, Any]:
    """Celery's configuration: no results are kept, and its logs look like ours."""
    instance = settings.instance_dir.resolve()
    return {
        "broker_url": settings.celery_broker_url or f"sqla+sqlite:///{instance / 'broker.db'}",
        # When beat last did what, so that a restart does not begin to count anew.
        "beat_schedule_filename": str(instance / "beat-schedule"),
        "broker_connection_retry_on_startup": True,
        "task_ignore_result": True,
        "worker_hijack_root_logger": False,
        # What a worker logs would else be written to a stream that logs what is written to it: so to nowhere.
        "worker_redirect_stdouts": False,
    }
