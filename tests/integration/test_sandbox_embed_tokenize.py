"""Handing a patient's data to Embed before the frame opens (field notes, 1.25)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from fullscript_embed.testing import Sandbox
from tests.frame_actors import Partner

AMOS = {"first_name": "Amos", "last_name": "Burton"}


@pytest.fixture
def partner(sandbox: Sandbox) -> Partner:
    return Partner(sandbox)


def test_any_page_may_hand_data_over(partner: Partner) -> None:
    """The answer is a token, and a page of any origin may read it."""
    response = partner.tokenizes({"data": AMOS}, Origin="https://anywhere.example")

    assert list(response.json()) == ["data_token"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_browser_may_ask_before_it_sends_json(partner: Partner) -> None:
    """The preflight request allows POST with a Content-Type, and no credentials."""
    response = requests.options(f"{partner.sandbox.url}/api/embeddable/tokenize", timeout=30)

    assert response.status_code == 204
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{", id="not JSON"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param([], id="a list"),
        pytest.param({}, id="no data"),
        pytest.param({"data": "Amos"}, id="data is text"),
        pytest.param({"data": {"first_name": {"is": "Amos"}}}, id="a value is an object"),
        pytest.param({"data": {"first_name": "A" * 256}}, id="a value is too long"),
        pytest.param({"data": {"id": "A" * 20_000}}, id="the body is too long"),
    ],
)
def test_a_damaged_body_is_refused(partner: Partner, body: Any) -> None:
    """It gets 422 with a sentence that the page's own script may read."""
    response = partner.tokenizes(body)

    assert response.status_code == 422
    assert response.json()["error"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_an_empty_patient_gets_a_token_too(partner: Partner) -> None:
    """The library tokenizes {} as well (field notes, P18), and the frame opens without a patient."""
    frame = partner.opens(patient={})

    assert frame.desk()["patient_data"] == {}


def test_fields_that_nobody_documents_are_left_out(partner: Partner) -> None:
    """Only the library's own fields reach the frame."""
    frame = partner.opens(patient=AMOS | {"password": "x", "email": ""})

    assert frame.desk()["patient_data"] == AMOS


def test_data_is_kept_for_ten_minutes(partner: Partner) -> None:
    """After that the frame opens without it."""
    token = partner.tokenizes({"data": AMOS}).json()["data_token"]
    partner.sandbox.advance(600)

    assert partner.opens(data_token=token).desk()["patient_data"] == {}
