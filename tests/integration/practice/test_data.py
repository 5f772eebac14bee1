"""The tables and the demo's people, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click import ClickException
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import func, inspect, select, text

from app import create_app
from ehr.database import db
from ehr.declaring import PER_ENVIRONMENT
from ehr.demo import LINKED_FULLSCRIPT_ID, PRACTICES
from ehr.fullscript import as_fullscript_user, fullscript
from ehr.fullscript import environment as environment_of
from ehr.models import Patient, Practice, User
from ehr.throttle import DatabaseStorage
from ehr.worker import celery_of
from tests.practice_host import Visitor, close, prepare, settings_in, words

PAGES = (
    "/patients",
    "/patients?page=3",
    "/patients/1",
    "/patients/1/edit",
    "/integrations",
    "/fullscript/patients/1/plans",
)
ADMINISTRATORS_PAGES = (
    "/admin/people",
    "/admin/audit?action=sign_in.made&patient=1",
    "/admin/audit?before=99999999999",
)


@pytest.fixture
def empty_app(engine_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A practice app on a database of either kind in which nothing is yet."""
    app = create_app(settings_in(tmp_path, database_url=engine_url))
    yield app
    close(app)


@pytest.fixture
def seeded_app_on_each(empty_app: Flask) -> Flask:
    """A seeded practice app on a database of either kind."""
    prepare(empty_app)
    return empty_app


def test_the_migrations_make_what_the_models_say(empty_app: Flask) -> None:
    """After `flask db upgrade` no table, column or index differs from the models."""
    prepare(empty_app)

    with empty_app.app_context():
        check()  # raises when a migration is missing


def test_the_migrations_can_be_taken_back(empty_app: Flask) -> None:
    """Downgrading takes every table of the practice app away, and none of the extension's."""
    prepare(empty_app)
    with empty_app.app_context():
        db.session.remove()
        downgrade(revision="base")

        left = inspect(db.engine).get_table_names()

        assert [name for name in left if not name.startswith("fullscript_")] == ["alembic_version"]
        assert "fullscript_connection" in left
        upgrade()


def test_the_seed_makes_the_cast_on_both_databases(empty_app: Flask) -> None:
    """Three practices, their people, and more patients than one page shows."""
    prepare(empty_app)

    with empty_app.app_context():
        number = select(Practice.name, func.count(Patient.id)).join(Patient).group_by(Practice.name)
        counts = dict(db.session.execute(number).all())

        assert counts == {practice.name: practice.patients for practice in PRACTICES}
        assert db.session.scalar(select(func.count(User.id))) == 14


def test_pages_are_read_from_both_databases(seeded_app_on_each: Flask) -> None:
    """What one database takes without a word the other takes too."""
    maya = Visitor(seeded_app_on_each).signs_in_as("practitioner")
    admin = Visitor(seeded_app_on_each).signs_in_as("administrator")
    refused = [path for path in PAGES if maya.opens(path).status_code != 200]
    refused += [path for path in ADMINISTRATORS_PAGES if admin.opens(path).status_code != 200]

    assert refused == []


def test_notes_and_patients_are_written_to_both_databases(seeded_app_on_each: Flask) -> None:
    """Forms end up in the tables, accents and all."""
    maya = Visitor(seeded_app_on_each).signs_in_as("practitioner")
    maya.submits("/patients/new", {"first_name": "Zoë", "last_name": "Ångström", "sex": ""})
    maya.submits("/patients/1/notes", {"note": "Été"})

    assert "Ångström, Zoë" in words(maya.submits("/patients", {"query": "zoe angstrom"}))
    assert "Été" in words(maya.opens("/patients/1"))


def test_a_second_seed_keeps_what_was_changed(practice_app: Flask) -> None:
    """`flask seed` on a database in use adds nothing and puts nothing back."""
    with practice_app.app_context():
        amelia = db.session.scalars(select(Patient).where(Patient.first_name == "Amelia")).first()
        amelia.last_name = "Changed"
        db.session.commit()
        before = db.session.scalar(select(func.count(Patient.id)))

    result = practice_app.test_cli_runner().invoke(args=["seed"])

    assert result.output == "Everybody is there already.\n"
    with practice_app.app_context():
        assert db.session.scalar(select(func.count(Patient.id))) == before


def test_the_seed_refuses_production(make_app: Callable[..., Any]) -> None:
    """Accounts with a known password never get into a production database."""
    needed = [each for each in PER_ENVIRONMENT if each.required or each.in_production]
    credentials = {each.name("us"): each.suffix for each in needed}
    app = make_app(demo=False, production=True, fullscript_environments=("us",), fullscript=credentials)

    result = app.test_cli_runner().invoke(args=["seed"])

    assert result.exit_code == 1
    assert "not in production" in result.output


def test_one_patient_is_linked_from_the_start(practice_app: Flask) -> None:
    """Priya is known to Fullscript by the id that the sandbox's seed gives her."""
    with practice_app.app_context():
        priya = db.session.scalars(select(Patient).where(Patient.first_name == "Priya")).one()
        link = fullscript.patient_link(
            str(priya.id), environment="local", clinic_id="1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
        )

        assert link is not None
        assert link.fullscript_patient_id == LINKED_FULLSCRIPT_ID


def test_sqlite_keeps_its_promises(practice_app: Flask) -> None:
    """Readers do not wait for writers, and a row cannot refer to one that is not there."""
    with practice_app.app_context():
        settings = [db.session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")]

        assert settings == ["wal", 1]


def test_attempts_are_counted_on_both_databases(empty_app: Flask) -> None:
    """Each try adds one to its own key until the window ends."""
    with empty_app.app_context():
        upgrade()
        storage = DatabaseStorage("database://")
        counts = [storage.incr("one", 60), storage.incr("one", 60), storage.incr("other", 60)]
        storage.clear("one")

        assert (counts, storage.get("one"), storage.get("other")) == ([1, 2, 1], 0, 1)


@pytest.mark.parametrize(
    ("practice", "environment"),
    [("Juniper Integrative Health", "local"), ("Cedar & Stone Naturopathic", "local-ca")],
)
def test_a_practice_works_in_its_own_country(practice_app: Flask, practice: str, environment: str) -> None:
    """Accounts of one country do not work in the other, so each practice has its own environment."""
    with practice_app.test_request_context():
        user = db.session.scalars(select(User).join(Practice).where(Practice.name == practice)).first()

        assert environment_of(as_fullscript_user(user)) == environment


def test_a_worker_gets_the_apps_queue_and_tasks(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """`celery --app app:celery_app` works on the queue that the web processes write to."""
    celery = celery_of(make_app(celery_broker_url=""))

    assert celery.conf.broker_url == f"sqla+sqlite:///{tmp_path / 'broker.db'}"
    assert [name for name in celery.tasks if name.startswith("fullscript")]


def test_a_worker_of_an_app_without_one_is_told_so(practice_app: Flask) -> None:
    """With CELERY_BROKER_URL=none there is nothing for a worker to do."""
    with pytest.raises(ClickException, match="works without a worker"):
        celery_of(practice_app)
