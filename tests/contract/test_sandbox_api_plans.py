"""Treatment plans and redirect links of the sandbox's REST API."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox
from tests.sandbox_actors import SAM, Person
from tests.sandbox_rest import NOBODY, SCOPES, Api

LINKS = "/api/clinic/dynamic_links/treatment_plans"
PLANS = "/api/clinic/treatment_plans"
API_ONLY = tuple(scope for scope in SCOPES if scope != "patients:treatment_plan_history")


@pytest.fixture(scope="module")
def api(_sandbox_process: Sandbox) -> Api:
    """A sandbox that was put back to its seed once, for all tests of this module."""
    return Api(_sandbox_process)


def test_a_plan_has_the_shape_of_the_reference(api: Api) -> None:
    """Units and refill come back as number and boolean, the dosage as it was written."""
    dosage = {"amount": "1-2", "frequency": "once per day", "duration": "ongoing", "format": "capsule"}
    sent = {"variant_id": api.variant, "units_to_purchase": "10", "refill": "true", "take_with": "food"}
    sent["dosage"] = {**dosage, "additional_info": "with food", "time_of_day": ["morning"]}
    path = f"/api/clinic/patients/{api.patient}/treatment_plans"
    answer = api.maya.post(path, state="draft", recommendations=[sent], metadata={"id": "123"})
    plan = answer.json()["treatment_plan"]

    assert plan["recommendations"] == [{**sent, "units_to_purchase": 10, "refill": True}]
    assert (plan["state"], plan["available_at"], plan["metadata"]) == ("draft", None, {"id": "123"})


@pytest.mark.parametrize(
    "state", [{}, {"state": None}, {"state": "active"}], ids=["left out", "null", "said"]
)
def test_a_plan_without_a_state_is_active_and_sent(api: Api, state: dict[str, Any]) -> None:
    """It is available today, and the patient gets a message."""
    patient = api.new_patient(send_welcome_email=False)
    path = f"/api/clinic/patients/{patient['id']}/treatment_plans"
    plan = api.maya.post(path, recommendations=[api.recommendation], **state).json()["treatment_plan"]
    sent = [one["kind"] for one in api.sandbox.messages() if one["recipient"] == patient["email"]]

    assert (plan["state"], sent) == ("active", ["treatment_plan"])
    assert plan["available_at"] == plan["updated_at"][:10]


def test_staff_have_to_name_the_practitioner(api: Api) -> None:
    """A token of staff says nothing about whose name a plan carries."""
    path = f"/api/clinic/patients/{api.patient}/treatment_plans"
    staff = api.caller(email=SAM)
    refused = staff.post(path, state="draft", recommendations=[])
    made = staff.post(path, state="draft", recommendations=[], practitioner_id=api.practitioner)

    assert refused.json() == {"error": ["Practitioner can't be blank"]}
    assert made.json()["treatment_plan"]["practitioner"] == {"id": api.practitioner}


@pytest.mark.parametrize(
    ("state", "move", "message"),
    [
        ("active", "activate", "active already"),
        ("draft", "cancel", "is a draft"),
        ("draft", "in_office_checkout", "is draft"),
    ],
)
def test_a_wrong_move_is_refused(api: Api, state: str, move: str, message: str) -> None:
    """422 that says which state the plan is in."""
    method = "POST" if move == "in_office_checkout" else "PATCH"
    answer = api.maya.call(method, f"{PLANS}/{api.new_plan(state)['id']}/{move}")

    assert answer.status_code == 422
    assert message in answer.json()["error"][0]


def test_a_cancelled_plan_stays_cancelled(api: Api) -> None:
    """It shows no recommendations any more and cannot be cancelled, activated, changed or sold."""
    path = f"{PLANS}/{api.active_plan}"
    cancelled = api.maya.patch(f"{path}/cancel").json()["treatment_plan"]
    moves = [("PATCH", "/cancel"), ("PATCH", "/activate"), ("PATCH", ""), ("POST", "/in_office_checkout")]
    answers = [api.maya.call(verb, path + move, json={"personal_message": "x"}) for verb, move in moves]

    assert (cancelled["state"], cancelled["recommendations"]) == ("cancelled", [])
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422]


def test_moves_through_rest_leave_no_event(api: Api) -> None:
    """Neither activation nor cancellation is told to the app that did it."""
    plan = api.new_plan("draft")["id"]
    api.maya.patch(f"{PLANS}/{plan}/activate")
    api.maya.patch(f"{PLANS}/{plan}/cancel")

    assert api.maya.get("/api/events/treatment_plans").json()["meta"]["total_count"] == 0


def test_without_history_only_plans_of_the_api_are_seen(api: Api) -> None:
    """Plans from Fullscript's own pages need `patients:treatment_plan_history`, listed or one by one."""
    patient = api.maya.get("/api/clinic/orders").json()["orders"][0]["patient_id"]
    path = f"/api/clinic/patients/{patient}/treatment_plans"
    all_plans = [one["id"] for one in api.maya.get(path).json()["treatment_plans"]]
    limited = api.caller(scopes=API_ONLY)
    refused = limited.get(f"{PLANS}/{all_plans[0]}")

    assert all_plans
    assert limited.get(path).json()["treatment_plans"] == []
    assert (refused.status_code, "`patients:treatment_plan_history`" in refused.text) == (403, True)


def test_plans_are_sorted_as_asked(api: Api) -> None:
    """By either date, in either direction."""
    patient = api.new_patient()["id"]
    made = [api.new_plan("draft", patient)["id"] for _ in range(3)]
    api.maya.patch(f"{PLANS}/{made[0]}", personal_message="later")
    path = f"/api/clinic/patients/{patient}/treatment_plans"
    newest = api.maya.get(path, sort_by="created_at", order_by="desc").json()["treatment_plans"]
    touched = api.maya.get(path, sort_by="updated_at", order_by="ASC").json()["treatment_plans"]

    assert [one["id"] for one in newest] == made[::-1]
    assert touched[-1]["id"] == made[0]


def test_a_checkout_refills_the_cart_and_leads_to_it(api: Api) -> None:
    """What was in the cart is gone, and the practitioner's page shows what the second plan holds."""
    patient = api.new_patient()["id"]
    for _ in range(2):
        plan = api.new_plan("active", patient)["id"]
        url = api.maya.call("POST", f"{PLANS}/{plan}/in_office_checkout").json()["in_office_checkout"]["url"]
    person = Person(api.sandbox)
    person.signs_in()
    page = person.opens(url.removeprefix(api.sandbox.url))

    assert page.status_code == 200
    assert page.text.count('class="shop-line-name"') == 1


def test_a_link_finds_or_makes_its_patient(api: Api) -> None:
    """The first call makes the patient, with a welcome and an event; the second finds them."""
    patient = {"first_name": "Lena", "last_name": "Link", "email": api.email}
    plan = {"practitioner_id": api.practitioner}
    first, second = (
        api.maya.post(LINKS, treatment_plan=plan, patient=patient).json()["dynamic_links"] for _ in range(2)
    )
    events = api.maya.get("/api/events/patients", order_by="DESC").json()["events"]
    event = api.maya.get(f"/api/events/{events[0]['id']}").json()["event"]

    assert first["patient"]["id"] == second["patient"]["id"] == event["data"]["patient"]["id"]
    assert first["treatment_plan"]["id"] != second["treatment_plan"]["id"]
    assert (first["patient"]["mobile_number"], first["patient"]["text_message_notification"]) == ("", 0)


def test_a_link_carries_the_plans_number(api: Api) -> None:
    """As base64, with the labs page where that was asked for."""
    answer = api.maya.post(LINKS, treatment_plan={"practitioner_id": api.practitioner}, entrypoint="labs")
    path, _, query = answer.json()["dynamic_links"]["redirect_url"].partition("?")

    assert base64.urlsafe_b64decode(path.split("/")[-2]).startswith(b"TreatmentPlan-")
    assert query == "entrypoint=labs"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 400, "treatment_plan is missing"),
        ({"treatment_plan": {}}, 422, ["Practitioner can't be blank"]),
        ({"treatment_plan": {"practitioner_id": NOBODY}}, 422, ["Practitioner must exist"]),
        (
            {"treatment_plan": {"practitioner_id": "own"}, "entrypoint": "x"},
            422,
            ["Entrypoint is not included in the list"],
        ),
        (
            {"treatment_plan": {"practitioner_id": "own"}, "patient": {"first_name": "Nell"}},
            422,
            ["Last name can't be blank", "Email can't be blank", "Email is invalid"],
        ),
    ],
    ids=["no plan", "no practitioner", "unknown practitioner", "entrypoint", "no address"],
)
def test_a_link_that_cannot_be_made_says_why(api: Api, body: dict[str, Any], status: int, error: Any) -> None:
    """The last is the guide's own example."""
    if body.get("treatment_plan", {}).get("practitioner_id") == "own":
        body = {**body, "treatment_plan": {"practitioner_id": api.practitioner}}
    answer = api.maya.post(LINKS, **body)

    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_making_a_patient_by_link_takes_another_scope(api: Api) -> None:
    """Without `patients:write` a patient is found, and not made."""
    limited = api.lacking("patients:write")
    plan = {"practitioner_id": api.practitioner}
    found = limited.post(LINKS, treatment_plan=plan, patient={"email": "amelia.burton@mail.example"})
    made = limited.post(LINKS, treatment_plan=plan, patient={"email": api.email})

    assert (found.status_code, made.status_code) == (200, 403)
    assert "`patients:write`" in made.json()["error"]


def test_a_cancelled_plan_has_no_link(api: Api) -> None:
    """Only drafts and active plans are written on."""
    plan = api.active_plan
    api.maya.patch(f"{PLANS}/{plan}/cancel")

    assert api.maya.get(f"{LINKS}/{plan}").status_code == 404


@pytest.mark.parametrize("kind", ["new", "edit", "gateway"])
def test_a_link_opens_a_page_for_the_clinics_people_only(api: Api, kind: str) -> None:
    """Signed out it asks to sign in; signed in it opens."""
    plan, patient = {"practitioner_id": api.practitioner}, {"email": "amelia.burton@mail.example"}
    urls = {
        "new": lambda: api.maya.get(LINKS).json()["redirect_url"],
        "edit": lambda: api.maya.post(LINKS, treatment_plan=plan).json()["dynamic_links"]["redirect_url"],
        "gateway": lambda: api.maya.post(
            LINKS.replace("/treatment_plans", "/gateway/treatment_plans"), patient=patient
        ).json()["dynamic_links"]["redirect_url"],
    }
    path = urls[kind]().removeprefix(api.sandbox.url)
    person = Person(api.sandbox)
    closed = person.opens(path)
    person.signs_in()

    assert "/login" in closed.url or "/login" in closed.headers.get("Location", "")
    assert person.opens(path).status_code == 200
