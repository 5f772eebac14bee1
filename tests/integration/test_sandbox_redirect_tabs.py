"""What the API's dynamic links open, in a tab and over its calls (guide: Fullscript Redirect)."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.sandbox_actors import ELISE, MAYA, SAM
from tests.sandbox_rest import GRACE
from tests.tab_actors import LUCIA, OMAR, LinkPartner, Tab, TabUser, signed_in

AMELIA = {"email": "amelia.burton@mail.example"}
CREATED, CHANGED = "treatment_plan.created", "treatment_plan.recommendation.updated"


@pytest.fixture
def partner(sandbox: Sandbox) -> LinkPartner:
    return LinkPartner(sandbox)


@pytest.fixture
def maya(partner: LinkPartner) -> TabUser:
    """The owner of Juniper, signed in to Fullscript."""
    return signed_in(partner.sandbox)


def kept(tab: Tab) -> dict[str, Any]:
    """The link's plan as the page gets it."""
    plan: dict[str, Any] = tab.desk()["plan"]
    return plan


def body_of(plan: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the page sends back of a plan that it got."""
    names = ("variant_id", "units_to_purchase", "refill", "take_with", "dosage")
    return {
        "patient_id": plan["patient"]["id"],
        "practitioner_id": plan["practitioner"]["id"],
        "recommendations": [{name: row[name] for name in names} for row in plan["recommendations"]],
        "lab_ids": [lab["id"] for lab in plan["lab_recommendations"]],
        "personal_message": plan["personal_message"],
    } | changes


# Signing in and refusals


@pytest.mark.parametrize("kind", ["new", "draft", "gateway"])
def test_signing_in_leads_back_to_the_link(partner: LinkPartner, kind: str) -> None:
    """Whoever is signed out is asked to sign in, and is at the link then."""
    links = {
        "new": partner.new_link,
        "draft": lambda: partner.draft(patient=AMELIA, entrypoint="labs")["redirect_url"],
        "gateway": lambda: partner.gateway_link(patient=AMELIA),
    }
    link, person = links[kind](), TabUser(partner.sandbox)
    asked = person.opens(link)
    back = person.submits(asked, asked.url, email=MAYA, password=PASSWORD)

    assert urlsplit(asked.url).path == "/login"
    assert back.headers["Location"] == link.removeprefix(partner.sandbox.url)
    assert Tab(person, back.headers["Location"]).desk()["in_tab"] is True


@pytest.mark.parametrize(
    "email", [pytest.param(GRACE, id="another clinic"), pytest.param(LUCIA, id="a colleague")]
)
@pytest.mark.parametrize("kind", ["draft", "gateway"])
def test_a_link_of_others_tells_nothing(partner: LinkPartner, kind: str, email: str) -> None:
    """It looks as a link that never was, page and calls alike; the way to another account is on it."""
    omar = {"practitioner_id": partner.person_id(OMAR)}
    links = {
        "draft": lambda: partner.draft(OMAR, patient=AMELIA)["redirect_url"],
        "gateway": lambda: partner.gateway_link(OMAR, treatment_plan=omar, patient=AMELIA),
    }
    link, stranger = links[kind](), signed_in(partner.sandbox, email)
    page, never = stranger.opens(link), stranger.opens("/o/treatment_plans/bm90aGluZw==/edit")
    key = Tab(signed_in(partner.sandbox, OMAR), link).headers["X-Redirect-Link"]
    own = stranger.opens_tab(partner.new_link(email))
    call = own.asks("GET", "desk", headers={"X-Redirect-Link": key})

    assert (page.status_code, never.status_code, call.status_code) == (404, 404, 404)
    assert "Amelia" not in page.text + call.text
    assert "Not you? Switch account" in page.text


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/o/treatment_plans/new", id="no app"),
        pytest.param("/o/treatment_plans/new?client_id=nobody", id="an unknown app"),
        pytest.param("/o/treatment_plans/%C3%A9/edit", id="a code that is none"),
        pytest.param("/o/treatment_plans/VHJlYXRtZW50UGxhbi05OTk5OTk=/edit", id="an unknown plan"),
        pytest.param("/o/gateway/treatment_plans/nothing", id="an unknown token"),
    ],
)
def test_a_link_that_leads_nowhere_says_so(maya: TabUser, path: str) -> None:
    """With words that say what to do."""
    page = maya.opens(path)

    assert page.status_code == 404
    assert "This link does not open for you" in page.text


def test_an_account_of_the_other_country_is_told_so(partner: LinkPartner) -> None:
    """The link to a new plan names an app, and apps belong to a country."""
    page = signed_in(partner.sandbox, ELISE).opens(partner.new_link())

    assert page.status_code == 403
    assert "works with the US sandbox" in page.text


def test_a_cancelled_plan_says_so(partner: LinkPartner, maya: TabUser) -> None:
    """To those who may know; what it recommended is not shown."""
    plan = partner.active_plan
    link = partner.edit_link(plan)
    partner.maya.patch(f"/api/clinic/treatment_plans/{plan}/cancel")
    page = maya.opens(link)

    assert page.status_code == 410
    assert "This treatment plan was cancelled" in page.text
    assert "Amelia Burton" in page.text
    assert signed_in(partner.sandbox, GRACE).opens(link).status_code == 404


def test_a_plan_cancelled_while_the_tab_is_open_cannot_be_changed(
    partner: LinkPartner, maya: TabUser
) -> None:
    """The page is told so, and no event is left."""
    plan = partner.active_plan
    tab = maya.opens_tab(partner.edit_link(plan))
    body = body_of(kept(tab), recommendations=tab.plan()["recommendations"])
    partner.maya.patch(f"/api/clinic/treatment_plans/{plan}/cancel")
    answer = tab.changes(plan, body)

    assert answer.status_code == 409
    assert "was cancelled" in answer.json()["error"]["message"]
    assert partner.events(CHANGED) == []


# Who may call


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-CSRFToken": ""}, id="no token"),
        pytest.param({"X-CSRFToken": "nonsense"}, id="a wrong token"),
        pytest.param({"X-Redirect-Link": "nowhere"}, id="no such link"),
        pytest.param({"X-Redirect-Link": f"plan/{'9' * 30}/catalog"}, id="a number that is none"),
        pytest.param({"Authorization": "Frame nonsense"}, id="a frame's key beside it"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_tab_calls_with_its_own_token_and_link(
    partner: LinkPartner, maya: TabUser, method: str, headers: dict[str, str]
) -> None:
    """A cookie alone is not enough, to read neither."""
    tab = maya.opens_tab(partner.new_link())
    path = "desk" if method == "GET" else "patients"

    assert tab.asks(method, path, json={}, headers=headers).status_code in (401, 404)


def test_an_open_tab_ends_when_somebody_else_signs_in(partner: LinkPartner, maya: TabUser) -> None:
    """Even somebody of the same clinic: the page shows one name and would work in another."""
    tab = maya.opens_tab(partner.new_link())
    maya.signs_in(SAM)
    answer = tab.asks("GET", "desk")

    assert answer.status_code == 401
    assert "Reload this page" in answer.json()["error"]["message"]


def test_the_page_stays_out_of_caches_and_frames(partner: LinkPartner, maya: TabUser) -> None:
    """It carries a token, and its calls patients."""
    headers = maya.opens(partner.new_link()).headers

    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


# Drafts


def test_a_draft_link_opens_its_patients_empty_plan(partner: LinkPartner, maya: TabUser) -> None:
    """Under the plan's own id, for the practitioner who was named, on the page that was asked for."""
    link = partner.draft(patient=AMELIA, entrypoint="labs")
    desk = maya.opens_tab(link["redirect_url"]).desk()

    assert (desk["plan_id"], desk["plan"]["recommendations"]) == (link["treatment_plan"]["id"], [])
    assert (desk["patient"]["id"], desk["entrypoint"]) == (link["patient"]["id"], "labs")
    assert desk["practitioner"]["email"] == MAYA


def test_a_used_draft_link_opens_the_same_plan(partner: LinkPartner, maya: TabUser) -> None:
    """As a draft with what was saved, and as an active plan after it was sent."""
    link = partner.draft(patient=AMELIA)
    plan_id, address = link["treatment_plan"]["id"], link["redirect_url"]
    tab = maya.opens_tab(address)
    tab.saves(plan_id, tab.plan())
    saved = kept(maya.opens_tab(address))
    tab.sends(plan_id, tab.plan())
    sent = kept(maya.opens_tab(address))

    assert (saved["id"], saved["state"], sent["id"], sent["state"]) == (plan_id, "draft", plan_id, "active")
    assert saved["recommendations"] == sent["recommendations"] != []


def test_sending_leaves_the_event(partner: LinkPartner, maya: TabUser) -> None:
    """As from the frame; the page gets no message, because there is no page around it."""
    link = partner.draft(patient=AMELIA)
    tab = maya.opens_tab(link["redirect_url"])
    answers = [tab.sends(link["treatment_plan"]["id"], tab.plan()) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["message"] is None
    assert len(partner.events(CREATED)) == 1


def test_a_plan_sent_in_another_tab_is_not_sent_again(partner: LinkPartner, maya: TabUser) -> None:
    """Two tabs of one link with different contents: the second is told, instead of losing its own."""
    link = partner.draft(patient=AMELIA)
    tab, plan_id = maya.opens_tab(link["redirect_url"]), link["treatment_plan"]["id"]
    tab.sends(plan_id, tab.plan())
    answer = tab.sends(plan_id, tab.plan(personal_message="Another one"))

    assert answer.status_code == 409
    assert "already" in answer.json()["error"]["message"]


def test_a_wrong_match_is_put_right_on_the_draft(partner: LinkPartner, maya: TabUser) -> None:
    """The plan of the link goes to the patient who was chosen instead, and keeps its id."""
    link = partner.draft(patient=AMELIA)
    plan_id = link["treatment_plan"]["id"]
    tab = maya.opens_tab(link["redirect_url"])
    tab.saves(plan_id, tab.plan())
    tab.saves(plan_id, tab.plan("Walter Iverson"))

    assert kept(maya.opens_tab(link["redirect_url"]))["patient"]["name"] == "Walter Iverson"


def test_a_draft_without_a_patient_gets_one(partner: LinkPartner, maya: TabUser) -> None:
    """The page finds or adds the patient first."""
    link = partner.draft()
    tab = maya.opens_tab(link["redirect_url"])
    before = tab.desk()["patient"]
    tab.sends(link["treatment_plan"]["id"], tab.plan())

    assert before is None
    assert kept(maya.opens_tab(link["redirect_url"]))["patient"]["name"] == "Amelia Burton"


def test_staff_choose_another_practitioner(partner: LinkPartner) -> None:
    """They begin with whom the link names; the plan carries whom they chose."""
    link = partner.draft(SAM, practitioner=OMAR, patient=AMELIA)
    tab = signed_in(partner.sandbox, SAM).opens_tab(link["redirect_url"])
    desk = tab.desk()
    lucia = next(one["id"] for one in desk["practitioners"] if one["email"] == LUCIA)
    tab.saves(link["treatment_plan"]["id"], tab.plan(practitioner_id=lucia))

    assert (desk["practitioner"]["email"], desk["picks_practitioner"]) == (OMAR, True)
    assert signed_in(partner.sandbox, LUCIA).opens(link["redirect_url"]).status_code == 200
    assert signed_in(partner.sandbox, OMAR).opens(link["redirect_url"]).status_code == 404


def test_empty_drafts_are_not_offered(partner: LinkPartner, maya: TabUser) -> None:
    """Each link that is asked for leaves a draft; one with nothing in it is nothing to go on with."""
    link = partner.draft(patient=AMELIA)
    tab = maya.opens_tab(link["redirect_url"])

    assert tab.asks("GET", f"patients/{link['patient']['id']}/drafts").json() == {"drafts": []}


def test_labs_do_not_come_first_in_canada(partner: LinkPartner) -> None:
    """There the link opens the catalog."""
    link = partner.draft(ELISE, entrypoint="labs")

    assert signed_in(partner.sandbox, ELISE).opens_tab(link["redirect_url"]).desk()["entrypoint"] == "catalog"


# Active plans


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"units_to_purchase": "4"}, 1, id="units"),
        pytest.param({"dosage": {"amount": "3"}}, 1, id="dosage"),
        pytest.param({"take_with": "water"}, 0, id="what it is taken with"),
        pytest.param({}, 0, id="nothing"),
    ],
)
def test_changing_an_active_plan_is_told_where_the_guide_says_so(
    partner: LinkPartner, maya: TabUser, change: dict[str, Any], told: int
) -> None:
    """Once, however often the answer is lost; what the guide does not list leaves no event."""
    plan = partner.active_plan
    tab = maya.opens_tab(partner.edit_link(plan))
    body = body_of(kept(tab))
    body["recommendations"][0] |= change
    statuses = [tab.changes(plan, body).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert len(partner.events(CHANGED)) == told


@pytest.mark.parametrize("what", ["patient_id", "practitioner_id"])
def test_an_active_plan_keeps_its_people(partner: LinkPartner, maya: TabUser, what: str) -> None:
    """Patient and practitioner changes are not supported on active plans (guide: plan updated)."""
    plan = partner.active_plan
    tab = maya.opens_tab(partner.edit_link(plan))
    others = {"patient_id": tab.finds("Walter Iverson")["id"], "practitioner_id": partner.person_id(OMAR)}

    assert tab.changes(plan, body_of(kept(tab), **{what: others[what]})).status_code == 409


def test_an_active_plan_cannot_be_emptied(partner: LinkPartner, maya: TabUser) -> None:
    """It stays as it was."""
    plan = partner.active_plan
    tab = maya.opens_tab(partner.edit_link(plan))
    answer = tab.changes(plan, body_of(kept(tab), recommendations=[]))

    assert answer.status_code == 422
    assert len(kept(maya.opens_tab(partner.edit_link(plan)))["recommendations"]) == 1


def test_a_new_plan_link_begins_anew_each_time(partner: LinkPartner, maya: TabUser) -> None:
    """It is tied to no plan: patient and plan are chosen there."""
    tab = maya.opens_tab(partner.new_link())
    plan_id = str(uuid.uuid4())
    statuses = tab.saves(plan_id, tab.plan()).status_code, tab.sends(plan_id, tab.plan()).status_code
    desk = maya.opens_tab(partner.new_link()).desk()

    assert statuses == (200, 200)
    assert (desk["plan"], desk["plan_id"], desk["patient"]) == (None, None, None)
