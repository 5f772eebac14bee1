"""Fullscript in a Flask application: connect accounts, open Fullscript Embed, keep what happens in it.

Names are imported when they are first used, so that `fullscript_embed.api`, which knows no Flask, can be
imported without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fullscript_embed.errors import AlreadyLinked, ChangeRefused, EmbedError, Refusal, SettingsInvalid
    from fullscript_embed.extension import FullscriptEmbed
    from fullscript_embed.inbox_search import InboxFilter
    from fullscript_embed.people import Patient, User
    from fullscript_embed.signals import (
        clinic_key_activated,
        clinic_key_revoked,
        connected,
        disconnected,
        event_applied,
        lab_order_updated,
        lab_results_ready,
        order_placed,
        patient_created,
        patient_emancipated,
        patient_selected,
        patient_updated,
        product_created,
        product_updated,
        treatment_plan_activated,
        treatment_plan_cancelled,
        treatment_plan_changed,
    )

_HOMES = {
    "AlreadyLinked": "errors",
    "ChangeRefused": "errors",
    "EmbedError": "errors",
    "FullscriptEmbed": "extension",
    "InboxFilter": "inbox_search",
    "Patient": "people",
    "Refusal": "errors",
    "SettingsInvalid": "errors",
    "User": "people",
    "clinic_key_activated": "signals",
    "clinic_key_revoked": "signals",
    "connected": "signals",
    "disconnected": "signals",
    "event_applied": "signals",
    "lab_order_updated": "signals",
    "lab_results_ready": "signals",
    "order_placed": "signals",
    "patient_created": "signals",
    "patient_emancipated": "signals",
    "patient_selected": "signals",
    "patient_updated": "signals",
    "product_created": "signals",
    "product_updated": "signals",
    "treatment_plan_activated": "signals",
    "treatment_plan_cancelled": "signals",
    "treatment_plan_changed": "signals",
}

__all__ = [
    "AlreadyLinked",
    "ChangeRefused",
    "EmbedError",
    "FullscriptEmbed",
    "InboxFilter",
    "Patient",
    "Refusal",
    "SettingsInvalid",
    "User",
    "clinic_key_activated",
    "clinic_key_revoked",
    "connected",
    "disconnected",
    "event_applied",
    "lab_order_updated",
    "lab_results_ready",
    "order_placed",
    "patient_created",
    "patient_emancipated",
    "patient_selected",
    "patient_updated",
    "product_created",
    "product_updated",
    "treatment_plan_activated",
    "treatment_plan_cancelled",
    "treatment_plan_changed",
]


def __getattr__(name: str) -> Any:
    """Import a public name from the module that it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
