"""Pages of labs: registering in the frame, buttons of the dashboard, Settings → Labs, My Health → Labs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.frame_actors import Frame, Partner, PlatformPage
from tests.sandbox_actors import ELISE, MAYA, SAM, Person
from tests.sandbox_labs import LIPIDS, STOOL, VITAMIN_D, Laboratory
from tests.tab_actors import LinkPartner, signed_in

THEO = "theo.abara@harborlight.example"  # has yet to register
GRACE = "grace.lindqvist@harborlight.example"
NPI = {"npi": "1111111111"}
FORM = {
    "first_name": "Theo",
    "last_name": "Abara",
    "signature": "Theo Abara",
    "terms": True,
    "agreement": True,
    "authorization": True,
}


@pytest.fixture
def lab(sandbox: Sandbox) -> Laboratory:
    return Laboratory(sandbox)


@pytest.fixture
def theo(sandbox: Sandbox) -> Frame:
    """The page of a practitioner who has yet to register."""
    return Partner(sandbox).opens(THEO)


def registration(frame: PlatformPage, practitioner: int = 0) -> dict[str, Any]:
    """What the page knows of a practitioner's registration."""
    practitioner_id = frame.desk()["practitioners"][practitioner]["id"]
    answer: dict[str, Any] = frame.asks(
        "GET", "labs/registration", params={"practitioner_id": practitioner_id}
    ).json()
    return answer


def in_a_frame(sandbox: Sandbox) -> PlatformPage:
    return Partner(sandbox).opens(THEO)


def in_a_tab(sandbox: Sandbox) -> PlatformPage:
    return signed_in(sandbox, THEO).opens_tab(LinkPartner(sandbox).new_link(THEO))


@pytest.mark.parametrize("opens", [in_a_frame, in_a_tab])
def test_a_practitioner_registers_with_the_npi_of_sandboxes(
    sandbox: Sandbox, opens: Callable[[Sandbox], PlatformPage]
) -> None:
    """First the license, then the form; before that nothing is known."""
    page = opens(sandbox)
    before = registration(page)
    page.asks("PUT", "labs/license", json=NPI)
    after = page.asks("POST", "labs/registration", json=FORM).json()

    assert (before["registered"], before["npi"]) == (False, None)
    assert (after["registered"], after["npi"]) == (True, "1111111111")
    assert registration(page) == after


@pytest.mark.parametrize(
    ("npi", "message"),
    [
        pytest.param("1234567893", "NPI was not found. Sandboxes take 1111111111 only", id="another"),
        pytest.param("111111111", "NPI has to be 10 digits", id="too short"),
        pytest.param("١١١١١١١١١١", "NPI has to be 10 digits", id="other digits"),
        pytest.param(None, "NPI has to be 10 digits", id="none"),
        pytest.param(["1111111111"], "NPI has to be 10 digits", id="a list"),
    ],
)
def test_another_npi_is_refused(theo: Frame, npi: Any, message: str) -> None:
    """At its field; nothing is kept."""
    answer = theo.asks("PUT", "labs/license", json={"npi": npi})

    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, {"npi": [message]})
    assert registration(theo)["npi"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"first_name": "Teo"}, "First name is not", id="first name"),
        pytest.param({"last_name": None}, "Last name is not", id="no last name"),
        pytest.param({"signature": "T. Abara"}, "Signature is not", id="signature"),
        pytest.param({"terms": False}, "Terms of Service have", id="terms"),
        pytest.param({"agreement": "yes"}, "Business Associate Agreement has", id="agreement"),
        pytest.param({"authorization": None}, "Authorization network has", id="authorization"),
    ],
)
def test_a_form_that_lacks_something_is_refused(theo: Frame, change: dict[str, Any], message: str) -> None:
    """It says what, and nobody is registered."""
    theo.asks("PUT", "labs/license", json=NPI)
    answer = theo.asks("POST", "labs/registration", json=FORM | change)

    assert answer.status_code == 422
    assert [message in one for one in answer.json()["error"]["messages"]] == [True]
    assert not registration(theo)["registered"]


def test_nobody_registers_without_an_npi(theo: Frame) -> None:
    """The form alone is not enough."""
    assert theo.asks("POST", "labs/registration", json=FORM).status_code == 409


def test_nobody_registers_somebody_else(sandbox: Sandbox) -> None:
    """Who picks a practitioner sees whether they are registered, and not their NPI; staff cannot register."""
    grace, sam = Partner(sandbox).opens(GRACE), Partner(sandbox).opens(SAM)
    other = registration(grace, practitioner=1)

    assert (other["registered"], other["is_self"], other["npi"]) == (False, False, None)
    assert sam.asks("PUT", "labs/license", json=NPI).status_code == 409
    assert sam.asks("POST", "labs/registration", json=FORM).status_code == 409


def test_labs_cannot_be_recommended_before_the_registration(theo: Frame, lab: Laboratory) -> None:
    """Whatever a page shows: the plan is refused."""
    plan = theo.plan("Amelia Burton", lab_ids=[lab.finds(theo, LIPIDS)])
    refused = theo.saves(str(uuid.uuid4()), plan)
    lab.sandbox.register_for_labs(THEO)

    assert "has to register for labs" in refused.json()["error"]["messages"][0]
    assert theo.saves(str(uuid.uuid4()), plan).ok


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "labs/registration"), ("PUT", "labs/license"), ("POST", "labs/registration")]
)
def test_nobody_registers_in_canada(sandbox: Sandbox, method: str, path: str) -> None:
    """There are no labs."""
    canadian = Partner(
        sandbox, sandbox.create_app(environment="ca-snd", origin_uris=["http://127.0.0.1:5123"])
    )
    page = canadian.opens(ELISE)

    assert page.asks(method, path, json=NPI | FORM if method != "GET" else None).status_code == 404
    assert canadian.reads("/api/clinic/labs/orders", ELISE)["orders"] == []


def dashboard(sandbox: Sandbox, app: int = 0) -> str:
    return f"/dashboard/apps/{sandbox.apps()[app].id}/labs"


def test_the_dashboards_buttons_are_the_steps_that_can_follow(sandbox: Sandbox, lab: Laboratory) -> None:
    """One after the other, up to the results, and each says whether it left an event."""
    lab_order_id = lab.sells(STOOL)
    developer, said = Person(sandbox), []
    page = developer.opens(dashboard(sandbox))
    for step in ("processing", "some", "all", "amended", "interpretation_ready", "interpretation_shared"):
        answer = developer.submits(page, f"{dashboard(sandbox)}/{lab_order_id}", step=step)
        page = developer.follows(answer)
        said.append("lab_order.updated happened" in page.text)

    assert said == [False, True, True, True, False, False]
    assert lab.order(lab_order_id)["state"] == "interpretation_shared"


def test_a_button_pressed_twice_says_what_is_the_matter(sandbox: Sandbox, lab: Laboratory) -> None:
    """Somebody else was faster."""
    lab_order_id = lab.processes(VITAMIN_D)
    developer = Person(sandbox)
    page = developer.opens(dashboard(sandbox))
    for _ in range(2):
        answer = developer.submits(page, f"{dashboard(sandbox)}/{lab_order_id}", step="all")

    assert "Nothing happened. Lab order is results_ready" in developer.follows(answer).text
    assert lab.events(lab_order_id) == ["all_results_received"]


def test_another_countrys_labs_are_out_of_reach(sandbox: Sandbox, lab: Laboratory) -> None:
    """A Canadian application has no labs to push."""
    lab_order_id = lab.sells(VITAMIN_D)
    developer = Person(sandbox)
    page = developer.opens(dashboard(sandbox, app=1))
    answer = developer.submits(page, f"{dashboard(sandbox, app=1)}/{lab_order_id}", step="processing")

    assert "available in the United States only" in page.text
    assert answer.status_code == 404


def test_the_dashboard_shows_a_result(sandbox: Sandbox, lab: Laboratory) -> None:
    """As the laboratory sent it."""
    lab_order_id = lab.processes(VITAMIN_D)
    result = sandbox.push_lab_results(lab_order_id)["results"][0]
    answer = Person(sandbox).opens(f"{dashboard(sandbox)}/results/{result['id']}")

    assert answer.content.startswith(b"%PDF-")


def test_automatic_sharing_is_a_setting_of_the_practitioner(sandbox: Sandbox, lab: Laboratory) -> None:
    """Ticked it shares what comes from then on, for the one laboratory."""
    maya = Person(sandbox)
    maya.signs_in(MAYA)
    maya.submits(maya.opens("/settings/labs"), share="y")
    lab_order_id = lab.processes(LIPIDS)
    sandbox.push_lab_results(lab_order_id)

    assert re.search(r'<input[^>]* checked[^>]*name="share"', maya.opens("/settings/labs").text)
    assert lab.order(lab_order_id)["state"] == "interpretation_shared"


def test_a_practitioner_shares_by_hand_and_only_their_own(sandbox: Sandbox, lab: Laboratory) -> None:
    """For a colleague the lab order is not there."""
    lab_order_id = lab.processes(VITAMIN_D)
    result = sandbox.push_lab_results(lab_order_id)["results"][0]
    maya, omar = Person(sandbox), Person(sandbox)
    maya.signs_in(MAYA)
    omar.signs_in("omar.haddad@juniper.example")
    path = f"/settings/labs/orders/{lab_order_id}/share"

    assert omar.submits(omar.opens("/settings/labs"), path).status_code == 404
    assert omar.opens(f"/settings/labs/results/{result['id']}").status_code == 404
    assert maya.opens(f"/settings/labs/results/{result['id']}").content.startswith(b"%PDF-")
    maya.submits(maya.opens("/settings/labs"), path)
    assert lab.order(lab_order_id)["state"] == "interpretation_shared"


@pytest.mark.parametrize(
    ("email", "words"), [(SAM, "Labs belong to practitioners"), (ELISE, "in the United States only")]
)
def test_who_has_no_labs_is_told_so(sandbox: Sandbox, email: str, words: str) -> None:
    """Staff, and everybody in Canada."""
    person = Person(sandbox)
    person.signs_in(email)

    assert words in person.opens("/settings/labs").text


class Reader(Person):
    """A patient, signed in to My Health."""

    def __init__(self, sandbox: Sandbox, lab: Laboratory, patient_id: str) -> None:
        super().__init__(sandbox)
        self.patient = lab.reads(f"/api/clinic/patients/{patient_id}").json()["patient"]
        page = self.opens("/login/juniper")
        answer = self.submits(page, email=self.patient["email"], password=PASSWORD)
        self.labs = answer.headers["Location"].removesuffix("plans") + "labs"


def test_a_patient_books_an_appointment(sandbox: Sandbox, lab: Laboratory) -> None:
    """After the requisition; a day that is past is refused."""
    lab_order = ordered(lab, "purchased", appointment=True)
    reader = Reader(sandbox, lab, lab_order["patient_id"])
    path = f"{reader.labs}/{lab_order['id']}"
    reader.submits(reader.opens(reader.labs), f"{path}/requisition")
    page = reader.opens(reader.labs)
    refused = reader.follows(reader.submits(page, f"{path}/appointment", at="2020-01-01T09:00"))
    booked = reader.follows(reader.submits(page, f"{path}/appointment", at="2099-01-01T09:00"))

    assert "Appointment has to be in the future" in refused.text
    assert "Jan 1, 2099 at 09:00 UTC" in booked.text
    assert lab.order(lab_order["id"])["state"] == "upcoming_appointment"


def test_a_patient_reads_what_was_shared_and_nothing_else(sandbox: Sandbox, lab: Laboratory) -> None:
    """Before that the result is not there, and another patient's never is."""
    lab_order = ordered(lab, "results_ready")
    reader = Reader(sandbox, lab, lab_order["patient_id"])
    other = next(
        one for one in listed(lab) if one["patient_id"] != lab_order["patient_id"] and one["results"]
    )
    path = f"{reader.labs}/results/{lab_order['results'][0]['id']}"
    before = reader.opens(path).status_code
    sandbox.move_lab_order(lab_order["id"], "interpretation_shared")

    assert before == 404
    assert reader.opens(path).content.startswith(b"%PDF-")
    assert reader.opens(f"{reader.labs}/results/{other['results'][0]['id']}").status_code == 404


def listed(lab: Laboratory) -> list[dict[str, Any]]:
    """The lab orders of the seed."""
    orders: list[dict[str, Any]] = lab.reads("/api/clinic/labs/orders?page[size]=100").json()["orders"]
    return orders


def ordered(lab: Laboratory, state: str, *, appointment: bool = False) -> dict[str, Any]:
    """A lab order of the seed in that state, of a patient with an account of their own."""
    needing = {one["id"] for one in lab.sandbox.lab_orders() if one["requires_appointment"]}
    for one in listed(lab):
        patient = lab.reads(f"/api/clinic/patients/{one['patient_id']}").json()["patient"]
        wanted = one["state"] == state and not patient["is_dependent"]
        if wanted and (one["id"] in needing or not appointment):
            return one
    raise AssertionError(f"the seed has no {state} lab order")
