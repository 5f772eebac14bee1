"""What machines ask of the practice app: /healthz, /readyz and /metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from fullscript_embed import heartbeats
from tests.practice_host import Visitor

# Of kombu's own tables, under a newer SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader:DeprecationWarning")
TOKEN = "of tests, and long enough"


def with_worker(make_app: Callable[..., Flask], tmp_path: Path, ago: timedelta) -> Visitor:
    """A visitor of an app whose worker was seen that long ago."""
    app = make_app(celery_broker_url=f"sqla+sqlite:///{tmp_path / 'broker.db'}")
    with app.app_context():
        heartbeats.beat(heartbeats.WORKER, now=datetime.now(UTC) - ago)
    return Visitor(app)


def test_a_process_without_a_database_is_alive(make_app: Callable[..., Flask]) -> None:
    """Starting it again would not bring the database back."""
    answer = Visitor(make_app(database_url="sqlite:////nowhere/at/all.db")).opens("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_process_without_a_database_is_not_ready(make_app: Callable[..., Flask]) -> None:
    """And says what is missing, without an address."""
    answer = Visitor(make_app(database_url="sqlite:////nowhere/at/all.db")).opens("/readyz")

    assert (answer.status_code, answer.json) == (
        503,
        {"status": "unavailable", "database": "does not answer"},
    )


def test_a_process_without_celery_needs_only_its_database(visitor: Visitor) -> None:
    """Where events are applied in the request there is neither broker nor worker."""
    assert visitor.opens("/readyz").json == {"status": "ok", "database": "answers"}


def test_a_worker_that_was_seen_lately_makes_ready(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """All three are there."""
    answer = with_worker(make_app, tmp_path, timedelta(seconds=40)).opens("/readyz")

    assert (answer.status_code, answer.json["broker"]) == (200, "answers")
    assert answer.json["worker"].startswith("was seen 4")


def test_a_worker_that_was_not_seen_lately_does_not(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """Nobody would apply what comes in."""
    answer = with_worker(make_app, tmp_path, timedelta(minutes=3)).opens("/readyz")

    assert (answer.status_code, answer.json["worker"]) == (503, "was seen 180 s ago")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("redis://127.0.0.1:9/0", id="redis"),
        pytest.param("sqla+sqlite:////nowhere/at/all.db", id="a file"),
    ],
)
def test_a_broker_that_is_away_makes_unready(make_app: Callable[..., Flask], url: str) -> None:
    """Whatever the broker, within seconds."""
    answer = Visitor(make_app(celery_broker_url=url)).opens("/readyz")

    assert (answer.status_code, answer.json["broker"]) == (503, "does not answer")


@pytest.mark.parametrize(
    ("token", "headers", "address", "status"),
    [
        pytest.param("", {}, "127.0.0.1", 200, id="this machine"),
        pytest.param("", {}, "10.1.2.3", 404, id="another machine"),
        pytest.param("", {"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 404, id="through a proxy"),
        pytest.param(TOKEN, {}, "127.0.0.1", 404, id="without the token"),
        pytest.param(TOKEN, {"Authorization": "Bearer x"}, "127.0.0.1", 404, id="another token"),
        pytest.param(TOKEN, {"Authorization": f"Bearer {TOKEN}"}, "10.1.2.3", 200, id="with the token"),
    ],
)
def test_metrics_are_not_public(
    make_app: Callable[..., Flask], token: str, headers: dict[str, str], address: str, status: int
) -> None:
    """With a token they ask for it, without one they are for this machine."""
    visitor = Visitor(make_app(metrics_token=token), address=address)
    answer = visitor.opens("/metrics", headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_of_production_may_come_over_http(make_app: Callable[..., Flask], path: str) -> None:
    """They come from within, where nobody ends TLS."""
    visitor = Visitor(make_app(https=True), base_url="http://localhost")

    assert visitor.opens(path).status_code == 200


def test_metrics_are_in_the_text_format(visitor: Visitor) -> None:
    """Every metric is there before anything has happened."""
    answer = visitor.opens("/metrics")

    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert 'fullscript_events_open{state="waiting"} 0.0' in answer.text
    assert "# TYPE fullscript_upstream_seconds histogram" in answer.text
