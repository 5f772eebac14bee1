"""How long a frame stays signed in, and as whom."""

from __future__ import annotations

import pytest
import requests

from fullscript_embed.testing import Sandbox
from tests.frame_actors import Partner
from tests.sandbox_actors import MAYA, SAM

OMAR = "omar.haddad@juniper.example"


@pytest.fixture
def partner(sandbox: Sandbox) -> Partner:
    return Partner(sandbox)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no header"),
        pytest.param({"Authorization": "Frame"}, id="no key"),
        pytest.param({"Authorization": "Frame nonsense"}, id="unknown key"),
        pytest.param({"Authorization": "Bearer nonsense"}, id="another scheme"),
    ],
)
def test_without_its_key_nobody_is_signed_in(partner: Partner, headers: dict[str, str]) -> None:
    """The answer says that the session has ended, in the words for the user."""
    response = requests.get(f"{partner.sandbox.url}/platform/api/desk", headers=headers, timeout=30)

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "session_ended"


def test_a_head_request_uses_no_grant_up(partner: Partner) -> None:
    """It is refused, and the same address opens the frame afterwards."""
    secret = partner.asks_grant()
    address = partner.loads(secret_token="unknown").url.replace(
        "secret_token=unknown", f"secret_token={secret}"
    )
    probe = requests.head(address, timeout=30)

    assert probe.status_code == 405
    assert partner.loads(secret_token=secret).status_code == 200


def test_a_frame_stays_signed_in_for_eight_hours(partner: Partner) -> None:
    """A minute before it works, after it it does not."""
    frame = partner.opens()
    partner.sandbox.advance(8 * 3600 - 60)
    before = frame.asks("GET", "desk").status_code
    partner.sandbox.advance(60)

    assert (before, frame.asks("GET", "desk").status_code) == (200, 401)


def test_a_frame_ends_when_access_is_taken_back(partner: Partner) -> None:
    """Once the app's last token of the user is revoked, the open frame can do nothing more."""
    frame = partner.opens()
    partner.revokes_all()

    assert frame.asks("GET", "desk").json()["error"]["code"] == "session_ended"


@pytest.mark.parametrize(
    ("email", "picks", "names"),
    [
        pytest.param(
            MAYA, True, ["Maya Chen", "Lucia Ferrara", "Omar Haddad"], id="the owner, herself first"
        ),
        pytest.param(SAM, True, ["Maya Chen", "Lucia Ferrara", "Omar Haddad"], id="staff"),
        pytest.param(OMAR, False, ["Omar Haddad"], id="a practitioner"),
    ],
)
def test_staff_and_owners_pick_the_practitioner(
    partner: Partner, email: str, picks: bool, names: list[str]
) -> None:
    """Practitioners write in their own name."""
    desk = partner.opens(email).desk()

    assert desk["picks_practitioner"] is picks
    assert [one["name"] for one in desk["practitioners"]][:1] == names[:1]
    assert {one["name"] for one in desk["practitioners"]} == set(names)
