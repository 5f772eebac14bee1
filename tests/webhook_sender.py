"""Fullscript's side of the webhook door: events, and the calls that bring them."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from werkzeug.test import TestResponse

from fullscript_embed.testing import Sandbox, SandboxApp, sign_webhook
from tests.partner_host import JUNIPER, Host

NOON = "2026-11-20T12:00:00.000Z"
MOST_TRIES = 20


def deliver(sandbox: Sandbox, event_id: str, app: SandboxApp) -> int:
    """Have the sandbox send an event, again while its two seconds are too short for an answer; its status."""
    for _ in range(MOST_TRIES):
        (attempt,) = sandbox.deliver(event_id, app_id=app.id)
        if attempt["response_status"] is not None:
            return int(attempt["response_status"])
    raise AssertionError(f"an event was not answered in {MOST_TRIES} tries: {attempt['response_errors']}")


def event(kind: str, data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An event of Juniper's as the guide shows them; *changes* are of the event itself, such as its id."""
    plain = {"id": str(uuid.uuid4()), "type": kind, "created_at": NOON, "clinic_id": JUNIPER, "data": data}
    return {**plain, **changes}


def plan(kind: str = "created", *, at: str = NOON, **changes: Any) -> dict[str, Any]:
    """What happened to plan-1 of fullscript-amelia; *changes* are of the plan."""
    told = {
        "id": "plan-1",
        "state": "cancelled" if kind == "updated" else "active",
        "patient": {"id": "fullscript-amelia"},
        "practitioner": {"id": "practitioner-1"},
        "available_at": "2026-11-20",
        "recommendations": [{"variant_id": "variant-1", "units_to_purchase": 1, "refill": False}],
        "lab_recommendations": [],
    }
    return event(f"treatment_plan.{kind}", {"treatment_plan": {**told, **changes}}, created_at=at)


def body_of(told: Any, envelope: str = "event") -> bytes:
    """An event as it goes over the wire, in one of the three envelopes that are known."""
    whole = {"event": {"event": told}, "event_payload": {"event_payload": {"event": told}}, "bare": told}
    return json.dumps(whole[envelope]).encode()


class Sender:
    """Fullscript, telling a host of events; *environment* is the host's name for where they happened."""

    def __init__(self, host: Host, environment: str = "local") -> None:
        self.host, self.path = host, f"/fullscript/webhooks/{environment}"

    def signs(self, body: bytes, key: str | None = None, *, offset: float = 0) -> dict[str, str]:
        """Headers for *body*, signed *offset* seconds from now."""
        return sign_webhook(body, key or self.host.registered.signature_key, time.time() + offset)

    def posts(self, body: bytes, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Call the door."""
        caller = self.host.app.test_client()
        return caller.post(self.path, data=body, headers=headers or {}, buffered=True, **options)

    def tells(self, *events: dict[str, Any], envelope: str = "event") -> list[TestResponse]:
        """Bring *events*, one after the other, in signed calls."""
        bodies = [body_of(one, envelope) for one in events]
        return [self.posts(body, self.signs(body)) for body in bodies]
