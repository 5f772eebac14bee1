"""What a plan says, as values that can be compared: to tell whether something changed."""

from __future__ import annotations

from typing import Any

from fullscript_sandbox.models import TreatmentPlan

# Guide, Treatment plan recommendation updated: the event is triggered by changes of these.
TOLD = (
    "variant_id",
    "refill",
    "units_to_purchase",
    "amount",
    "frequency",
    "duration",
    "format",
    "additional_info",
)
ALL = (*TOLD, "take_with", "time_of_day")


def recommended(plan: TreatmentPlan) -> tuple[Any, Any]:
    """What the event of a changed plan tells of: products in any order, and labs.

    The guide lists no attribute of labs; they count, because the event carries them.
    """
    return sorted(_rows(plan, TOLD), key=repr), sorted(one.lab_id for one in plan.lab_recommendations)


def everything(plan: TreatmentPlan) -> Any:
    """All that a practitioner wrote, in its order."""
    labs = [one.lab_id for one in plan.lab_recommendations]
    return _rows(plan, ALL), labs, plan.personal_message


def _rows(plan: TreatmentPlan, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, name) for name in names) for row in plan.recommendations]
