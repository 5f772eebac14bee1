"""Reading the practice app's settings: everything that is missing or wrong is named at once."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ehr.config import celery_config, flask_config, sqlalchemy_url
from ehr.settings import Settings, SettingsInvalid

SECRET = secrets.token_hex(32)
KEY = Fernet.generate_key().decode()
# The least that has to be set, for trying things out.
ENOUGH = {
    "PRODUCTION": "0",
    "SECRET_KEY": SECRET,
    "FULLSCRIPT_ENVIRONMENTS": "us-snd",
    "FULLSCRIPT_ENCRYPTION_KEYS": KEY,
    "FULLSCRIPT_US_SND_CLIENT_ID": "id",
    "FULLSCRIPT_US_SND_CLIENT_SECRET": "a-client-secret",
    "FULLSCRIPT_US_SND_PUBLIC_KEY": "public",
}
PRODUCTION = {name.replace("US_SND", "US"): value for name, value in ENOUGH.items()} | {
    "PRODUCTION": "1",
    "FULLSCRIPT_ENVIRONMENTS": "us",
    "FULLSCRIPT_US_WEBHOOK_CHALLENGE": "challenge",
    "FULLSCRIPT_US_WEBHOOK_SIGNATURE_KEYS": "key",
}


def test_an_empty_environment_names_everything_that_is_missing() -> None:
    """With nothing set, the error names each variable without a default."""
    with pytest.raises(SettingsInvalid) as caught:
        Settings.from_env({})

    assert [text.split()[0] for text in caught.value.problems] == [
        "SECRET_KEY",
        "FULLSCRIPT_ENVIRONMENTS",
        "FULLSCRIPT_ENCRYPTION_KEYS",
    ]


def test_each_environment_asks_for_its_own_credentials() -> None:
    """A second environment without credentials is asked for all three of them."""
    with pytest.raises(SettingsInvalid) as caught:
        Settings.from_env(ENOUGH | {"FULLSCRIPT_ENVIRONMENTS": "us-snd, ca-snd"})

    assert [text.split()[0] for text in caught.value.problems] == [
        "FULLSCRIPT_CA_SND_CLIENT_ID",
        "FULLSCRIPT_CA_SND_CLIENT_SECRET",
        "FULLSCRIPT_CA_SND_PUBLIC_KEY",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"SECRET_KEY": "short"}, "SECRET_KEY has 5 characters", id="short secret key"),
        pytest.param({"SECRET_KEY": "changeme" * 8}, "SECRET_KEY repeats", id="repeated secret key"),
        pytest.param({"DEMO": "yes"}, "DEMO is 'yes'; it has to be 0 or 1", id="switch that is a word"),
        pytest.param({"PORT": "http"}, "PORT is 'http'", id="port that is a word"),
        pytest.param({"PORT": "70000"}, "PORT is 70000", id="port beyond the last"),
        pytest.param({"SESSION_HOURS": "0"}, "SESSION_HOURS is 0", id="sessions of no length"),
        pytest.param({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'", id="unknown log level"),
        pytest.param(
            {"FULLSCRIPT_EMBED_SCRIPT": "npm"}, "bundled or cdn", id="unknown source of the library"
        ),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, str], said: str) -> None:
    """A value that cannot work stops the start, with what was seen and what is wanted."""
    with pytest.raises(SettingsInvalid, match=said):
        Settings.from_env(ENOUGH | change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"DEMO": "1"}, "DEMO is 1", id="demo accounts"),
        pytest.param({"HTTPS": "0"}, "HTTPS is 0", id="http"),
        pytest.param({"FULLSCRIPT_ENVIRONMENTS": "local"}, "names local", id="the sandbox"),
        pytest.param({"FULLSCRIPT_ENVIRONMENTS": "us,us-snd"}, "names us-snd", id="Fullscript's sandbox"),
        pytest.param(
            {"FULLSCRIPT_ENCRYPTION_KEYS": ""}, "FULLSCRIPT_ENCRYPTION_KEYS", id="no encryption key"
        ),
        pytest.param(
            {"FULLSCRIPT_US_WEBHOOK_CHALLENGE": ""}, "US_WEBHOOK_CHALLENGE is not set", id="no challenge"
        ),
        pytest.param(
            {"FULLSCRIPT_US_WEBHOOK_SIGNATURE_KEYS": ""}, "SIGNATURE_KEYS is not set", id="no signature key"
        ),
        pytest.param({"SECRET_KEY": "dev"}, "SECRET_KEY has 3", id="a key that everybody knows"),
    ],
)
def test_production_refuses(change: dict[str, str], said: str) -> None:
    """What is fine for trying things out stops the start in production."""
    with pytest.raises(SettingsInvalid, match=said):
        Settings.from_env(PRODUCTION | change)


def test_production_is_what_nothing_else_was_said_for() -> None:
    """Without PRODUCTION and DEMO the app takes itself to be in production, over https."""
    settings = Settings.from_env({name: text for name, text in PRODUCTION.items() if name != "PRODUCTION"})

    assert (settings.production, settings.https) == (True, True)


def test_demo_mode_is_not_production() -> None:
    """DEMO=1 alone is enough to work with the sandbox over http."""
    given = {name: text for name, text in ENOUGH.items() if name != "PRODUCTION"}

    settings = Settings.from_env(given | {"DEMO": "1"})

    assert (settings.production, settings.https) == (False, False)


def test_no_secret_is_in_the_text_of_the_settings() -> None:
    """Settings that end up in a log or a traceback show no key, password or client secret."""
    settings = Settings.from_env(ENOUGH | {"DATABASE_URL": "postgresql://app:hunter2@db/practice"})

    shown = repr(settings)

    assert not [text for text in (SECRET, KEY, "a-client-secret", "hunter2") if text in shown]


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://app@db/practice", "postgresql+psycopg://app@db/practice"),
        ("postgresql://app@db/practice", "postgresql+psycopg://app@db/practice"),
        ("postgresql+psycopg://app@db/practice", "postgresql+psycopg://app@db/practice"),
        ("sqlite:////tmp/own.db", "sqlite:////tmp/own.db"),
    ],
)
def test_both_spellings_of_postgresql_mean_the_same_driver(given: str, used: str) -> None:
    """DATABASE_URL may begin with postgres:// or postgresql://, as hosting companies write it."""
    settings = Settings.from_env(ENOUGH | {"DATABASE_URL": given})

    assert sqlalchemy_url(settings) == used


def test_without_urls_database_and_broker_are_files_of_the_instance_folder(tmp_path: Path) -> None:
    """One machine needs no server: both are SQLite files in INSTANCE_DIR."""
    settings = Settings.from_env(ENOUGH | {"INSTANCE_DIR": str(tmp_path)})

    assert sqlalchemy_url(settings) == f"sqlite:///{tmp_path / 'practice.db'}"
    assert celery_config(settings)["broker_url"] == f"sqla+sqlite:///{tmp_path / 'broker.db'}"


def test_the_settings_of_an_environment_reach_the_extension() -> None:
    """FULLSCRIPT_… variables of the environments are in Flask's configuration under their own names."""
    config = flask_config(Settings.from_env(ENOUGH | {"FULLSCRIPT_US_SND_API_URL": "https://api.example"}))

    assert config["FULLSCRIPT_US_SND_CLIENT_SECRET"] == "a-client-secret"
    assert config["FULLSCRIPT_US_SND_API_URL"] == "https://api.example"
