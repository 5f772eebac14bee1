"""How the platform feature finds the patient (guide: Example treatment plan initialization)."""

from __future__ import annotations

from typing import Any

import pytest

from fullscript_embed.testing import Sandbox
from tests.frame_actors import ORIGIN, Frame, Partner

NOAH = {
    "first_name": "Noah",
    "last_name": "Whitfield",
    "email": "noah.whitfield@mail.example",
    "date_of_birth": "1988-02-29",
    "gender": "male",
    "mobile_number": "+15035550199",
}
HARBOR = "grace.lindqvist@harborlight.example"


@pytest.fixture
def partner(sandbox: Sandbox) -> Partner:
    return Partner(sandbox)


@pytest.fixture
def frame(partner: Partner) -> Frame:
    return partner.opens()


def suggestions(frame: Frame) -> list[tuple[str, str]]:
    found = frame.asks("GET", "patients/suggestions").json()["patients"]
    return [(one["name"], one["date_of_birth"]) for one in found]


def test_a_known_id_goes_straight_through(partner: Partner, frame: Frame) -> None:
    """The desk names the patient, whatever other data came along."""
    amelia = frame.finds("Amelia Burton")
    desk = partner.opens(patient={"id": amelia["id"], "first_name": "Somebody"}).desk()

    assert desk["patient"]["name"] == "Amelia Burton"


def test_another_clinics_patient_is_not_known(partner: Partner) -> None:
    """Its id opens the selector, as an unknown one does."""
    other = partner.opens(HARBOR).finds("Amelia Burton")

    assert partner.opens(patient={"id": other["id"]}).desk()["patient"] is None


def test_near_same_names_are_all_suggested(partner: Partner) -> None:
    """A name that several have brings all of them, exact ones first."""
    found = suggestions(partner.opens(patient={"first_name": "Amos", "last_name": "Burton"}))

    assert {name for name, _ in found[:2]} == {"Amos Burton"}
    assert ("Amos Barton", "1979-02-07") in found


def test_nothing_known_suggests_nothing(frame: Frame) -> None:
    """The user is prompted to create a patient."""
    assert suggestions(frame) == []


def test_search_covers_the_clinic_alone(frame: Frame) -> None:
    """There is one Amelia Burton in the clinic; the other clinic's does not show."""
    answer = frame.asks("GET", "patients", params={"query": "amelia bur"}).json()

    assert [one["email"] for one in answer["patients"]] == ["amelia.burton@mail.example"]
    assert answer["total"] == 1


def test_choosing_answers_the_message_for_the_page(partner: Partner, frame: Frame) -> None:
    """It has the library's envelope, and both spellings where guide and types differ."""
    amelia = frame.finds("Amelia Burton")
    message = frame.asks("POST", f"patients/{amelia['id']}/selection").json()["message"]

    assert message["type"] == "patient.selected"
    assert message["oauth"] == {"clientId": partner.app.client_id}
    assert message["data"]["patient"] == {
        "id": amelia["id"],
        "firstName": "Amelia",
        "firstNane": "Amelia",
        "lastName": "Burton",
        "email": "amelia.burton@mail.example",
        "dateOfBirth": "1984-03-12",
        "gender": "female",
        "biologicalSex": "female",
        "discount": amelia["discount"],
        "totalDiscount": amelia["total_discount"],
        "mobileNumber": amelia["mobile_number"],
        "textMessageNotification": True,
    }


def test_choosing_another_clinics_patient_is_refused(partner: Partner, frame: Frame) -> None:
    """From outside, it does not exist."""
    other = partner.opens(HARBOR).finds("Amelia Burton")

    assert frame.asks("POST", f"patients/{other['id']}/selection").status_code == 404


def test_creating_a_patient_is_told_to_the_page_and_in_an_event(partner: Partner, frame: Frame) -> None:
    """The page hears patient.selected; the clinic's events have patient.created, under another id."""
    answer = frame.asks("POST", "patients", json=NOAH)
    event = partner.reads("/api/events/patients")["events"][-1]

    assert answer.status_code == 201
    assert event["type"] == "patient.created"
    assert event["id"] != answer.json()["message"]["id"]


@pytest.mark.parametrize(
    ("damage", "field"),
    [
        pytest.param({"first_name": ""}, "first_name", id="no first name"),
        pytest.param({"email": "noah"}, "email", id="not an address"),
        pytest.param({"email": "amelia.burton@mail.example"}, "email", id="somebody else's address"),
        pytest.param({"date_of_birth": "29/02/1988"}, "date_of_birth", id="not a date"),
        pytest.param({"mobile_number": "5550199"}, "mobile_number", id="not a number"),
        pytest.param({"discount": "101"}, "discount", id="more than all of it"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(frame: Frame, damage: dict[str, Any], field: str) -> None:
    """The form can show each message where it belongs, and nothing is created."""
    answer = frame.asks("POST", "patients", json=NOAH | damage)

    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [field]


def test_a_body_that_is_not_json_is_refused(frame: Frame) -> None:
    """In the same shape as every failure."""
    answer = frame.asks("POST", "patients", data="{", headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "refused"


def test_the_canadian_clinic_has_its_own_patients(sandbox: Sandbox) -> None:
    """A frame there finds none of the US clinic's."""
    canadian = Partner(sandbox, sandbox.create_app(environment="ca-snd", origin_uris=[ORIGIN]))
    frame = canadian.opens("elise.tremblay@cedarstone.example")

    assert frame.asks("GET", "patients", params={"query": "amelia burton"}).json()["total"] == 0


def test_details_put_right_are_told_in_an_event(partner: Partner, frame: Frame) -> None:
    """The clinic's subscribers hear patient.updated."""
    amelia = frame.finds("Amelia Burton")
    answer = frame.asks("PATCH", f"patients/{amelia['id']}", json={"last_name": "Barton"})

    assert answer.json()["patient"]["name"] == "Amelia Barton"
    assert partner.reads("/api/events/patients")["events"][-1]["type"] == "patient.updated"
