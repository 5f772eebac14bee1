"""What a page needs before anything else: who works here, for whom, and the words to choose from."""

from __future__ import annotations

from typing import Any

from fullscript_sandbox import dosages
from fullscript_sandbox.platform import bp, cards
from fullscript_sandbox.platform.visits import current, visit_required


@bp.get("/desk")
@visit_required
def show_desk() -> dict[str, Any]:
    """The visit: user, clinic, practitioners to pick from, patient if known, entrypoint, vocabularies.

    In a tab also the link's plan and practitioner, and the id under which its plan is to be kept.
    """
    visit = current()
    opening = visit.opening
    named = opening.practitioner if opening else None
    plan = opening.plan if opening else None
    return {
        "user": {"name": visit.user.name, "type": visit.user.type},
        "clinic": {"name": visit.clinic.name, "country": visit.clinic.country},
        "app": {"name": visit.app.name if visit.app else "your practice app"},
        "in_tab": opening is not None,
        "plan_id": opening.plan_id if opening else None,
        "plan": cards.plan_page(plan) if plan else None,
        "practitioner": cards.practitioner(named) if named else None,
        "picks_practitioner": visit.user.picks_practitioner,
        "practitioners": [cards.practitioner(one) for one in visit.practitioners],
        "patient": cards.patient(visit.patient) if visit.patient else None,
        "patient_data": visit.patient_data,
        "entrypoint": visit.entrypoint,
        "has_labs": visit.has_labs,
        "words": {
            "frequencies": dosages.FREQUENCIES,
            "durations": dosages.DURATIONS,
            "formats": dosages.FORMATS,
            "times_of_day": dosages.TIMES_OF_DAY,
            "take_with": dosages.TAKE_WITH,
        },
    }
