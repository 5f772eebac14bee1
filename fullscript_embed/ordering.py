"""`fullscript.ordering`: what the host's patients ordered, against what was recommended to them."""

from __future__ import annotations

from datetime import date, timedelta

from fullscript_embed import adherence, checks, order_checks, order_pages
from fullscript_embed.adherence import Adherence
from fullscript_embed.checks import Check
from fullscript_embed.order_pages import PAGE_SIZE, OrderPage

AT_ONCE = timedelta(0)


class Ordering:
    """Orders come by events, by polling, and by `check`, which asks Fullscript.

    What only reads asks nobody whether the signed-in user may see the patient: whoever calls it has.
    """

    def timeline(self, patient_id: str | int, *, number: int = 1, size: int = PAGE_SIZE) -> OrderPage:
        """A page of what the patient ordered, the latest first, with the plans that it belongs to."""
        return order_pages.page(str(patient_id), number, size)

    def adherence(self, patient_id: str | int, *, today: date) -> list[Adherence]:
        """What is recommended to the patient now, what was ordered of it, and when a refill is due."""
        return adherence.of_patient(str(patient_id), today=today)

    def last_check(self, patient_id: str | int) -> Check:
        """When the patient's orders were last compared with Fullscript, and how that went."""
        return checks.last(str(patient_id), checks.ORDERS)

    def check(self, patient_id: str | int, *, max_age: timedelta = AT_ONCE) -> Check:
        """Compare the patient's orders with Fullscript and keep what is new. Commits.

        In the name of who is signed in, who has to see the patient; raises a Refusal or a FullscriptError.
        Asks nothing when the last check is younger than *max_age*.
        """
        return order_checks.check_patient(str(patient_id), max_age=max_age)
