"""What time does to the sandbox's REST API: events end, and the rate limit begins anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullscript_embed.testing import Sandbox, start_sandbox
from tests.sandbox_rest import Api

THIRTY_DAYS = 30 * 24 * 3600
FIVE_MINUTES = 300


def test_events_are_gone_after_thirty_days(sandbox: Sandbox) -> None:
    """Neither listed nor found; the token is a new one, since tokens are gone too."""
    api = Api(sandbox)
    event_id = api.event
    sandbox.advance(THIRTY_DAYS)
    later = api.with_app(sandbox.apps()[0])

    assert later.get("/api/events/patients").json()["events"] == []
    assert later.get(f"/api/events/{event_id}").status_code == 404


def test_too_many_calls_are_refused_until_time_has_passed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In five minutes by the sandbox's clock, for all endpoints of an app together; others are not slowed."""
    monkeypatch.setenv("SANDBOX_RATE_LIMIT", "5")
    with start_sandbox(tmp_path) as sandbox:
        api = Api(sandbox)
        statuses = [api.maya.get("/api/clinic").status_code for _ in range(5)]
        refused, other = api.maya.get("/api/catalog/allergens"), api.grace.get("/api/clinic")
        sandbox.advance(FIVE_MINUTES)

        assert statuses == [200] * 5
        assert (refused.status_code, "Rate limit" in refused.json()["error"]) == (429, True)
        assert (other.status_code, api.maya.get("/api/clinic").status_code) == (200, 200)
