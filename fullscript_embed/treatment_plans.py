"""`fullscript.plans`: the treatment plans of the host's patients."""

from __future__ import annotations

from datetime import timedelta

from fullscript_embed import checks, plan_actions, plan_checks, plan_pages
from fullscript_embed.checks import Check
from fullscript_embed.plan_actions import Cancellation
from fullscript_embed.plan_pages import PAGE_SIZE, PlanDetail, PlanPage

AT_ONCE = timedelta(0)


class TreatmentPlans:
    """What a host shows of treatment plans, and what people do with them.

    What only reads (`page`, `find`, `last_check`) asks nobody: whoever calls it has found out that the
    signed-in user may see the patient. The rest asks Fullscript in the user's name, checks that they may see
    the patient, and raises a Refusal or a FullscriptError that says in words what to do.
    """

    def page(
        self, patient_id: str | int, *, state: str | None = None, number: int = 1, size: int = PAGE_SIZE
    ) -> PlanPage:
        """The plans of a patient, newest first; only those that are "draft", "active" or "cancelled"."""
        return plan_pages.page(str(patient_id), state, number, size)

    def find(self, patient_id: str | int, plan_id: str) -> PlanDetail | None:
        """One plan by Fullscript's id with its history; None when it is not this patient's."""
        return plan_pages.find(str(patient_id), plan_id)

    def last_check(self, patient_id: str | int) -> Check:
        """When the patient's plans were last compared with Fullscript, and how that went."""
        return checks.last(str(patient_id), checks.PLANS)

    def check(
        self, patient_id: str | int, *, max_age: timedelta = AT_ONCE, first: str | None = None
    ) -> Check:
        """Compare the patient's plans with Fullscript and keep what is different. Commits.

        Asks nothing when the last check is younger than *max_age*. Of many plans that are new, the one whose
        id is *first* is read first.
        """
        return plan_checks.check_patient(str(patient_id), max_age=max_age, first=first)

    def cancel(self, patient_id: str | int, plan_id: str) -> Cancellation:
        """Cancel an active plan. The answer says when it was cancelled already. Commits."""
        return plan_actions.cancel(str(patient_id), plan_id)

    def in_office_checkout(self, patient_id: str | int, plan_id: str) -> str:
        """Fill the patient's cart with the plan, and give the address where it is paid for.

        Whatever was in the cart is thrown away: tell people before you call it. Commits.
        """
        return plan_actions.in_office_checkout(str(patient_id), plan_id)

    def invitation(self, patient_id: str | int, plan_id: str) -> str:
        """The patient's own link to an active plan. Treat it like a password. Commits an audit entry."""
        return plan_actions.invitation(str(patient_id), plan_id)
