"""flask fullscript …: tables, status, doctor, in a host of any engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from fullscript_embed.models import Base
from fullscript_embed.tables import VERSION_TABLE
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import Host, HostUser, create_host, settings_for

URL = "http://localhost"


@pytest.fixture
def bare(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> Iterator[Host]:
    """A host on each engine whose tables were not made yet."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        yield host


def test_upgrade_makes_what_the_models_say(bare: Host) -> None:
    """After the migrations there is no difference between the models and the database."""
    exit_code, printed = bare.runs("upgrade")
    with bare.app.app_context(), bare.extension.db.engine.connect() as connection:
        options = {
            "version_table": VERSION_TABLE,
            "include_name": lambda name, kind, _parents: kind != "table" or name in Base.metadata.tables,
        }
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, Base.metadata)

    assert (exit_code, printed) == (0, "The tables are at 0008.\n")
    assert differences == []


def test_upgrade_twice_changes_nothing(bare: Host) -> None:
    """It belongs into every release."""
    bare.runs("upgrade")

    assert bare.runs("upgrade") == (0, "The tables are at 0008.\n")


def test_all_tables_are_prefixed(bare: Host) -> None:
    """The host's own tables cannot be hit."""
    bare.runs("upgrade")
    with bare.app.app_context():
        names = inspect(bare.extension.db.engine).get_table_names()

    assert VERSION_TABLE in names
    assert {name.partition("_")[0] for name in names} == {"fullscript"}


def test_doctor_finds_nothing_wrong(bare: Host) -> None:
    """A host that is well says so in every line."""
    bare.runs("upgrade")
    exit_code, printed = bare.runs("doctor", "--url", URL)

    assert (exit_code, "FAILED" in printed) == (0, False)
    assert "client id and secret: known to Fullscript" in printed


def test_doctor_misses_the_tables(bare: Host) -> None:
    """And names the command that makes them."""
    exit_code, printed = bare.runs("doctor", "--url", URL)

    assert exit_code == 1
    assert "FAILED  tables: not there\n          Run `flask fullscript upgrade`." in printed


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        pytest.param("CLIENT_SECRET", "wrong", "client id and secret: not accepted", id="the secret"),
        pytest.param("CLIENT_ID", "wrong", "is not registered for this client id", id="the client id"),
        pytest.param(
            "REDIRECT_URI", "http://localhost/other", "/other is not registered", id="the redirect URI"
        ),
        pytest.param("API_URL", "http://127.0.0.1:9/api", "API: http://127.0.0.1:9/api: Conn", id="the API"),
    ],
)
def test_doctor_finds_what_is_wrong(
    sandbox: Sandbox,
    partner_app: SandboxApp,
    host_config: dict[str, str],
    setting: str,
    value: str,
    says: str,
) -> None:
    """Each fault has a line of its own, and the exit code tells scripts."""
    app = create_host({**host_config, f"FULLSCRIPT_LOCAL_{setting}": value})
    with Host(sandbox, partner_app, app) as host:
        host.make_tables()
        exit_code, printed = host.runs("doctor", "--url", URL)

    assert (exit_code, says in printed) == (1, True)


def test_doctor_finds_missing_scopes(sandbox: Sandbox, partner_app: SandboxApp, bare: Host) -> None:
    """What Embed needs and the tokens do not have."""
    sandbox.change_app(partner_app, scopes=["clinic:read", "clinic:write", "patients:write"])
    bare.runs("upgrade")
    bare.user("maya").connects()
    printed = bare.runs("doctor", "--url", URL)[1]

    assert "connections without patients:treatment_plan_history" in printed


def test_status_shows_who_is_connected(connected: HostUser) -> None:
    """Ids and state, and no token."""
    exit_code, printed = connected.host.runs("status")

    assert (exit_code, "user maya" in printed, "connected" in printed) == (0, True, True)
    assert str(connected.host.connection().access_token) not in printed


def test_a_generated_key_is_one_that_is_accepted(host: Host, host_config: dict[str, str]) -> None:
    """`generate-key` prints what FULLSCRIPT_ENCRYPTION_KEYS takes."""
    key = host.runs("generate-key")[1].strip()

    assert create_host({**host_config, "FULLSCRIPT_ENCRYPTION_KEYS": key})
