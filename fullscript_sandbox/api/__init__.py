"""The REST API, a module for each noun of the vendor's reference. Rules live outside, in the domain."""

from flask import Blueprint

bp = Blueprint("api", __name__, url_prefix="/api")

from fullscript_sandbox.api import (  # noqa: E402, F401 -- their views register with bp
    clinic,
    dynamic_links,
    events,
    labs,
    metadata,
    orders,
    patients,
    people,
    products,
    protocols,
    resources,
    session_grants,
    treatment_plans,
    webhooks,
    words,
)
