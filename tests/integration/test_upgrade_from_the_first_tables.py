"""What was kept before the inbox had states is there after the upgrade, and after going back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from fullscript_embed import tables
from fullscript_embed.models import InboxEvent, TreatmentPlan
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import Host, create_host, settings_for

EVENT = (
    "INSERT INTO fullscript_event (environment, event_id, type, clinic_id, source, payload, received_at, "
    "applied_at, attempts, announced) VALUES ('local', :id, 'patient.selected', 'c', 'browser', '{}', "
    "'2026-11-20 12:00:00', :applied, 1, :announced)"
)
PLAN = (
    "INSERT INTO fullscript_treatment_plan (environment, clinic_id, fullscript_id, patient_id, state, "
    "recommendations, lab_recommendations, happened_at, names_missing, revision) VALUES ('local', 'c', "
    "'plan-1', '7', 'active', '[]', '[]', '2026-11-20 12:00:00', false, 1)"
)
NOON = "2026-11-20 12:00:00"


def move(host: Host, to: Any, revision: str) -> None:
    """Run the migrations up or down to a revision."""
    with host.app.app_context(), host.extension.db.engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(tables.FOLDER))
        config.attributes["connection"] = connection
        to(config, revision)


@pytest.fixture
def first(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> Iterator[Host]:
    """A host on each engine at the first revision, with two events and a plan."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        move(host, command.upgrade, "0001")
        with host.app.app_context(), host.extension.db.engine.begin() as connection:
            connection.execute(text(EVENT), {"id": "done", "applied": NOON, "announced": True})
            connection.execute(text(EVENT), {"id": "untold", "applied": NOON, "announced": False})
            connection.execute(text(EVENT), {"id": "new", "applied": None, "announced": False})
            connection.execute(text(PLAN))
        yield host


def test_what_was_kept_is_kept(first: Host) -> None:
    """Events have the state that they were in, and know their door; plans stay in their charts."""
    first.runs("upgrade")
    events = first.asks(lambda: first.extension.db.session.query(InboxEvent).order_by(InboxEvent.id).all())
    (plan,) = first.asks(lambda: first.extension.treatment_plans("7"))

    assert [(one.event_id, one.state, one.door) for one in events] == [
        ("done", "applied", "browser"),
        ("untold", "waiting", "browser"),
        ("new", "waiting", "browser"),
    ]
    assert (plan.id, plan.state) == ("plan-1", "active")
    assert first.asks(lambda: first.extension.db.session.query(TreatmentPlan).one().stamps) == {}


def test_the_way_back_is_open(first: Host) -> None:
    """The earlier version finds its own tables again."""
    first.runs("upgrade")
    move(first, command.downgrade, "0001")
    with first.app.app_context(), first.extension.db.engine.connect() as connection:
        sources = connection.execute(text("SELECT source FROM fullscript_event")).scalars().all()
        plans = connection.execute(text("SELECT patient_id FROM fullscript_treatment_plan")).scalars().all()

    assert (sources, plans) == (["browser"] * 3, ["7"])
