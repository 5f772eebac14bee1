"""Patients of the sandbox's REST API: what is kept, what is refused, what is found, who is told."""

from __future__ import annotations

import pytest

from fullscript_embed.testing import Sandbox
from tests.sandbox_rest import Api

PATIENTS = "/api/clinic/patients"
SEARCH = "/api/clinic/search/patients"
NAME = {"first_name": "Wanda", "last_name": "Orlov"}


@pytest.fixture(scope="module")
def api(_sandbox_process: Sandbox) -> Api:
    """A sandbox that was put back to its seed once, for all tests of this module."""
    return Api(_sandbox_process)


def found(api: Api, query: str, **more: str) -> list[str]:
    """Names of who is found."""
    rows = api.maya.get(SEARCH, query=query, **more).json()["patients"]
    return [f"{row['first_name']} {row['last_name']}" for row in rows]


def test_a_new_patient_has_the_shape_of_the_reference(api: Api) -> None:
    """Text comes back as the numbers that it means, and every key of the vendor's example is there."""
    sent = {**NAME, "email": api.email, "discount": "10", "date_of_birth": "1977-01-12", "gender": "x"}
    sent |= {"mobile_number": "+12223334444", "metadata": {"id": "9999"}}
    patient = api.maya.post(PATIENTS, **sent).json()["patient"]

    assert {key: patient[key] for key in sent} == {**sent, "discount": 10}
    assert (
        patient
        | {
            "archived": False,
            "total_discount": 20,
            "text_message_notification": True,
            "is_dependent": False,
            "guardian_patient_id": None,
        }
        == patient
    )


@pytest.mark.parametrize(
    ("damage", "messages"),
    [
        pytest.param(
            {"last_name": "", "email": ""},
            ["Last name can't be blank", "Email can't be blank", "Email is invalid"],
            id="the guide's own example",
        ),
        pytest.param({"first_name": None}, ["First name can't be blank"], id="no first name"),
        pytest.param({"email": "nobody"}, ["Email is invalid"], id="no address"),
        pytest.param({"gender": "other"}, ["Gender is not included in the list"], id="gender"),
        pytest.param({"date_of_birth": "12.1.1977"}, ["Date of birth is invalid"], id="date"),
        pytest.param({"date_of_birth": "2977-01-12"}, ["Date of birth can't be in the future"], id="unborn"),
        pytest.param({"mobile_number": "503 555 0100"}, ["Mobile number is invalid"], id="number"),
        pytest.param({"discount": "much"}, ["Discount is not a number"], id="discount"),
        pytest.param({"discount": "101"}, ["Discount must be between 0 and 100"], id="too much discount"),
        pytest.param({"first_name": {"a": 1}}, ["First name is invalid"], id="an object for a text"),
        pytest.param({"metadata": "m1"}, ["Metadata is invalid"], id="a text for an object"),
        pytest.param(
            {"first_name": "x" * 256}, ["First name is too long (maximum is 255 characters)"], id="long"
        ),
    ],
)
def test_a_broken_rule_has_its_sentence(api: Api, damage: dict[str, object], messages: list[str]) -> None:
    """422 with all that is wrong under `error`, as Rails would say it."""
    answer = api.maya.post(PATIENTS, **{**NAME, "email": api.email, **damage})

    assert answer.status_code == 422
    assert answer.json() == {"error": messages}


@pytest.mark.parametrize("body", ["{", "[1]", '"text"', "null"], ids=["broken", "list", "text", "null"])
def test_a_body_that_is_no_object_is_a_bad_request(api: Api, body: str) -> None:
    """400 with a sentence, before any rule is looked at."""
    answer = api.maya.call("POST", PATIENTS, data=body)

    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


def test_a_form_is_read_as_well(api: Api) -> None:
    """Rails takes forms wherever it takes JSON."""
    form = {**NAME, "email": api.email, "metadata[id]": "form-1"}
    answer = api.maya.call("POST", PATIENTS, data=form)

    assert answer.status_code == 201
    assert answer.json()["patient"]["metadata"] == {"id": "form-1"}


def test_an_address_is_taken_once_however_it_is_spelled(api: Api) -> None:
    """A second patient with the same address, in capitals, is refused."""
    email = api.new_patient()["email"]
    answer = api.maya.post(PATIENTS, **NAME, email=email.upper())

    assert answer.status_code == 422
    assert answer.json() == {"error": ["Email has already been taken"]}


def test_another_clinic_may_have_the_same_address(api: Api) -> None:
    """Addresses are unique within a clinic only."""
    email = api.new_patient()["email"]

    assert api.grace.post(PATIENTS, **NAME, email=email).status_code == 201


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_update_changes_what_is_sent(api: Api, method: str) -> None:
    """The rest stays, by either verb."""
    patient = api.new_patient(gender="female")
    answer = api.maya.call(method, f"{PATIENTS}/{patient['id']}", json={"last_name": "Changed"})

    assert answer.status_code == 200
    assert answer.json()["patient"] == {**patient, "last_name": "Changed"}


def test_a_refused_update_changes_nothing(api: Api) -> None:
    """One broken rule keeps the good fields from being written too."""
    patient = api.new_patient()
    answer = api.maya.patch(f"{PATIENTS}/{patient['id']}", last_name="Changed", gender="other")

    assert answer.status_code == 422
    assert api.maya.get(f"{PATIENTS}/{patient['id']}").json()["patient"] == patient


@pytest.mark.parametrize(
    ("wish", "sent"), [({}, 1), ({"send_welcome_email": "false"}, 0), ({"send_welcome_email": False}, 0)]
)
def test_a_welcome_goes_out_unless_it_is_not_wanted(api: Api, wish: dict[str, object], sent: int) -> None:
    """The e-mail lies in the outbox, addressed to the new patient."""
    email = api.new_patient(**wish)["email"]
    welcomes = [
        one for one in api.sandbox.messages() if one["recipient"] == email and one["kind"] == "welcome"
    ]

    assert len(welcomes) == sent


def test_changes_through_rest_leave_no_event(api: Api) -> None:
    """The app knows what it did itself."""
    before = api.maya.get("/api/events/patients").json()["meta"]["total_count"]
    patient = api.new_patient()
    api.maya.patch(f"{PATIENTS}/{patient['id']}", last_name="Changed")

    assert api.maya.get("/api/events/patients").json()["meta"]["total_count"] == before


@pytest.mark.parametrize(
    "query",
    ["burton amelia", "BURTON amel", "amélia", "amelia.burton@mail.example", "AMELIA.BURTON@MAIL.EXAMPLE"],
)
def test_search_is_blind_to_case_accents_and_order(api: Api, query: str) -> None:
    """A part of each word is enough, and the exact one comes first."""
    assert found(api, query)[0] == "Amelia Burton"


def test_search_finds_parts_of_words(api: Api) -> None:
    """Both Burtons by name, and nobody of another clinic."""
    assert found(api, "urto") == ["Amelia Burton", "Amos Burton", "Amos Burton"]


@pytest.mark.parametrize("query", ['"', "' OR 1=1", "*", "NEAR(", "zzzz", "%", "\x00", "ab\ud7ff"])
def test_search_takes_any_text_as_text(api: Api, query: str) -> None:
    """Signs that mean something to the index find nobody and break nothing."""
    assert found(api, query) == []


def test_searching_an_address_finds_its_domain_too(api: Api) -> None:
    """Colleagues of one small domain come along, behind the exact address (seen on the real search)."""
    for name in ("one", "two", "three"):
        api.new_patient(first_name=name, email=f"{name}@small-office.example")

    assert found(api, "two@small-office.example") == ["two Patient", "one Patient", "three Patient"]


@pytest.mark.parametrize(
    ("patient_type", "names"),
    [
        ({}, ["Clara Dietrich"]),
        ({"patient_type": "guardian"}, ["Clara Dietrich"]),
        ({"patient_type": "dependent"}, ["Jonas Dietrich", "Mila Dietrich"]),
        ({"patient_type": "all"}, ["Clara Dietrich", "Jonas Dietrich", "Mila Dietrich"]),
    ],
    ids=["left out", "guardian", "dependent", "all"],
)
def test_search_tells_guardians_from_dependents(
    api: Api, patient_type: dict[str, str], names: list[str]
) -> None:
    """Dependents are found when they are asked for."""
    assert found(api, "dietrich", **patient_type) == names


def test_a_guardians_dependents_are_listed(api: Api) -> None:
    """The elder first."""
    clara = api.first(SEARCH, query="clara.dietrich@mail.example")
    rows = api.maya.get(f"{PATIENTS}/{clara}/dependents").json()["patients"]

    assert [row["first_name"] for row in rows] == ["Jonas", "Mila"]


@pytest.mark.parametrize(
    ("asked", "meta"),
    [
        ({}, {"current_page": 1, "next_page": 2, "prev_page": None}),
        ({"page[number]": "2"}, {"current_page": 2, "prev_page": 1}),
        ({"page[number]": "999"}, {"current_page": 999, "next_page": None, "prev_page": None}),
        ({"page[number]": "0"}, {"current_page": 1}),
        ({"page[number]": "-3"}, {"current_page": 1}),
        ({"page[number]": "two"}, {"current_page": 1}),
        ({"page[number]": "9" * 40}, {"next_page": None}),
        ({"page[size]": "1000"}, {"total_pages": 1}),
        ({"page[size]": "0"}, {"next_page": 2}),
    ],
    ids=["first", "second", "behind the last", "zero", "negative", "word", "huge", "size above", "size zero"],
)
def test_an_odd_page_is_read_sensibly(api: Api, asked: dict[str, str], meta: dict[str, int | None]) -> None:
    """Nonsense is the first page or the default size, a greater size than 100 is 100."""
    answer = api.maya.get(PATIENTS, **asked)

    assert answer.status_code == 200
    assert answer.json()["meta"] | meta == answer.json()["meta"]


def test_nobody_else_sees_what_a_refusal_is_about(api: Api) -> None:
    """Messages name the field and never repeat the value."""
    answer = api.maya.post(PATIENTS, **NAME, email="not-an-address-of-Wanda", gender=["Wanda"])

    assert answer.status_code == 422
    assert "Wanda" not in answer.text
