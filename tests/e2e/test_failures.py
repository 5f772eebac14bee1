"""What goes wrong around Fullscript's frame is said in words, and there is a way on."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from fullscript_embed.testing import Sandbox
from tests.e2e.people import Person

GRANTS = "/api/clinic/embeddable/session_grants"
FRAME = re.compile("/api/embeddable/session/")
LIBRARY = "**/fullscript-js.umd.min.js"
GRANT_LIFE = 120  # seconds (the guide: Session grant object)


def test_declining_leads_back_without_connecting(maya: Person) -> None:
    """Who presses Cancel at Fullscript is told that nothing was connected, and gets back to the chart."""
    maya.opens_chart("Amelia Burton")
    maya.recommend_button().click()
    maya.declines()
    expect(maya.page.get_by_role("heading", name="Fullscript was not connected")).to_be_visible()
    maya.page.get_by_role("link", name="Go back without connecting").click()

    expect(maya.page.get_by_role("heading", name="Amelia Burton")).to_be_visible()
    assert maya.practice.rows("SELECT count(*) FROM fullscript_connection") == [(0,)]


def test_an_expired_grant_is_replaced_by_itself(omar: Person, sandbox: Sandbox) -> None:
    """A grant that ran out on its way to the frame costs a moment and no click."""
    omar.is_connected()
    omar.page.route(FRAME, lambda route: late(route, sandbox), times=1)
    omar.opens_fullscript("Priya Raman")
    omar.frame.is_ready()

    assert [call["status"] for call in sandbox.calls(GRANTS)] == [200, 200]


def test_a_grant_that_stays_refused_is_explained(omar: Person, sandbox: Sandbox) -> None:
    """After two fresh grants the page stops asking, says what is wrong, and opens when asked again."""
    omar.is_connected()
    omar.page.route(FRAME, lambda route: late(route, sandbox))
    omar.opens_fullscript("Priya Raman")
    expect(omar.notice).to_contain_text("did not accept the sign-in")
    assert len(sandbox.calls(GRANTS)) == 3
    omar.page.unroute(FRAME)
    omar.page.get_by_role("button", name="Try again").click()

    omar.frame.is_ready()


def test_a_grant_opens_one_frame_only(omar: Person) -> None:
    """The frame's address, opened a second time, shows an error page and nobody's data."""
    omar.is_connected()
    with omar.page.expect_request(FRAME) as opened:
        omar.opens_fullscript("Priya Raman")
    omar.frame.is_ready()
    second = omar.page.context.new_page()
    second.goto(opened.value.url)

    expect(second.get_by_text("INVALID_SECRET_TOKEN")).to_be_visible()
    expect(second.get_by_text("Priya")).to_have_count(0)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"origin_uris": ["http://localhost:1"]}, id="the origin is not listed"),
        pytest.param({"origin_uris": []}, id="no origin is listed"),
    ],
)
def test_a_refused_frame_gets_a_quiet_offer_of_help(
    omar: Person, sandbox: Sandbox, damage: dict[str, Any]
) -> None:
    """The browser tells nobody that it refused to frame; after some silence the page offers help."""
    omar.is_connected()
    [app, *_] = [app for app in sandbox.apps() if app.name == "Demo practice app"]
    sandbox.change_app(app, **damage)
    omar.page.clock.install()
    omar.opens_fullscript("Priya Raman")
    expect(omar.page.locator("iframe[title=Fullscript]")).to_be_attached()
    omar.page.clock.run_for(9000)
    omar.page.get_by_role("button", name="Not showing?").click()

    expect(omar.notice).to_contain_text("as an Origin URI")
    expect(omar.notice).to_contain_text(omar.practice.url)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param({"status": 503, "times": 9}, "Fullscript cannot be reached", id="down"),
        pytest.param({"drop": True, "times": 9}, "Fullscript cannot be reached", id="connection dropped"),
        pytest.param({"malformed": True, "times": 9}, "Fullscript cannot be reached", id="half an answer"),
        pytest.param(
            {"status": 429, "headers": {"Retry-After": "30"}, "times": 9}, "to wait 30 s", id="rate limit"
        ),
        pytest.param({"status": 403, "times": 9}, "Fullscript refused", id="refused"),
    ],
)
def test_a_failing_fullscript_is_explained_and_can_be_tried_again(
    omar: Person, sandbox: Sandbox, fault: dict[str, Any], words: str
) -> None:
    """Whatever keeps Fullscript from giving a grant, the page says so, and Try again opens it afterwards."""
    omar.is_connected()
    sandbox.fault(GRANTS, **fault)
    omar.opens_fullscript("Priya Raman")
    expect(omar.notice).to_contain_text(words, timeout=40_000)
    sandbox.clear_faults()
    omar.page.get_by_role("button", name="Try again").click()

    omar.frame.is_ready()


def test_a_refused_connection_is_made_anew_and_fullscript_opens(omar: Person, sandbox: Sandbox) -> None:
    """When Fullscript no longer knows the tokens, the page leads through OAuth and back into the frame."""
    omar.is_connected()
    omar.opens_chart("Priya Raman")
    sandbox.reset()
    omar.practice.registers()
    omar.recommend_button().click()
    omar.page.get_by_role("link", name="Connect again").click()
    omar.agrees()

    omar.frame.is_ready()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            "INVALID_PATIENT_ID: The patient_id was invalid or missing",
            "Fullscript does not know this patient's record.",
            id="a code that the guide shows",
        ),
        pytest.param("SOMETHING_NEW: Words", "SOMETHING_NEW: Words", id="a code that nobody knows yet"),
    ],
)
def test_an_error_of_the_frame_is_put_into_words(omar: Person, error: str, words: str) -> None:
    """The library throws what the frame reports where nobody can catch it; the page says it still."""
    omar.is_connected()
    omar.page.route(FRAME, lambda route: report(route, error))
    omar.opens_fullscript("Priya Raman")

    expect(omar.notice).to_contain_text(words)


def test_an_error_of_somebody_else_is_not_believed(omar: Person) -> None:
    """Only the frame's own messages count: another window's cannot frighten anybody."""
    omar.is_connected()
    omar.opens_fullscript("Priya Raman")
    omar.frame.is_ready()
    omar.page.evaluate("window.postMessage({ type: 'serverError', payload: ['INVALID_PATIENT_ID: x'] }, '*')")
    omar.frame.adds_product()

    expect(omar.notice).to_have_count(0)


def test_a_library_that_does_not_load_is_explained(omar: Person) -> None:
    """A blocked library is named, and loaded by the next try."""
    omar.is_connected()
    omar.page.route(LIBRARY, lambda route: route.abort())
    omar.opens_fullscript("Priya Raman")
    expect(omar.notice).to_contain_text("The Fullscript library did not load.")
    omar.page.unroute(LIBRARY)
    omar.page.get_by_role("button", name="Try again").click()

    omar.frame.is_ready()


def test_a_changed_library_is_not_run(omar: Person) -> None:
    """The integrity hash keeps a library away that is not byte for byte the vendor's."""
    omar.is_connected()
    omar.page.route(LIBRARY, lambda route: route.fulfill(body="window.Fullscript = () => {}"))
    omar.opens_fullscript("Priya Raman")

    expect(omar.notice).to_contain_text("The Fullscript library did not load.")


@pytest.mark.parametrize("directive", ["frame-src", "connect-src"])
def test_a_policy_that_forbids_fullscript_is_named(page: Page, omar: Person, directive: str) -> None:
    """A page whose own Content-Security-Policy blocks Fullscript says which directive lacks which origin."""
    omar.is_connected()
    page.route("**/patients/*", lambda route: forbid(route, directive, omar.practice.fullscript_url))
    omar.opens_fullscript("Priya Raman")

    expect(omar.notice).to_contain_text("This page's security policy blocks Fullscript.")
    expect(omar.notice).to_contain_text(f"{directive} {omar.practice.fullscript_url}")


def test_patient_details_that_do_not_arrive_are_missed(omar: Person, sandbox: Sandbox) -> None:
    """The library swallows a failed hand-over (field notes, P18); the page says that it happened."""
    omar.is_connected()
    sandbox.fault("/api/embeddable/tokenize", status=500)
    omar.opens_fullscript("Amelia Burton")

    expect(omar.notice).to_contain_text("The patient's details did not reach Fullscript.")


def test_a_double_click_asks_for_one_grant(omar: Person, sandbox: Sandbox) -> None:
    """An impatient hand opens one frame and burns no second grant."""
    omar.is_connected()
    omar.opens_chart("Priya Raman")
    omar.recommend_button().dblclick()
    omar.frame.is_ready()

    assert len(sandbox.calls(GRANTS)) == 1
    expect(omar.page.locator("iframe")).to_have_count(1)


def test_the_frame_needs_no_cookie(omar: Person) -> None:
    """With third-party cookies blocked, as in this whole suite, the frame signs in by its grant alone."""
    omar.is_connected()
    with omar.page.expect_request(FRAME) as opened:
        omar.opens_fullscript("Priya Raman")
    omar.frame.is_ready()

    assert "cookie" not in opened.value.all_headers()
    assert omar.page.context.cookies(omar.practice.fullscript_url) == []


def test_fullscript_works_by_keyboard_alone(omar: Person) -> None:
    """From the chart into the frame, through a plan and back, without a mouse."""
    omar.is_connected()
    omar.opens_chart("Priya Raman")
    inside = omar.frame.inside
    omar.reaches(omar.recommend_button())
    omar.frame.is_ready()
    omar.reaches(inside.get_by_role("button", name=re.compile("^Add ")).first)
    omar.reaches(inside.get_by_role("button", name="Review and send"))
    omar.reaches(inside.get_by_role("button", name="Send to patient"))

    expect(omar.plans).to_have_count(1)
    expect(omar.recommend_button()).to_be_focused()


def test_escape_asks_before_it_closes(omar: Person) -> None:
    """Escape is pressed by accident too; what is not sent would be gone, so it asks first."""
    omar.is_connected()
    omar.opens_fullscript("Priya Raman")
    omar.frame.is_ready()
    omar.page.get_by_role("button", name="Close").press("Escape")
    omar.page.get_by_role("button", name="Keep working").click()
    omar.frame.is_ready()
    omar.page.get_by_role("button", name="Close").press("Escape")
    omar.page.get_by_role("button", name="Close Fullscript").click()

    expect(omar.page.locator("iframe")).to_have_count(0)


def late(route: Route, sandbox: Sandbox) -> None:
    """Let a grant run out before the frame that it is for is asked for."""
    sandbox.advance(GRANT_LIFE + 1)
    route.continue_()


def report(route: Route, error: str) -> None:
    """Answer for the frame with a page that reports an error as Fullscript's own error page does."""
    target = parse_qs(urlsplit(route.request.url).query)["target_origin"][0]
    message = json.dumps({"type": "serverError", "payload": [error]})
    script = f"parent.postMessage({message}, {json.dumps(target)})"
    route.fulfill(content_type="text/html", body=f"<!doctype html><title>x</title><script>{script}</script>")


def forbid(route: Route, directive: str, origin: str) -> None:
    """Take Fullscript's origin out of one directive of a page's policy."""
    answer = route.fetch()
    policy = answer.headers["content-security-policy"]
    narrowed = re.sub(rf"{directive} ([^;]*?) ?{re.escape(origin)}", rf"{directive} \1", policy)
    route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": narrowed})
