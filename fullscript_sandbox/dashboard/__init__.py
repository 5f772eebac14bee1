"""The developer dashboard: apps, their credentials and settings, test accounts.

Every visitor of the sandbox is its developer: it listens on the machine's own address only.
"""

from flask import Blueprint

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")

from fullscript_sandbox.dashboard import (  # noqa: E402 -- the views need bp
    accounts,
    applications,
    deliveries,
    happenings,
    labs,
    refunds,
    settings,
    webhooks,
)

__all__ = [
    "accounts",
    "applications",
    "bp",
    "deliveries",
    "happenings",
    "labs",
    "refunds",
    "settings",
    "webhooks",
]
