"""Who did what to whose chart, kept in the extension's audit trail: ids only, no names.

Its own entries (connected, disconnected, grant minted) and this app's stand in one list.
"""

from __future__ import annotations

from typing import Any

from ehr.fullscript import fullscript
from ehr.models import Patient

# What stands in the trail, in words: this app's own entries and the extension's.
ACTIONS = {
    "sign_in.made": "Signed in",
    "sign_in.failed": "Could not sign in",
    "sign_in.ended": "Signed out",
    "password.changed": "Changed the password",
    "chart.opened": "Opened a chart",
    "patient.created": "Created a patient",
    "patient.changed": "Changed a patient",
    "note.added": "Added a note",
    "fullscript.switched_on": "Switched Fullscript on for somebody",
    "fullscript.switched_off": "Switched Fullscript off for somebody",
    "connection.made": "Connected Fullscript",
    "connection.ended": "Disconnected Fullscript",
    "connection.ended_by_fullscript": "Connection ended by Fullscript",
    "patient.linked": "Linked a patient to Fullscript",
    "patient.unlinked": "Removed a patient’s link to Fullscript",
    "patient.link_dismissed": "Saw that a Fullscript patient is another patient’s",
    "patient.id_replaced": "Put a patient’s id over another one at Fullscript",
    "patient.taken": "Took a patient’s details from Fullscript",
    "patient.sent": "Sent a patient’s details to Fullscript",
    "portal.invited": "Invited a patient to the portal",
    "portal.joined": "Set a password for the portal",
    "portal.entered": "Signed in to the portal",
    "portal.refused": "Could not sign in to the portal",
    "portal.left": "Signed out of the portal",
    "portal.plans_opened": "Opened plans in the portal",
    "portal.order_opened": "Went to order from the portal",
    "portal.orders_opened": "Opened orders in the portal",
    "portal.labs_opened": "Opened labs in the portal",
    "portal.result_opened": "Opened a lab result in the portal",
    "portal.profile_changed": "Changed the profile in the portal",
    "session_grant.minted": "Opened Fullscript for a patient",
    "link.made": "Opened Fullscript in a tab",
    "labs.opened": "Opened the labs of a patient",
    "lab_result.shown": "Read a lab result",
    "event.opened": "Opened an event",
    "event.replayed": "Replayed an event",
    "events.replayed": "Replayed all failed events",
    "events.brought_back": "Asked Fullscript for missed events",
}


def record(action: str, *, patient: Patient | None = None, user_id: str | None = None, **ids: Any) -> None:
    """Write down that the signed-in user did this, or that it was done to the account *user_id*. Commits."""
    fullscript.record_audit(action, patient_id=str(patient.id) if patient else None, user_id=user_id, **ids)
