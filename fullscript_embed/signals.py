"""What the host application may listen to. Sent after the fact is committed; ids only, no payloads.

The sender is the Flask application. A receiver that raises is logged and undoes nothing; a sweep, or
`flask fullscript replay`, tells all receivers again. A receiver may therefore hear of one event twice, and of
two events in another order than they happened: ask the extension for what is so now.

All but the first two have in common: environment, clinic_id, event_id, type (the vendor's name of the event),
patient_id (the host's; None when no patient of the host is meant, or more than one who share an account) and
user_id (the host's; None when it did not happen on a page of the host). What each has beside these is named
with it.
"""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

# user_id, environment, clinic_id
connected = _signals.signal("fullscript-connected")
# user_id, environment, by (the host's user who did it, or None for the command line)
disconnected = _signals.signal("fullscript-disconnected")

# fullscript_patient_id
patient_selected = _signals.signal("fullscript-patient-selected")
patient_created = _signals.signal("fullscript-patient-created")
patient_updated = _signals.signal("fullscript-patient-updated")
patient_emancipated = _signals.signal("fullscript-patient-emancipated")

# treatment_plan_id (Fullscript's), fullscript_patient_id
treatment_plan_activated = _signals.signal("fullscript-treatment-plan-activated")
treatment_plan_changed = _signals.signal("fullscript-treatment-plan-changed")
treatment_plan_cancelled = _signals.signal("fullscript-treatment-plan-cancelled")

# order_id, treatment_plan_ids, fullscript_patient_id
order_placed = _signals.signal("fullscript-order-placed")
# lab_order_id, state (as in the REST API), fullscript_patient_id
lab_order_updated = _signals.signal("fullscript-lab-order-updated")
# Results can be read now. Sent when they are kept, by whichever way they were found, so without an event:
# environment, clinic_id, patient_id, fullscript_patient_id, lab_order_id, state, result_ids (the new ones)
lab_results_ready = _signals.signal("fullscript-lab-results-ready")

# variant_ids; both without a patient
product_created = _signals.signal("fullscript-product-created")
product_updated = _signals.signal("fullscript-product-updated")

clinic_key_activated = _signals.signal("fullscript-clinic-key-activated")
clinic_key_revoked = _signals.signal("fullscript-clinic-key-revoked")

# Every event, after the signal of its own if it has one: also of types that this version does not know.
event_applied = _signals.signal("fullscript-event-applied")
