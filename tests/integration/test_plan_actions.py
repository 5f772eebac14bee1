"""What people do with a patient's plans: look through them, cancel, check out, pass the invitation on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fullscript_embed.api import FullscriptClient, Recommendation
from fullscript_embed.plan_pages import PlanDetail, PlanPage
from tests.partner_host import HARBORLIGHT, HostUser
from tests.plans_elsewhere import CHECK, PRIYA, a_variant, asks_as, kept, sends_a_plan
from tests.webhook_sender import Sender, plan


def address(plan_id: str, action: str, patient: str = "7") -> str:
    """Where a page posts to."""
    return f"/fullscript/patients/{patient}/plans/{plan_id}/{action}"


def page(user: HostUser, **options: Any) -> PlanPage:
    """A page of patient 7's plans."""
    return user.host.asks(lambda: user.host.extension.plans.page("7", **options))


def detail(user: HostUser, plan_id: str) -> PlanDetail:
    """One of patient 7's plans in full."""
    found = asks_as(user, lambda: user.host.extension.plans.find("7", plan_id))
    assert found is not None
    return found


@pytest.fixture
def sent(linked: HostUser, elsewhere: FullscriptClient) -> str:
    """The id of an active plan that is known to the host."""
    plan_id = sends_a_plan(elsewhere)
    linked.posts(CHECK)
    return plan_id


def test_plans_are_turned_over_a_page_at_a_time(linked: HostUser) -> None:
    """Newest first, with how many there are in each state; a page beyond the last is the last."""
    days = [
        plan(id=f"plan-{day:02}", at=f"2026-03-{day:02}T12:00:00Z", patient={"id": PRIYA})
        for day in range(1, 8)
    ]
    over = plan("updated", id="plan-02", at="2026-03-20T12:00:00Z", patient={"id": PRIYA})
    Sender(linked.host).tells(*days, over)

    last = page(linked, number=9, size=3)

    assert [one.id for one in last.plans] == ["plan-01"]
    assert (last.number, last.pages, last.total, last.counts) == (3, 3, 7, {"active": 6, "cancelled": 1})
    assert [one.id for one in page(linked, state="cancelled").plans] == ["plan-02"]


def test_a_plan_tells_what_happened_to_it(linked: HostUser) -> None:
    """Sent, changed and cancelled, however often and in whatever order it was told."""
    mine = {"id": "plan-1", "patient": {"id": PRIYA}}
    line = {"variant_id": "variant-2", "units_to_purchase": 1}
    told = [
        plan("updated", **mine, at="2026-03-03T12:00:00Z"),
        plan("created", **mine, at="2026-03-01T12:00:00Z"),
        plan("recommendation.updated", **mine, at="2026-03-02T12:00:00Z", recommendations=[line]),
    ]
    Sender(linked.host).tells(*told, *told)

    history = detail(linked, "plan-1").history

    assert [entry.title for entry in history] == ["Cancelled", "Changed", "Sent to the patient"]
    assert history[1].details == ("Added a product.", "Removed a product.")


def test_a_difference_that_a_check_finds_is_in_the_history(
    linked: HostUser, elsewhere: FullscriptClient, sent: str
) -> None:
    """Another dosage says what it was before."""
    variant = a_variant(elsewhere)
    elsewhere.treatment_plans.update(
        sent, recommendations=[Recommendation(variant_id=variant, units_to_purchase=3)]
    )
    linked.posts(CHECK)

    assert [entry.title for entry in detail(linked, sent).history] == ["Changed", "Created"]


def test_cancelling_a_plan(linked: HostUser, elsewhere: FullscriptClient, sent: str) -> None:
    """It is cancelled at Fullscript and here, and the trail says who did it."""
    answer = linked.posts(address(sent, "cancel"))

    assert answer.get_json() == {"plan_id": sent, "was_before": False}
    assert elsewhere.treatment_plans.retrieve(sent).state == kept(linked, sent).state == "cancelled"
    [entry, *_] = linked.host.asks(linked.host.extension.audit_trail)
    assert (entry.action, entry.user_id, entry.details) == (
        "treatment_plan.cancelled",
        "maya",
        {"plan": sent},
    )


def test_a_plan_that_was_cancelled_meanwhile(
    linked: HostUser, elsewhere: FullscriptClient, sent: str
) -> None:
    """Cancelling it again is no failure, and says that somebody was faster."""
    elsewhere.treatment_plans.cancel(sent)

    answer = linked.posts(address(sent, "cancel"))

    assert answer.get_json()["was_before"] is True
    assert kept(linked, sent).state == "cancelled"


@pytest.mark.parametrize("action", ["in-office-checkout", "invitation"])
def test_a_cancelled_plan_cannot_be_used(
    linked: HostUser, elsewhere: FullscriptClient, sent: str, action: str
) -> None:
    """The page is told why, and shows the plan as it is from then on."""
    elsewhere.treatment_plans.cancel(sent)

    answer = linked.posts(address(sent, action))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "plan_not_active")
    assert "cancelled meanwhile" in answer.get_json()["error"]["message"]
    assert kept(linked, sent).state == "cancelled"


def test_the_checkout_and_the_invitation_lead_to_fullscript(linked: HostUser, sent: str) -> None:
    """Both addresses are asked for when they are wanted, and stand in no page before."""
    checkout, invitation = (
        linked.posts(address(sent, action)).get_json()["url"]
        for action in ("in-office-checkout", "invitation")
    )
    chart = linked.browser.get("/patients/7").text

    assert checkout.startswith(f"{linked.host.sandbox.url}/o/patients/")
    assert invitation.startswith(f"{linked.host.sandbox.url}/welcome/")
    assert "/welcome/" not in chart


@pytest.mark.parametrize("action", ["cancel", "invitation"])
def test_a_draft_is_not_sent_yet(linked: HostUser, elsewhere: FullscriptClient, action: str) -> None:
    """Nothing can be cancelled, sold or passed on of a plan that the patient has not got."""
    draft = sends_a_plan(elsewhere, "draft")
    linked.posts(CHECK)

    answer = linked.posts(address(draft, action))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "plan_not_active")


def of_another_clinic(user: HostUser) -> None:
    user.host.change_connection(clinic_id=HARBORLIGHT)


def is_down(user: HostUser) -> None:
    user.host.sandbox.fault("/api/clinic/treatment_plans/*", status=503, times=9)


def is_disconnected(user: HostUser) -> None:
    user.host.change_connection(status="disconnected")


@pytest.mark.parametrize(
    ("happens", "patient", "action", "status", "code"),
    [
        pytest.param(of_another_clinic, "7", "cancel", 404, "plan_not_found", id="another clinic's plan"),
        pytest.param(
            HostUser.connects, "8", "invitation", 404, "plan_not_found", id="another patient's plan"
        ),
        pytest.param(HostUser.connects, "9", "invitation", 404, "patient_not_found", id="not theirs"),
        pytest.param(is_disconnected, "7", "in-office-checkout", 409, "not_connected", id="not connected"),
        pytest.param(is_down, "7", "cancel", 502, "upstream_unreachable", id="Fullscript is down"),
        pytest.param(HostUser.signs_out, "7", "cancel", 401, "signed_out", id="signed out"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    linked: HostUser, happens: Callable[[HostUser], Any], patient: str, action: str, status: int, code: str
) -> None:
    """Each is refused in the one shape, and the plan stays as it was."""
    Sender(linked.host).tells(plan(id="plan-1", patient={"id": PRIYA}))
    token = linked.csrf_token
    happens(linked)

    answer = linked.posts(address("plan-1", action, patient), token=token)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert kept(linked, "plan-1").state == "active"
