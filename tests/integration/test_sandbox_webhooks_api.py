"""/api/webhooks/deliveries: what was sent, for an app that looks for what it missed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, http
from tests.sandbox_rest import GRACE, SCOPES, Caller
from tests.webhook_receiver import Receiver, Reply

PATH = "/api/webhooks/deliveries"
DAY = 24 * 3600


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def app(sandbox: Sandbox, receiver: Receiver) -> SandboxApp:
    return receiver.serves(sandbox, sandbox.create_app())


@pytest.fixture
def maya(sandbox: Sandbox, app: SandboxApp) -> Caller:
    """Somebody of Juniper, whose authorization was the first event."""
    return caller(sandbox, app)


def caller(sandbox: Sandbox, app: SandboxApp, email: str = MAYA) -> Caller:
    return Caller(sandbox.url, http(), sandbox.token(app, email)["oauth"]["access_token"])


def listed(caller: Caller, **query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = caller.get(PATH, **query).json()["webhook_deliveries"]
    return rows


def happens(sandbox: Sandbox, kind: str = "patient.updated") -> str:
    event_id = str(sandbox.emit(kind)["id"])
    sandbox.webhooks_idle()
    return event_id


def test_a_delivery_holds_what_the_reference_shows(sandbox: Sandbox, maya: Caller, app: SandboxApp) -> None:
    """With the answer as Ruby prints it (field notes, 1.19)."""
    event_id = happens(sandbox)
    (row,) = listed(maya, event_id=event_id)

    assert row["response_body"] == f'{{"challenge"=>"{app.challenge_token}"}}'
    assert '"Server"=>"' in row["response_header"]
    assert row["event_payload"]["event"]["id"] == event_id


def test_deliveries_are_told_apart_by_success(sandbox: Sandbox, maya: Caller, receiver: Receiver) -> None:
    """That is how an app finds what it missed."""
    happens(sandbox)
    receiver.replies(Reply(500))
    missed = happens(sandbox)
    failed, delivered = (listed(maya, successfully_delivered=word) for word in ("false", "true"))

    assert [row["event_payload"]["event"]["id"] for row in failed] == [missed]
    assert all(row["successfully_delivered"] for row in delivered)
    assert len(delivered) == 2  # the first is that of the clinic's authorization


@pytest.mark.usefixtures("maya")
def test_deliveries_are_found_by_day(sandbox: Sandbox, app: SandboxApp) -> None:
    """By the sandbox's clock."""
    happens(sandbox)
    later = sandbox.advance(2 * DAY)[:10]
    event_id = happens(sandbox)
    rows = listed(caller(sandbox, app), attempted_at=later)

    assert [row["event_payload"]["event"]["id"] for row in rows] == [event_id]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"attempted_at": "yesterday"}, id="day"),
        pytest.param({"successfully_delivered": "maybe"}, id="success"),
        pytest.param({"sort_by": "status"}, id="order"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(maya: Caller, query: dict[str, str]) -> None:
    """422, as for all lists."""
    assert maya.get(PATH, **query).status_code == 422


@pytest.mark.usefixtures("maya")
def test_deliveries_of_another_clinic_are_not_shown(sandbox: Sandbox, app: SandboxApp) -> None:
    """The token's clinic decides; products are everybody's."""
    happens(sandbox)
    product = happens(sandbox, "product.updated")
    rows = listed(caller(sandbox, app, GRACE))

    assert product in {row["event_payload"]["event"]["id"] for row in rows}
    assert {row["event_payload"]["event"]["type"] for row in rows} <= {
        "product.updated",
        "clinic_key.activated",
    }


@pytest.mark.usefixtures("maya")
def test_deliveries_of_another_app_are_not_shown(sandbox: Sandbox) -> None:
    """An app sees what was sent to itself."""
    happens(sandbox)

    assert listed(caller(sandbox, sandbox.create_app())) == []


def test_deliveries_need_a_scope(sandbox: Sandbox) -> None:
    """Without it they are refused."""
    app = sandbox.create_app(scopes=[one for one in SCOPES if one != "clinic:read"])

    assert caller(sandbox, app).get(PATH).status_code == 403


@pytest.mark.usefixtures("maya")
def test_deliveries_are_gone_after_thirty_days(sandbox: Sandbox, app: SandboxApp) -> None:
    """As events are (guide: List All Webhook Deliveries)."""
    happens(sandbox)
    sandbox.advance(31 * DAY)

    assert listed(caller(sandbox, app)) == []
