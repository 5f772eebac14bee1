"""Writing a plan in the platform feature and sending it (guide: Event details)."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from fullscript_embed.testing import Sandbox, start_sandbox
from tests.frame_actors import ORIGIN, Frame, Partner
from tests.sandbox_actors import ELISE, SAM, at_once

OMAR = "omar.haddad@juniper.example"
LUCIA = "lucia.ferrara@juniper.example"


@pytest.fixture
def partner(sandbox: Sandbox) -> Partner:
    return Partner(sandbox)


@pytest.fixture
def frame(partner: Partner) -> Frame:
    return partner.opens()


@pytest.fixture
def plan_id() -> str:
    return str(uuid.uuid4())


def created(partner: Partner) -> list[str]:
    """The ids of the events that tell of activated plans."""
    events = partner.reads("/api/events/treatment_plans")["events"]
    return [event["id"] for event in events if event["type"] == "treatment_plan.created"]


def drafts(frame: Frame, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The patient's drafts, as the frame lists them."""
    found: list[dict[str, Any]] = frame.asks("GET", f"patients/{body['patient_id']}/drafts").json()["drafts"]
    return found


def thrown_away(sandbox: Sandbox) -> str:
    """The path of the link of a draft that was written and thrown away."""
    frame, plan_id = Partner(sandbox).opens(), str(uuid.uuid4())
    frame.saves(plan_id, frame.plan())
    link = frame.partner.reads(f"/api/clinic/dynamic_links/treatment_plans/{plan_id}")["dynamic_links"]
    frame.asks("DELETE", f"plans/{plan_id}")
    return urlsplit(link["redirect_url"]).path


def test_a_draft_can_be_gone_on_with(frame: Frame, plan_id: str) -> None:
    """What was saved comes back as it was, with its product."""
    body = frame.plan()
    frame.saves(plan_id, body)
    plan = frame.asks("GET", f"plans/{plan_id}").json()["plan"]

    assert plan["state"] == "draft"
    assert plan["personal_message"] == "Start slowly."
    assert (
        plan["recommendations"][0].items()
        >= {
            **body["recommendations"][0],
            "units_to_purchase": 2,
        }.items()
    )


def test_saving_again_after_a_lost_answer_keeps_one_draft(frame: Frame, plan_id: str) -> None:
    """The page chose the id, so the second time finds the first."""
    body = frame.plan()
    frame.partner.sandbox.fault("/platform/api/plans/*", drop=True)
    with pytest.raises(requests.RequestException):
        frame.saves(plan_id, body).json()
    frame.saves(plan_id, body)

    assert [one["id"] for one in drafts(frame, body)] == [plan_id]


def test_a_draft_can_be_thrown_away(frame: Frame, plan_id: str) -> None:
    """It is gone from the patient's drafts; doing it twice is fine."""
    body = frame.plan()
    frame.saves(plan_id, body)
    statuses = [frame.asks("DELETE", f"plans/{plan_id}").status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert drafts(frame, body) == []


def test_the_link_of_a_draft_that_was_thrown_away_leads_to_no_other_plan(tmp_path: Path) -> None:
    """Links carry a plan's number, and no number is given twice, by a restarted sandbox neither."""
    with start_sandbox(tmp_path) as sandbox:
        first, second = thrown_away(sandbox), thrown_away(sandbox)
    with start_sandbox(tmp_path) as sandbox:
        third = thrown_away(sandbox)

    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"variant_id": "unknown"}, id="unknown variant"),
        pytest.param({"variant_id": None}, id="no variant"),
        pytest.param({"units_to_purchase": "many"}, id="units are not a number"),
        pytest.param({"units_to_purchase": 0}, id="no units"),
        pytest.param({"refill": "perhaps"}, id="refill is not yes or no"),
        pytest.param({"dosage": {"frequency": "hourly"}}, id="unknown frequency"),
        pytest.param({"dosage": {"duration": "a while"}}, id="unknown duration"),
        pytest.param({"dosage": {"amount": "some"}}, id="amount is not a number"),
        pytest.param({"dosage": {"format": "spoon"}}, id="unknown format"),
        pytest.param({"dosage": {"additional_info": "x" * 501}}, id="the note is too long"),
        pytest.param({"dosage": "daily"}, id="dosage is text"),
    ],
)
def test_a_damaged_recommendation_is_refused(frame: Frame, plan_id: str, damage: dict[str, Any]) -> None:
    """One sentence names the recommendation and what is wrong, and nothing is kept."""
    body = frame.plan()
    body["recommendations"][0] |= damage
    answer = frame.saves(plan_id, body)

    assert answer.status_code == 422
    assert answer.json()["error"]["messages"][0].startswith("Recommendation 1: ")
    assert drafts(frame, body) == []


def test_everything_wrong_is_said_at_once(frame: Frame, plan_id: str) -> None:
    """Two damaged fields bring two sentences."""
    body = frame.plan()
    body["recommendations"][0] |= {"units_to_purchase": "", "dosage": {"amount": "some"}}

    assert len(frame.saves(plan_id, body).json()["error"]["messages"]) == 2


def test_an_empty_plan_is_not_sent(frame: Frame, plan_id: str) -> None:
    """A message alone is no plan."""
    answer = frame.sends(plan_id, frame.plan(recommendations=[]))

    assert answer.json()["error"]["messages"] == ["Recommendations can't be blank"]


def test_sending_answers_the_message_for_the_page(frame: Frame, plan_id: str) -> None:
    """The plan is active, and the message has the library's envelope and names."""
    body = frame.plan()
    message = frame.sends(plan_id, body).json()["message"]
    plan = message["data"]["treatmentPlan"]

    assert (message["type"], plan["id"], plan["state"]) == ("treatmentPlan.activated", plan_id, "active")
    assert plan["practitioner"] == {"id": body["practitioner_id"]}
    assert plan["recommendations"] == [
        {
            "variantId": body["recommendations"][0]["variant_id"],
            "refill": True,
            "unitsToPurchase": 2,
            "takeWith": "food",
            "dosage": {
                "recommendedAmount": "1-2",
                "recommendedFrequency": "once per day",
                "recommendedDuration": "30",
                "format": "capsule",
                "additionalInfo": "Not on an empty stomach",
                "timeOfDay": ["morning"],
            },
        }
    ]


def test_labs_are_told_in_both_spellings(frame: Frame, plan_id: str) -> None:
    """In the plan as the library's types have them, beside it as the guide has them."""
    lab = frame.asks("GET", "labs").json()["labs"][0]
    data = frame.sends(plan_id, frame.plan(lab_ids=[lab["id"]])).json()["message"]["data"]

    assert data["treatmentPlan"]["labRecommendations"][0]["requiresFasting"] is lab["requires_fasting"]
    assert data["lab_recommendations"][0]["requires_fasting"] is lab["requires_fasting"]


def test_the_event_of_the_same_fact_has_the_same_id(frame: Frame, plan_id: str) -> None:
    """Who hears it from the frame, a webhook and the poll can tell that it is one thing."""
    message = frame.sends(plan_id, frame.plan()).json()["message"]

    assert created(frame.partner) == [message["id"]]


def test_sending_again_after_a_lost_answer_sends_once(frame: Frame, plan_id: str) -> None:
    """The second time answers what the first would have: same event, same moment."""
    body = frame.plan()
    frame.partner.sandbox.fault("/platform/api/plans/*", drop=True)
    with pytest.raises(requests.RequestException):
        frame.sends(plan_id, body).json()
    messages = [frame.sends(plan_id, body).json()["message"] for _ in range(2)]

    assert messages[0] == messages[1]
    assert created(frame.partner) == [messages[0]["id"]]


def test_two_clicks_at_once_send_once(frame: Frame, plan_id: str) -> None:
    """Whichever comes first sends; both tell of the same event."""
    body = frame.plan()
    answers = at_once(*[lambda: frame.sends(plan_id, body)] * 4)

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["message"]["id"] for answer in answers} == set(created(frame.partner))
    assert len(created(frame.partner)) == 1


def test_a_sent_plan_cannot_be_written_again(frame: Frame, plan_id: str) -> None:
    """Saving it says that it is active already."""
    body = frame.plan()
    frame.sends(plan_id, body)
    answer = frame.saves(plan_id, body)

    assert answer.status_code == 409
    assert "active already" in answer.json()["error"]["message"]


def test_the_patient_gets_the_plan_by_mail(frame: Frame, plan_id: str) -> None:
    """The outbox has what would have been sent."""
    frame.sends(plan_id, frame.plan())
    outbox = requests.get(f"{frame.partner.sandbox.url}/outbox", timeout=30).text

    assert "Maya Chen sent you a treatment plan" in outbox


def test_staff_write_in_a_practitioners_name(partner: Partner, plan_id: str) -> None:
    """The plan carries the practitioner whom they picked."""
    frame = partner.opens(SAM)
    omar = next(one["id"] for one in frame.desk()["practitioners"] if one["name"] == "Omar Haddad")
    message = frame.sends(plan_id, frame.plan(practitioner_id=omar)).json()["message"]

    assert message["data"]["treatmentPlan"]["practitioner"]["id"] == omar


def test_a_practitioner_writes_in_nobody_elses_name(partner: Partner, plan_id: str) -> None:
    """The id of a colleague is refused."""
    colleague = partner.opens(LUCIA).desk()["practitioners"][0]["id"]
    frame = partner.opens(OMAR)

    assert frame.saves(plan_id, frame.plan(practitioner_id=colleague)).status_code == 422


def test_a_colleagues_draft_is_not_shown(partner: Partner, plan_id: str) -> None:
    """Practitioners see their own drafts; staff see all."""
    frame = partner.opens(LUCIA)
    body = frame.plan()
    frame.saves(plan_id, body)

    assert drafts(partner.opens(OMAR), body) == []
    assert len(drafts(partner.opens(SAM), body)) == 1
    assert partner.opens(OMAR).asks("GET", f"plans/{plan_id}").status_code == 404


def test_another_clinics_plan_is_not_there(partner: Partner, frame: Frame, plan_id: str) -> None:
    """Neither to read nor to write nor to send."""
    frame.saves(plan_id, frame.plan())
    other = partner.opens("grace.lindqvist@harborlight.example")
    body = other.plan()
    statuses = [
        other.asks("GET", f"plans/{plan_id}").status_code,
        other.saves(plan_id, body).status_code,
        other.sends(plan_id, body).status_code,
        other.asks("DELETE", f"plans/{plan_id}").status_code,
    ]

    assert statuses == [404] * 4


@pytest.mark.parametrize("plan_id", ["1", "not-an-id"])
def test_an_id_that_is_none_makes_no_plan(frame: Frame, plan_id: str) -> None:
    """Pages choose UUIDs."""
    assert frame.saves(plan_id, frame.plan()).status_code == 404


def test_labs_cannot_be_recommended_in_canada(sandbox: Sandbox, frame: Frame, plan_id: str) -> None:
    """Not even by their id."""
    lab = frame.asks("GET", "labs").json()["labs"][0]["id"]
    canadian = Partner(sandbox, sandbox.create_app(environment="ca-snd", origin_uris=[ORIGIN])).opens(ELISE)
    patient = canadian.asks("GET", "patients").json()["patients"][0]["name"]
    answer = canadian.saves(plan_id, canadian.plan(patient, lab_ids=[lab]))

    assert answer.json()["error"]["messages"] == ["Labs are available in the US only"]


def test_the_catalog_can_be_narrowed_down(frame: Frame) -> None:
    """Each filter leaves fewer products, and none of them holds the allergen."""
    filters = frame.asks("GET", "filters").json()
    fish = next(one["id"] for one in filters["allergens"] if one["name"] == "Fish")
    total = frame.asks("GET", "products").json()["total"]
    without = frame.asks("GET", "products", params={"free_of": fish, "query": "omega"}).json()
    pages = [frame.asks("GET", f"products/{one['id']}").json()["product"] for one in without["products"]]

    assert without["total"] < total
    assert all("Fish" not in page["allergens"] for page in pages)


def test_pages_follow_one_another(frame: Frame) -> None:
    """Every product is on one page and on no other."""
    seen: list[str] = []
    page: int | None = 1
    while page:
        answer = frame.asks("GET", "products", params={"page": page}).json()
        seen += [one["id"] for one in answer["products"]]
        page = answer["next_page"]

    assert len(seen) == len(set(seen)) == answer["total"]
