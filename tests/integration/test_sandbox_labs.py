"""A lab in the sandbox, from the plan to its results, in the words of the API and of webhooks."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from fullscript_embed.testing import Sandbox, SandboxError
from tests.sandbox_actors import MAYA, TIMEOUT, http
from tests.sandbox_labs import LIPIDS, STOOL, VITAMIN_D, WITH_APPOINTMENT, Laboratory

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def lab(sandbox: Sandbox) -> Laboratory:
    return Laboratory(sandbox)


def pdf_of(lab: Laboratory, result: dict[str, Any]) -> PdfReader:
    return PdfReader(BytesIO(lab.reads(result["pdf_url"]).content))


def test_a_recommended_lab_is_listed_before_anybody_bought_it(lab: Laboratory) -> None:
    """As not purchased, and without an order (guide: "Internal state only; returned in API")."""
    (found,) = lab.orders_of(lab.recommends(LIPIDS))

    assert (found["state"], found["order_id"], found["results"]) == ("not_purchased", None, [])


def test_a_cancelled_plan_takes_back_what_nobody_bought(lab: Laboratory) -> None:
    """What was bought stays."""
    plan_id = lab.recommends(LIPIDS)
    sold = lab.sells(LIPIDS)
    for one in (plan_id, lab.order(sold)["treatment_plan_id"]):
        lab.cancels(one)

    assert lab.orders_of(plan_id) == []
    assert lab.order(sold)["state"] == "purchased"


def test_buying_turns_the_same_lab_order_into_a_purchased_one(sandbox: Sandbox, lab: Laboratory) -> None:
    """The event of it is order.placed, with a line item of labs."""
    plan_id = lab.recommends(LIPIDS, STOOL)
    waiting = {one["id"] for one in lab.orders_of(plan_id)}
    sold = sandbox.purchase_labs(plan_id)
    event = lab.reads(f"/api/events/{sold[0]['event_id']}").json()["event"]

    assert {one["id"] for one in sold} == waiting
    assert {one["state"] for one in lab.orders_of(plan_id)} == {"purchased"}
    assert (event["type"], event["data"]["line_items"][0]["type"]) == ("order.placed", "labs")


def test_buying_a_plan_again_makes_another_lab_order(sandbox: Sandbox, lab: Laboratory) -> None:
    """The first one goes its own way."""
    plan_id = lab.recommends(VITAMIN_D)
    first, second = (sandbox.purchase_labs(plan_id)[0]["id"] for _ in range(2))

    assert first != second


def test_a_lab_goes_its_whole_way(sandbox: Sandbox, lab: Laboratory) -> None:
    """Every state is what the API says, and only results leave events, in the webhook's words."""
    lab_order_id = lab.sells(LIPIDS)
    states = [lab.order(lab_order_id)["state"]]
    for step in (
        *[lambda state=one: sandbox.move_lab_order(lab_order_id, state) for one in WITH_APPOINTMENT],
        lambda: sandbox.push_lab_results(lab_order_id, complete=False),
        lambda: sandbox.push_lab_results(lab_order_id),
        lambda: sandbox.amend_lab_result(lab_order_id),
        lambda: sandbox.move_lab_order(lab_order_id, "interpretation_ready"),
        lambda: sandbox.move_lab_order(lab_order_id, "interpretation_shared"),
    ):
        step()
        states.append(lab.order(lab_order_id)["state"])

    assert states == [
        "purchased",
        "schedule_appointment",
        "upcoming_appointment",
        "processing",
        "partial_results",
        "results_ready",
        "results_amended",
        "interpretation_ready",
        "interpretation_shared",
    ]
    assert lab.events(lab_order_id) == ["results_received", "all_results_received", "results_amended"]


def test_an_event_tells_of_the_order_and_not_of_its_results(sandbox: Sandbox, lab: Laboratory) -> None:
    """Who it is of, and the status: everything else is asked for (guide: Lab order updated)."""
    lab_order_id = lab.processes(VITAMIN_D)
    event_id = sandbox.push_lab_results(lab_order_id)["event_id"]
    event = lab.reads(f"/api/events/{event_id}").json()["event"]
    order = lab.order(lab_order_id)

    assert event["type"] == "lab_order.updated"
    assert event["data"] == {
        "lab_order": {
            "id": lab_order_id,
            "practitioner_id": order["practitioner_id"],
            "patient_id": order["patient_id"],
            "first_name": "Amelia",
            "last_name": "Burton",
            "email": "amelia.burton@mail.example",
            "status": "all_results_received",
        }
    }


def test_a_lab_at_home_needs_no_appointment(lab: Laboratory) -> None:
    """The sample comes by post."""
    assert lab.order(lab.processes(VITAMIN_D))["state"] == "processing"


@pytest.mark.parametrize(
    ("name", "before", "step"),
    [
        pytest.param(LIPIDS, (), "processing", id="no sample before the appointment"),
        pytest.param(LIPIDS, (), "upcoming_appointment", id="no appointment before the requisition"),
        pytest.param(LIPIDS, WITH_APPOINTMENT, "schedule_appointment", id="not back"),
        pytest.param(VITAMIN_D, (), "schedule_appointment", id="no appointment for a kit"),
        pytest.param(VITAMIN_D, ("processing",), "interpretation_shared", id="nothing to share yet"),
    ],
)
def test_a_step_in_the_wrong_order_is_refused(
    sandbox: Sandbox, lab: Laboratory, name: str, before: tuple[str, ...], step: str
) -> None:
    """It says what can follow, and nothing changes."""
    lab_order_id = lab.sells(name)
    for one in before:
        sandbox.move_lab_order(lab_order_id, one)
    state = lab.order(lab_order_id)["state"]

    with pytest.raises(SandboxError, match=r"422 .*can follow"):
        sandbox.move_lab_order(lab_order_id, step)
    assert lab.order(lab_order_id)["state"] == state


def test_results_in_the_wrong_order_are_refused(sandbox: Sandbox, lab: Laboratory) -> None:
    """Not before the sample is there, no part of one test, no amendment of nothing, not twice."""
    early, single = lab.sells(STOOL), lab.processes(VITAMIN_D)
    done = lab.processes(STOOL)
    sandbox.push_lab_results(done)

    for wrong in (
        lambda: sandbox.push_lab_results(early),
        lambda: sandbox.push_lab_results(single, complete=False),
        lambda: sandbox.amend_lab_result(single),
        lambda: sandbox.push_lab_results(done),
    ):
        with pytest.raises(SandboxError, match="422 "):
            wrong()
    assert lab.events(done) == ["all_results_received"]


def test_results_need_not_match_tests_one_to_one(sandbox: Sandbox, lab: Laboratory) -> None:
    """Four tests, two documents; none of them has a name."""
    lab_order_id = lab.processes(LIPIDS)
    sandbox.push_lab_results(lab_order_id, complete=False)
    sandbox.push_lab_results(lab_order_id)
    order = lab.order(lab_order_id)

    assert (len(order["tests"]), len(order["results"])) == (4, 2)
    assert {one["name"] for one in order["results"]} == {None}
    assert order["latest_aggregated_result"] == order["results"][-1]


def test_an_amended_result_takes_the_place_of_the_one_before(sandbox: Sandbox, lab: Laboratory) -> None:
    """The others stay where they are, and the one that was replaced can still be read."""
    lab_order_id = lab.processes(LIPIDS)
    sandbox.push_lab_results(lab_order_id, complete=False)
    sandbox.push_lab_results(lab_order_id)
    first, second = lab.order(lab_order_id)["results"]
    sandbox.amend_lab_result(lab_order_id, first["id"])
    order = lab.order(lab_order_id)

    assert [one.get("replaces_id") for one in order["results"]] == [first["id"], None]
    assert order["results"][1] == second
    assert order["latest_aggregated_result"] == order["results"][0]
    assert lab.reads(first["pdf_url"]).ok


def test_a_result_that_was_replaced_cannot_be_amended(sandbox: Sandbox, lab: Laboratory) -> None:
    """Only the one that counts can, and only of its own order."""
    lab_order_id = lab.processes(VITAMIN_D)
    sandbox.push_lab_results(lab_order_id)
    replaced = lab.order(lab_order_id)["results"][0]["id"]
    sandbox.amend_lab_result(lab_order_id)

    with pytest.raises(SandboxError, match=r"404 .*Lab result"):
        sandbox.amend_lab_result(lab_order_id, replaced)


def test_a_result_is_a_pdf_of_patient_lab_and_markers(sandbox: Sandbox, lab: Laboratory) -> None:
    """Those that this document answers; an amended one says what it replaces."""
    lab_order_id = lab.processes(LIPIDS)
    sandbox.push_lab_results(lab_order_id, complete=False)
    sandbox.push_lab_results(lab_order_id)
    sandbox.amend_lab_result(lab_order_id)
    order = lab.order(lab_order_id)
    texts = [pdf_of(lab, one).pages[0].extract_text() for one in order["results"]]
    names = [one["name"] for one in order["tests"]]

    assert all(word in text for text in texts for word in ("Amelia Burton", LIPIDS, "Maya Chen"))
    assert [[name in text for name in names] for text in texts] == [
        [True, True, False, False],
        [False, False, True, True],
    ]
    assert order["results"][1]["replaces_id"] in texts[1]


def test_a_result_is_for_the_clinic_alone(sandbox: Sandbox, lab: Laboratory) -> None:
    """Without a token it is refused, with another clinic's it is not there."""
    lab_order_id = lab.processes(VITAMIN_D)
    sandbox.push_lab_results(lab_order_id)
    url = lab.order(lab_order_id)["results"][0]["pdf_url"]
    token = sandbox.token(lab.partner.app, "grace.lindqvist@harborlight.example")["oauth"]["access_token"]
    foreign = http().get(url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT)

    assert http().get(url, timeout=TIMEOUT).status_code == 401
    assert foreign.status_code == 404
    assert lab.reads(url).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("document", "content_type", "beginning"),
    [
        pytest.param("pdf", "application/pdf", b"%PDF-", id="a pdf"),
        pytest.param("html", "text/html; charset=utf-8", b"<!doctype", id="a web page"),
        pytest.param("disguised", "application/pdf", b"<!doctype", id="a web page that calls itself a pdf"),
        pytest.param("empty", "application/pdf", b"", id="nothing"),
    ],
)
def test_what_comes_need_not_be_a_pdf(
    sandbox: Sandbox, lab: Laboratory, document: str, content_type: str, beginning: bytes
) -> None:
    """So that a client can be seen to look."""
    lab_order_id = lab.processes(VITAMIN_D)
    sandbox.push_lab_results(lab_order_id, document=document)
    answer = lab.reads(lab.order(lab_order_id)["results"][0]["pdf_url"])

    assert answer.headers["Content-Type"] == content_type
    assert answer.content[: len(b"<!doctype")].startswith(beginning)
    assert bool(answer.content) is bool(beginning)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        pytest.param(LIPIDS, "interpretation_shared", id="of the one company"),
        pytest.param(STOOL, "results_ready", id="of another"),
    ],
)
def test_results_can_be_shared_automatically(
    sandbox: Sandbox, lab: Laboratory, name: str, state: str
) -> None:
    """The event says all results, whatever the API says already; the patient gets a message."""
    sandbox.register_for_labs(MAYA, share_results_automatically=True)
    lab_order_id = lab.processes(name)
    sandbox.push_lab_results(lab_order_id)
    shared = [one for one in sandbox.messages() if one["subject"].startswith("Your practitioner shared")]

    assert lab.order(lab_order_id)["state"] == state
    assert lab.events(lab_order_id) == ["all_results_received"]
    assert len(shared) == (state == "interpretation_shared")


def test_shared_results_can_be_amended(sandbox: Sandbox, lab: Laboratory) -> None:
    """Then the webhook fires for them after all, and they can be shared again."""
    lab_order_id = lab.processes(VITAMIN_D)
    sandbox.push_lab_results(lab_order_id)
    sandbox.move_lab_order(lab_order_id, "interpretation_shared")
    sandbox.amend_lab_result(lab_order_id)

    assert lab.order(lab_order_id)["state"] == "results_amended"
    assert sandbox.move_lab_order(lab_order_id, "interpretation_shared")["event_id"] is None


@pytest.mark.parametrize("path", ["state", "results", "amendments"])
def test_what_is_not_there_cannot_move(sandbox: Sandbox, path: str) -> None:
    """404, whatever was wanted."""
    body = {"state": "processing"} if path == "state" else {}
    answer = http().post(f"{sandbox.url}/_sandbox/lab_orders/{NOBODY}/{path}", json=body, timeout=TIMEOUT)

    assert answer.status_code == 404


def test_an_appointment_lies_ahead(sandbox: Sandbox, lab: Laboratory) -> None:
    """In three days unless a moment is chosen, and never in the past."""
    lab_order_id = lab.sells(LIPIDS)
    sandbox.move_lab_order(lab_order_id, "schedule_appointment")
    body = {"state": "upcoming_appointment", "appointment_at": "2020-01-01T09:00:00Z"}
    path = f"{sandbox.url}/_sandbox/lab_orders/{lab_order_id}/state"
    refused = http().post(path, json=body, timeout=TIMEOUT)

    assert refused.json() == {"error": ["Appointment has to be in the future"]}
    assert sandbox.move_lab_order(lab_order_id, "upcoming_appointment")["appointment_at"] is not None


def test_an_event_takes_the_short_way(sandbox: Sandbox, lab: Laboratory) -> None:
    """emit() does the steps up to the next results itself."""
    lab_order_id = lab.sells(LIPIDS)
    for _ in range(3):
        sandbox.emit("lab_order.updated", lab_order_id=lab_order_id)

    assert lab.events(lab_order_id) == ["results_received", "all_results_received", "results_amended"]


def test_results_of_what_nobody_bought_cannot_be_told(sandbox: Sandbox, lab: Laboratory) -> None:
    """Not even on the short way."""
    (waiting,) = lab.orders_of(lab.recommends(LIPIDS))

    with pytest.raises(SandboxError, match="bought first"):
        sandbox.emit("lab_order.updated", lab_order_id=waiting["id"])
