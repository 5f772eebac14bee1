"""A result's PDF: for whom it is opened, how it goes out, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from fullscript_embed.models import AuditEntry
from tests.lab_actors import Lab, choose_lab, process_lab
from tests.partner_host import HostUser

ORDERS, DOWNLOADS = "/api/clinic/labs/orders/*", "/api/clinic/labs/results/*"
ANY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def shown(connected: HostUser) -> Lab:
    """A lab with one result; the sandbox's journal is empty again."""
    lab = process_lab(connected)
    lab.sandbox.push_lab_results(lab.id)
    lab.checks()
    connected.host.sandbox.clear_calls()
    return lab


def shown_by(lab: Lab) -> list[AuditEntry]:
    """Who was shown results, as the audit trail has it."""
    trail = lab.host.extension.audit_trail
    return lab.host.asks(lambda: trail(action="lab_result.shown"))


def code_of(answer: TestResponse) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, answer.get_json()["error"]["code"]


def test_a_result_is_shown_as_it_is(shown: Lab) -> None:
    """The whole PDF, to be kept by nobody, under a name that tells nothing."""
    [result] = shown.results
    answer = shown.opens(result.id)
    headers = {name: answer.headers[name] for name in ("Cache-Control", "X-Content-Type-Options")}

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert (answer.data[:5], len(answer.data)) == (b"%PDF-", answer.content_length)
    assert headers == {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    assert answer.headers["Content-Disposition"] == f'inline; filename="lab-result-{result.id}.pdf"'


def test_who_was_shown_a_result_is_written_down(shown: Lab) -> None:
    """Every time, with ids alone; and it is not one that nobody looked at any more."""
    [result] = shown.results
    before = shown.shown.unopened
    for _ in range(2):
        shown.opens(result.id)
    first, second = shown_by(shown)

    assert (before, shown.shown.unopened) == (1, 0)
    assert (first.user_id, first.patient_id, first.environment) == ("maya", "7", "local")
    assert first.details == second.details == {"lab_order_id": shown.id, "result_id": result.id}


def test_who_may_not_see_a_result(shown: Lab) -> None:
    """Each with words of its own; nothing is fetched for them, and nothing written down."""
    [result], host = shown.results, shown.host
    other = choose_lab(shown.user, "purchased")
    shown.links("7", shown.patient_id)
    shown.links("8", other.patient_id)
    sam, grace, nobody = host.user("sam"), host.user("grace"), host.user("maya")
    grace.connects()
    nobody.signs_out()
    host.sandbox.clear_calls()
    asked = {
        "not connected": shown.opens(result.id, user=sam, Accept="application/json"),
        "of another clinic": shown.opens(result.id, user=grace, Accept="application/json"),
        "signed out": shown.opens(result.id, user=nobody, Accept="application/json"),
        "not theirs": shown.opens(result.id, patient="9", Accept="application/json"),
        "another patient": shown.opens(result.id, patient="8", Accept="application/json"),
        "another result": shown.opens(ANY, Accept="application/json"),
    }

    assert {who: code_of(answer) for who, answer in asked.items()} == {
        "not connected": (409, "not_connected"),
        "of another clinic": (404, "result_not_found"),
        "signed out": (401, "signed_out"),
        "not theirs": (404, "patient_not_found"),
        "another patient": (404, "result_not_found"),
        "another result": (404, "result_not_found"),
    }
    assert (host.calls("/api/clinic/labs/*"), shown_by(shown)) == ([], [])


def test_staff_who_are_connected_see_it_by_their_own_right(shown: Lab) -> None:
    """Fullscript is asked with their token, not with the practitioner's."""
    sam = shown.host.user("sam")
    sam.connects()
    [result] = shown.results

    assert shown.opens(result.id, user=sam).status_code == 200
    assert [one.user_id for one in shown_by(shown)] == ["sam"]


def test_a_connection_that_ended_is_made_again_first(shown: Lab) -> None:
    """The page leads to connecting."""
    [result] = shown.results
    shown.host.change_connection(status="reconnect_required", access_token=None)
    answer = shown.opens(result.id)

    assert (answer.status_code, "Connect my Fullscript account" in answer.text) == (409, True)


@pytest.mark.parametrize("document", ["html", "disguised"])
def test_what_is_no_pdf_is_not_shown(connected: HostUser, document: str) -> None:
    """A person reads why, and nobody is noted to have seen a result."""
    lab = process_lab(connected)
    lab.sandbox.push_lab_results(lab.id, document=document)
    lab.checks()
    [result] = lab.results
    page, program = lab.opens(result.id), lab.opens(result.id, Accept="application/json")

    assert (page.status_code, page.mimetype) == (502, "text/html")
    assert "something that is not a PDF, so it is not shown" in page.text
    assert (code_of(program), shown_by(lab), lab.shown.unopened) == ((502, "not_a_pdf"), [], 1)


def test_a_refusal_beside_the_chart_says_that_its_tab_can_be_closed(shown: Lab) -> None:
    """Others take the place of the page that somebody was on, and say no such thing."""
    beside = shown.opens(ANY)
    in_place = shown.user.browser.get("/fullscript/callback/local?state=unknown&code=x")

    assert "You can close this tab: the chart is still open in the other one." in beside.text
    assert "close this tab" not in in_place.text


FAULTS: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    (ORDERS, {"status": 503, "times": 2}, (502, "upstream_unreachable")),
    (ORDERS, {"status": 404}, (404, "file_gone")),
    (DOWNLOADS, {"status": 503}, (502, "refused")),
    (DOWNLOADS, {"status": 404}, (404, "file_gone")),
    (DOWNLOADS, {"drop": True}, (502, "file_incomplete")),
    (DOWNLOADS, {"status": 302, "headers": {"Location": "http://192.0.2.1/1"}}, (502, "host_not_allowed")),
]


def test_what_cannot_be_had_is_refused_in_words(shown: Lab) -> None:
    """Nobody is noted to have seen anything."""
    [result] = shown.results
    codes, messages = [], []
    for path, fault, _code in FAULTS:
        shown.sandbox.fault(path, **fault)
        answer = shown.opens(result.id, Accept="application/json")
        codes.append(code_of(answer))
        messages.append(answer.get_json()["error"]["message"])
        shown.sandbox.clear_faults()

    assert codes == [code for _path, _fault, code in FAULTS]
    assert all(re.fullmatch(r"[A-Z][^<>]+\.", message) for message in messages)
    assert shown_by(shown) == []


def test_a_result_that_was_amended_meanwhile_is_not_shown(shown: Lab) -> None:
    """What was on the page is not what counts any more."""
    [result] = shown.results
    shown.sandbox.amend_lab_result(shown.id)
    answer = shown.opens(result.id)

    assert answer.status_code == 404
    assert "does not list this result any more" in answer.text


def test_a_question_about_a_result_is_no_look_at_it(shown: Lab) -> None:
    """HEAD fetches nothing and is refused."""
    [result] = shown.results
    path = f"/fullscript/patients/7/lab-orders/{shown.id}/results/{result.id}"
    answer = shown.user.browser.head(path)

    assert (answer.status_code, shown.host.calls("*"), shown_by(shown)) == (405, [], [])
