"""Everything that is read from the host's configuration, once, with every fault named in one message."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet
from limits.errors import ConfigurationError

from fullscript_embed.api.rate_limit import storage_of
from fullscript_embed.environments import DEFAULT_HOSTS, NAMES, Environment, Hosts
from fullscript_embed.errors import SettingsInvalid
from fullscript_embed.upstream import READ_TIMEOUT

# Values that stand in tutorials and examples, so everybody knows them.
DEFAULT_SECRET_KEYS = frozenset({"", "dev", "development", "secret", "changeme", "change-me", "top-secret!"})
REQUIRED = ("CLIENT_ID", "CLIENT_SECRET", "PUBLIC_KEY")
# The default of each, and the least that it may be. Fullscript tells of an event for thirty days: one that
# was forgotten earlier would come in again.
JOB_SETTINGS = {"poll_minutes": (15, 1), "keep_events_days": (90, 32)}
# What the macros do with what needs a connection, for who has none: lead to connecting, or show nothing.
WITHOUT_CONNECTION = ("connect", "hide")
# Where calls are counted when nothing else is said: by each process for itself.
IN_MEMORY = "memory://"
URL_SETTINGS = ("AUTHORIZE_URL", "API_URL", "EMBED_ORIGIN", "REDIRECT_URI")
# A name such as files.example.com, or with a port.
_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """The extension's settings. *environments* keeps the order in which they were named."""

    environments: Mapping[str, Environment]
    encryption_keys: tuple[str, ...] = field(repr=False)
    has_own_keys: bool
    production: bool
    read_timeout: float
    poll_minutes: int
    keep_events_days: int
    hides_without_connection: bool
    # May hold a password.
    rate_limit_storage: str = field(default=IN_MEMORY, repr=False)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Read *config*, or raise SettingsInvalid with everything that is wrong in it."""
        names = _words(config.get("FULLSCRIPT_ENVIRONMENTS"))
        production = _truth(config.get("FULLSCRIPT_PRODUCTION"))
        keys = _words(config.get("FULLSCRIPT_ENCRYPTION_KEYS"))
        faults = [*_faults(config, names), *_key_faults(keys), *_timeout_faults(config), *_job_faults(config)]
        faults += _storage_faults(config)
        faults += _choice_faults(config)
        if production:
            faults += _production_faults(config, names, keys)
        if faults:
            raise SettingsInvalid(faults)
        return cls(
            environments={name: _environment(config, name) for name in names},
            encryption_keys=keys or (_derived_key(str(config["SECRET_KEY"])),),
            has_own_keys=bool(keys),
            production=production,
            read_timeout=float(config.get("FULLSCRIPT_TIMEOUT") or READ_TIMEOUT),
            rate_limit_storage=str(config.get("FULLSCRIPT_RATE_LIMIT_STORAGE_URL") or IN_MEMORY),
            hides_without_connection=config.get("FULLSCRIPT_WITHOUT_CONNECTION") == "hide",
            **{
                name: int(config.get(f"FULLSCRIPT_{name.upper()}") or default)
                for name, (default, _least) in JOB_SETTINGS.items()
            },
        )


def setting_name(environment: str, key: str) -> str:
    """FULLSCRIPT_US_SND_CLIENT_ID for ("us-snd", "CLIENT_ID")."""
    return f"FULLSCRIPT_{environment.upper().replace('-', '_')}_{key}"


def _environment(config: Mapping[str, Any], name: str) -> Environment:
    def value(key: str) -> str | None:
        return str(config.get(setting_name(name, key)) or "").strip() or None

    default = DEFAULT_HOSTS[name]
    return Environment(
        name=name,
        hosts=Hosts(
            (value("AUTHORIZE_URL") or default.authorize_url).rstrip("/"),
            (value("API_URL") or default.api_url).rstrip("/"),
            (value("EMBED_ORIGIN") or default.embed_origin).rstrip("/"),
        ),
        client_id=value("CLIENT_ID") or "",
        client_secret=value("CLIENT_SECRET") or "",
        public_key=value("PUBLIC_KEY") or "",
        webhook_challenge=value("WEBHOOK_CHALLENGE"),
        webhook_signature_keys=_words(config.get(setting_name(name, "WEBHOOK_SIGNATURE_KEYS"))),
        redirect_uri=value("REDIRECT_URI"),
        result_hosts=_words(config.get(setting_name(name, "RESULT_HOSTS"))),
    )


def _faults(config: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    if not names:
        yield f"FULLSCRIPT_ENVIRONMENTS is missing; name one or more of {', '.join(NAMES)}"
    if not config.get("SECRET_KEY"):
        yield "SECRET_KEY is missing; sessions and CSRF tokens need it"
    for name in names:
        if name not in NAMES:
            yield f"FULLSCRIPT_ENVIRONMENTS names {name!r}; it may be one of {', '.join(NAMES)}"
            continue
        for key in REQUIRED:
            if not config.get(setting_name(name, key)):
                yield f"{setting_name(name, key)} is missing"
        yield from _url_faults(config, name)
        yield from _webhook_faults(config, name)
        yield from _result_host_faults(config, name)


def _url_faults(config: Mapping[str, Any], name: str) -> Iterator[str]:
    for key in URL_SETTINGS:
        url = str(config.get(setting_name(name, key)) or "https://")
        if not url.startswith(("https://", "http://")):
            yield f"{setting_name(name, key)} is {url!r}; it has to begin with https://"


def _result_host_faults(config: Mapping[str, Any], name: str) -> Iterator[str]:
    setting = setting_name(name, "RESULT_HOSTS")
    for host in _words(config.get(setting)):
        if not _HOST.fullmatch(host):
            yield f"{setting} has {host!r}; it takes names of hosts, without https:// and without a path"


def _webhook_faults(config: Mapping[str, Any], name: str) -> Iterator[str]:
    challenge, keys = setting_name(name, "WEBHOOK_CHALLENGE"), setting_name(name, "WEBHOOK_SIGNATURE_KEYS")
    # Whoever asks is told the challenge; with it as a key, everybody could sign (field notes, P23).
    if str(config.get(challenge) or "").strip() in _words(config.get(keys)):
        yield f"{keys} has the value of {challenge}; Fullscript's dashboard shows two different secrets"
    if _truth(config.get("FULLSCRIPT_PRODUCTION")):
        for setting in (challenge, keys):
            if not _words(config.get(setting)):
                yield f"{setting} is missing; production verifies every webhook"


def _key_faults(keys: tuple[str, ...]) -> Iterator[str]:
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            yield (
                f"FULLSCRIPT_ENCRYPTION_KEYS: key {number} is no Fernet key; make one with "
                "`flask fullscript generate-key`"
            )


def _timeout_faults(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        good = float(config.get("FULLSCRIPT_TIMEOUT") or READ_TIMEOUT) > 0
    except ValueError:
        good = False
    if not good:
        yield "FULLSCRIPT_TIMEOUT has to be a number of seconds, more than 0"


def _job_faults(config: Mapping[str, Any]) -> Iterator[str]:
    for name, (default, least) in JOB_SETTINGS.items():
        text = str(config.get(f"FULLSCRIPT_{name.upper()}") or default)
        if not text.isdecimal() or int(text) < least:
            yield f"FULLSCRIPT_{name.upper()} is {text!r}; it has to be a whole number, {least} or more"


def _choice_faults(config: Mapping[str, Any]) -> Iterator[str]:
    chosen = config.get("FULLSCRIPT_WITHOUT_CONNECTION") or WITHOUT_CONNECTION[0]
    if chosen not in WITHOUT_CONNECTION:
        yield f"FULLSCRIPT_WITHOUT_CONNECTION is {chosen!r}; it has to be connect or hide"


def _storage_faults(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        storage_of(str(config.get("FULLSCRIPT_RATE_LIMIT_STORAGE_URL") or IN_MEMORY))
    except (ConfigurationError, ValueError):  # its text may quote a password
        yield (
            "FULLSCRIPT_RATE_LIMIT_STORAGE_URL cannot be used; it has to be memory:// or redis://…, and that "
            'needs pip install "fullscript-embed[redis]"'
        )


def _production_faults(
    config: Mapping[str, Any], names: tuple[str, ...], keys: tuple[str, ...]
) -> Iterator[str]:
    for name in names:
        if name not in {"us", "ca"}:
            yield f"FULLSCRIPT_ENVIRONMENTS names {name!r}, which FULLSCRIPT_PRODUCTION refuses; use us or ca"
    if not keys:
        yield "FULLSCRIPT_ENCRYPTION_KEYS is missing; production keeps tokens under a key of their own"
    if str(config.get("SECRET_KEY") or "").lower() in DEFAULT_SECRET_KEYS:
        yield "SECRET_KEY is one that everybody knows; production needs a random one"


def _derived_key(secret_key: str) -> str:
    """A Fernet key for development, where losing it costs a second of connecting again."""
    return base64.urlsafe_b64encode(
        hashlib.sha256(b"fullscript tokens " + secret_key.encode()).digest()
    ).decode()


def _words(value: Any) -> tuple[str, ...]:
    """A list as it is, or a text split at commas and spaces."""
    words = value.replace(",", " ").split() if isinstance(value, str) else (value or ())
    return tuple(str(word).strip() for word in words if str(word).strip())


def _truth(value: Any) -> bool:
    return str(value or "").strip().lower() in {"1", "true", "yes", "on"}
