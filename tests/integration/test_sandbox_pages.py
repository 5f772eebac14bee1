"""The sandbox's own pages: start, outbox, errors, product pictures, and the headers that guard them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, TIMEOUT, http

SVG = "{http://www.w3.org/2000/svg}"


def get(sandbox: Sandbox, path: str, **options: Any) -> requests.Response:
    """Open a page as a browser would ask for it."""
    headers = {"Accept": "text/html,*/*;q=0.8"} | options.pop("headers", {})
    return http().get(f"{sandbox.url}{path}", timeout=TIMEOUT, headers=headers, **options)


@pytest.fixture
def variant(sandbox: Sandbox, sandbox_app: SandboxApp) -> dict[str, Any]:
    """The primary variant of the first product that a search for magnesium finds."""
    app = sandbox.change_app(sandbox_app, restricted_grants=["products.search"])
    token = sandbox.token(app, MAYA)["oauth"]["access_token"]
    found = get(
        sandbox,
        "/api/catalog/search/products",
        params={"query": "magnesium"},
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
    )
    primary: dict[str, Any] = found.json()["products"][0]["primary_variant"]
    return primary


def test_healthz_answers_when_ready(sandbox: Sandbox) -> None:
    """200 and JSON, with the sandbox's time."""
    answer = get(sandbox, "/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.parametrize(
    "text",
    [
        "maya.chen@juniper.example",
        "kim.larsen@cedarstone.example",
        "Harbor Light Wellness",
        "Cedar &amp; Stone Naturopathic",
        "Demo practice app (Canada)",
        "fullscript-sandbox",
    ],
)
def test_the_start_page_says_who_can_sign_in(sandbox: Sandbox, text: str) -> None:
    """Accounts, their password, and the registered apps."""
    assert text in get(sandbox, "/").text


def test_every_door_of_the_start_page_opens(sandbox: Sandbox) -> None:
    """No link of it leads nowhere."""
    page = get(sandbox, "/").text
    links = {part.partition('"')[0] for part in page.split('href="/')[1:]}
    statuses = {link: get(sandbox, f"/{link}").status_code for link in links}

    assert {status for status in statuses.values() if status != 200} == set(), statuses


@pytest.mark.parametrize("path", ["/", "/outbox", "/nowhere", "/login", "/dashboard/"])
def test_pages_allow_nothing_inline_and_no_frame(sandbox: Sandbox, path: str) -> None:
    """The policy names this origin alone."""
    policy = get(sandbox, path).headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/outbox", "/nowhere"])
def test_pages_hold_nothing_that_the_policy_forbids(sandbox: Sandbox, path: str) -> None:
    """No style attribute, no script in the page."""
    page = get(sandbox, path).text

    assert " style=" not in page
    assert "<script>" not in page


def test_an_unknown_page_says_what_may_be_wrong(sandbox: Sandbox) -> None:
    """A developer who followed an OAuth link with a wrong redirect_uri ends here (field notes, P9)."""
    answer = get(sandbox, "/nowhere")

    assert answer.status_code == 404
    assert "redirect_uri" in answer.text


def test_an_error_page_does_not_repeat_the_address(sandbox: Sandbox) -> None:
    """What was asked for may be somebody's secret, or a script."""
    assert "planted" not in get(sandbox, "/planted?planted=<b>planted</b>").text


def test_a_program_gets_its_errors_as_json(sandbox: Sandbox) -> None:
    """404 in the shape that was recorded (field notes, P2)."""
    answer = get(sandbox, "/api/nowhere")

    assert answer.json() == {"status": 404, "error": "Not Found"}


def test_a_message_appears_in_the_outbox(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """A created patient gets a welcome message, which is kept here."""
    token = sandbox.token(sandbox_app, MAYA)["oauth"]["access_token"]
    patient = {"first_name": "Noah", "last_name": "Winter", "email": "noah.winter@mail.example"}
    http().post(
        f"{sandbox.url}/api/clinic/patients",
        json=patient,
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT,
    )

    assert "noah.winter@mail.example" in get(sandbox, "/outbox").text
    assert [one["recipient"] for one in sandbox.messages()] == ["noah.winter@mail.example"]


def test_the_outbox_begins_empty(sandbox: Sandbox) -> None:
    """And says how it fills."""
    assert "No message yet" in get(sandbox, "/outbox").text


@pytest.mark.parametrize(("size", "pixels"), [("small", "80"), ("medium", "240"), ("large", "640")])
def test_a_variant_has_a_picture_of_every_size(
    sandbox: Sandbox, variant: dict[str, Any], size: str, pixels: str
) -> None:
    """The address that the catalog gives leads to an SVG of that size."""
    answer = get(sandbox, variant[f"image_url_{size}"].removeprefix(sandbox.url))
    drawing = ET.fromstring(answer.content)

    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert (drawing.tag, drawing.get("width")) == (f"{SVG}svg", pixels)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/images/variants/unknown/small.svg", id="unknown variant"),
        pytest.param("/images/variants/unknown/huge.svg", id="unknown size"),
        pytest.param("/images/variants/../small.svg", id="no variant"),
    ],
)
def test_there_is_no_picture_of_nothing(sandbox: Sandbox, path: str) -> None:
    """404."""
    assert get(sandbox, path).status_code == 404
