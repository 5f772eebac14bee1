"""Settings: the documented hosts, every fault at once, and what production refuses."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from fullscript_embed.environments import NAMES
from fullscript_embed.errors import SettingsInvalid
from fullscript_embed.settings import Settings, setting_name

KEY = Fernet.generate_key().decode()
# Of the webhook, which production cannot do without.
WEBHOOK = {"FULLSCRIPT_US_WEBHOOK_CHALLENGE": "told", "FULLSCRIPT_US_WEBHOOK_SIGNATURE_KEYS": "kept"}


def config(environment: str = "us-snd", **changes: Any) -> dict[str, Any]:
    """A configuration that is right."""
    credentials = {
        setting_name(environment, key): "x" for key in ("CLIENT_ID", "CLIENT_SECRET", "PUBLIC_KEY")
    }
    return {"SECRET_KEY": "random", "FULLSCRIPT_ENVIRONMENTS": environment, **credentials, **changes}


def faults(**changes: Any) -> str:
    """What is said about a configuration."""
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_config(config(**changes))
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "authorize", "api", "origin"),
    [
        (
            "us",
            "https://api-us.fullscript.io/oauth/authorize",
            "https://api-us.fullscript.io/api",
            "https://us.fullscript.com",
        ),
        (
            "ca",
            "https://api-ca.fullscript.io/oauth/authorize",
            "https://api-ca.fullscript.io/api",
            "https://ca.fullscript.com",
        ),
        (
            "us-snd",
            "https://us-snd.fullscript.io/oauth/authorize",
            "https://api-us-snd.fullscript.io/api",
            "https://us-snd.fullscript.io",
        ),
        (
            "ca-snd",
            "https://ca-snd.fullscript.io/oauth/authorize",
            "https://api-ca-snd.fullscript.io/api",
            "https://ca-snd.fullscript.io",
        ),
        (
            "local",
            "http://localhost:8001/oauth/authorize",
            "http://localhost:8001/api",
            "http://localhost:8001",
        ),
    ],
)
def test_the_documented_hosts_are_the_defaults(name: str, authorize: str, api: str, origin: str) -> None:
    """As the guide names them."""
    hosts = Settings.from_config(config(name)).environments[name].hosts

    assert (hosts.authorize_url, hosts.api_url, hosts.embed_origin) == (authorize, api, origin)


def test_every_host_can_be_set() -> None:
    """The vendor's pages disagree about them, so none is derived from another."""
    settings = Settings.from_config(
        config(
            FULLSCRIPT_US_SND_AUTHORIZE_URL="https://a.example/x",
            FULLSCRIPT_US_SND_API_URL="https://b.example/api/",
            FULLSCRIPT_US_SND_EMBED_ORIGIN="https://c.example",
        )
    )
    environment = settings.environments["us-snd"]

    assert environment.hosts.authorize_url == "https://a.example/x"
    assert environment.token_url == "https://b.example/api/oauth/token"
    assert environment.hosts.embed_origin == "https://c.example"


def test_several_environments_keep_their_order() -> None:
    """The first is the default."""
    settings = Settings.from_config(
        {**config("ca-snd"), **config(), "FULLSCRIPT_ENVIRONMENTS": "ca-snd,us-snd"}
    )

    assert list(settings.environments) == ["ca-snd", "us-snd"]


def test_all_faults_are_named() -> None:
    """Not only the first."""
    said = faults(
        FULLSCRIPT_US_SND_CLIENT_ID="",
        FULLSCRIPT_US_SND_PUBLIC_KEY=None,
        FULLSCRIPT_US_SND_API_URL="b.example",
        FULLSCRIPT_ENCRYPTION_KEYS="short",
        FULLSCRIPT_TIMEOUT="soon",
        SECRET_KEY="",
    )

    assert said.count("\n") == 6


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"FULLSCRIPT_ENVIRONMENTS": ""}, "FULLSCRIPT_ENVIRONMENTS is missing", id="none"),
        pytest.param({"FULLSCRIPT_ENVIRONMENTS": "mars"}, "'mars'; it may be one of us", id="unknown"),
        pytest.param({"FULLSCRIPT_TIMEOUT": "-1"}, "FULLSCRIPT_TIMEOUT has to be", id="a timeout below zero"),
        pytest.param({"FULLSCRIPT_ENCRYPTION_KEYS": f"{KEY},x"}, "key 2 is no Fernet key", id="a broken key"),
    ],
)
def test_a_fault_says_what_is_wanted(changes: dict[str, Any], says: str) -> None:
    """What we saw, and what would do."""
    assert says in faults(**changes)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"us", "ca"}])
def test_production_refuses_every_sandbox(name: str) -> None:
    """Real patients and test accounts do not meet."""
    with pytest.raises(SettingsInvalid, match="FULLSCRIPT_PRODUCTION refuses"):
        Settings.from_config(config(name, FULLSCRIPT_PRODUCTION="true", FULLSCRIPT_ENCRYPTION_KEYS=KEY))


def test_production_wants_keys_of_its_own() -> None:
    """A missing encryption key and a secret key that everybody knows are both named."""
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_config(config("us", FULLSCRIPT_PRODUCTION=True, SECRET_KEY="changeme", **WEBHOOK))

    assert len(raised.value.faults) == 2


def test_production_accepts_what_is_right() -> None:
    """The same, with keys."""
    settings = Settings.from_config(
        config("us", FULLSCRIPT_PRODUCTION="1", FULLSCRIPT_ENCRYPTION_KEYS=[KEY], **WEBHOOK)
    )

    assert (settings.production, settings.has_own_keys) == (True, True)


def test_no_secret_is_in_a_repr() -> None:
    """Settings may end up in a traceback."""
    settings = Settings.from_config(
        config(FULLSCRIPT_ENCRYPTION_KEYS=KEY, FULLSCRIPT_US_SND_CLIENT_SECRET="very-secret")
    )

    assert "very-secret" not in repr(settings)
    assert KEY not in repr(settings)


@pytest.mark.parametrize("missing", list(WEBHOOK))
def test_production_verifies_every_webhook(missing: str) -> None:
    """Without a challenge or a key it does not start, and says which of them it lacks."""
    given = {name: value for name, value in WEBHOOK.items() if name != missing}
    production = {"FULLSCRIPT_PRODUCTION": "1", "FULLSCRIPT_ENCRYPTION_KEYS": KEY, **given}

    assert faults(environment="us", **production).splitlines()[1:] == [
        f"  - {missing} is missing; production verifies every webhook"
    ]


def test_the_challenge_is_no_signature_key() -> None:
    """Whoever asks is told the challenge: as a key it would let everybody sign."""
    secrets = {"FULLSCRIPT_US_WEBHOOK_CHALLENGE": "one", "FULLSCRIPT_US_WEBHOOK_SIGNATURE_KEYS": "two, one"}

    assert "two different secrets" in faults(environment="us", **secrets)
