"""What can be set about the practice app: read once from the environment into a frozen object.

Every setting is declared here and nowhere else, with the sentence that documents it: `python -m
ehr.reference` writes docs/configuration.md and .env.example from these declarations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from click import ClickException
from dotenv import dotenv_values

from ehr.declaring import PER_ENVIRONMENT, Unreadable, about, read_text

ROOT = Path(__file__).resolve().parent.parent
# What `secrets.token_hex(16)` gives: 128 bits, the least that a signing key should have.
SECRET_KEY_LENGTH = 32
# How many different characters a random key of that length has at the very least.
SECRET_KEY_VARIETY = 8
EMBED_SCRIPTS = ("bundled", "cdn")
WITHOUT_CONNECTION = ("connect", "hide")
LARGEST_NUMBER = 65535
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
REAL_ENVIRONMENTS = ("us", "ca")


class SettingsInvalid(ClickException):
    """The app cannot run with these settings. `problems` has one sentence for each thing that is wrong.

    A ClickException, so that `flask` shows the sentences and no traceback.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The practice app cannot start:\n" + "".join(f"  - {text}\n" for text in problems))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one practice app. Only what is passed in counts; `from_env` reads the environment."""

    secret_key: str = field(
        repr=False,
        metadata=about(
            "SECRET_KEY",
            "Signs session cookies: at least 32 characters, made with `python -c 'import secrets; "
            "print(secrets.token_hex(32))'`, and the same in every process.",
            group="Basics",
        ),
    )
    production: bool | None = field(
        default=None,
        metadata=about(
            "PRODUCTION",
            "1 for real patients: starts with the environments us and ca only, and without demo accounts.",
            group="Basics",
            shown="1, unless DEMO is 1",
        ),
    )
    https: bool | None = field(
        default=None,
        metadata=about(
            "HTTPS",
            "1 for https only: Secure cookies, a redirect from http, and HSTS.",
            group="Basics",
            shown="as PRODUCTION",
        ),
    )
    demo: bool = field(
        default=False,
        metadata=about(
            "DEMO",
            "1 shows the demo accounts on the sign-in page, and hints on how to go on.",
            group="Basics",
        ),
    )
    host: str = field(default="127.0.0.1", metadata=about("HOST", "The address to listen on.", group="Web"))
    port: int = field(default=8000, metadata=about("PORT", "The port to listen on.", group="Web"))
    trusted_hosts: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "TRUSTED_HOSTS",
            "Host names that requests may be for, such as app.example.com; others get 400. The address "
            "that Fullscript sends people back to is made from this name.",
            group="Web",
            shown="any",
        ),
    )
    proxy_count: int = field(
        default=0,
        metadata=about(
            "PROXY_COUNT",
            "How many proxies stand in front and set X-Forwarded-For, -Proto and -Host.",
            group="Web",
        ),
    )
    instance_dir: Path = field(
        default=ROOT / "instance",
        metadata=about(
            "INSTANCE_DIR", "The folder for the SQLite files.", group="Data", shown="instance, beside app.py"
        ),
    )
    database_url: str = field(
        default="",
        repr=False,
        metadata=about(
            "DATABASE_URL",
            "The database: sqlite:/// or postgresql://.",
            group="Data",
            shown="practice.db in INSTANCE_DIR",
        ),
    )
    celery_broker_url: str = field(
        default="",
        repr=False,
        metadata=about(
            "CELERY_BROKER_URL",
            "The queue between web and worker: redis:// or another broker that Celery knows; none to work "
            "without a worker, in the request.",
            group="Data",
            shown="broker.db in INSTANCE_DIR",
        ),
    )
    rate_limit_storage_url: str = field(
        default="database://",
        repr=False,
        metadata=about(
            "RATE_LIMIT_STORAGE_URL",
            "Where sign-in attempts are counted: database:// or redis://.",
            group="Data",
        ),
    )
    session_idle_minutes: int = field(
        default=30,
        metadata=about(
            "SESSION_IDLE_MINUTES",
            "Minutes without activity after which somebody is signed out.",
            group="Sign-in",
        ),
    )
    session_hours: int = field(
        default=12,
        metadata=about("SESSION_HOURS", "Hours after which everybody has to sign in again.", group="Sign-in"),
    )
    log_level: str = field(
        default="INFO",
        metadata=about("LOG_LEVEL", "The least that is logged: DEBUG, INFO, WARNING or ERROR.", group="Logs"),
    )
    metrics_token: str = field(
        default="",
        repr=False,
        metadata=about(
            "METRICS_TOKEN",
            "The bearer token that /metrics asks for. Without one it answers this machine alone, and nobody "
            "who comes through a proxy.",
            group="Logs",
        ),
    )
    fullscript_environments: tuple[str, ...] = field(
        metadata=about(
            "FULLSCRIPT_ENVIRONMENTS",
            "The Fullscript environments to work with: us, ca, us-snd, ca-snd, and local or local-ca for "
            "the sandbox on this machine.",
            group="Fullscript",
        )
    )
    fullscript_encryption_keys: tuple[str, ...] = field(
        repr=False,
        metadata=about(
            "FULLSCRIPT_ENCRYPTION_KEYS",
            "Fernet keys that encrypt stored tokens, newest first, made with `python -c 'from "
            "cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`.",
            group="Fullscript",
        ),
    )
    fullscript_embed_script: str = field(
        default="bundled",
        metadata=about(
            "FULLSCRIPT_EMBED_SCRIPT",
            "Where the browser gets Fullscript's library: bundled (this app serves it) or cdn.",
            group="Fullscript",
        ),
    )
    fullscript_without_connection: str = field(
        default="connect",
        metadata=about(
            "FULLSCRIPT_WITHOUT_CONNECTION",
            "What becomes of buttons that need a connected account, for users without one: connect (they "
            "lead to connecting) or hide.",
            group="Fullscript",
        ),
    )
    fullscript_poll_minutes: int = field(
        default=15,
        metadata=about(
            "FULLSCRIPT_POLL_MINUTES",
            "Minutes between two polls of each clinic, for what no webhook brought.",
            group="Fullscript",
        ),
    )
    fullscript_keep_events_days: int = field(
        default=90,
        metadata=about(
            "FULLSCRIPT_KEEP_EVENTS_DAYS",
            "Days after which applied events are forgotten, 32 or more; what they meant stays.",
            group="Fullscript",
        ),
    )
    fullscript_rate_limit_storage_url: str = field(
        default="memory://",
        repr=False,
        metadata=about(
            "FULLSCRIPT_RATE_LIMIT_STORAGE_URL",
            "Where calls of Fullscript are counted against its limit: memory:// (each process by itself) or "
            "redis:// (all together).",
            group="Fullscript",
        ),
    )
    # FULLSCRIPT_<NAME>_<suffix> of the environments in use, as PER_ENVIRONMENT declares them.
    fullscript: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.production is None:
            object.__setattr__(self, "production", not self.demo)
        if self.https is None:
            object.__setattr__(self, "https", self.production)
        if problems := [*self._missing(), *self._wrong()]:
            raise SettingsInvalid(problems)

    @classmethod
    def from_env(cls, environ: Mapping[str, str | None]) -> Settings:
        """Read every setting from *environ*. An empty value counts as not set.

        Raises SettingsInvalid with *all* that is missing and wrong, so that one try shows everything.
        """
        given = {name: text.strip() for name, text in environ.items() if text and text.strip()}
        values: dict[str, Any] = {}
        problems = []
        for item in declared():
            try:
                values[item.name] = _value(item, given)
            except Unreadable as error:
                problems.append(str(error))
        values["fullscript"] = {k: v for k, v in given.items() if _is_per_environment(k)}
        try:
            settings = cls(**values)
        except SettingsInvalid as error:
            raise SettingsInvalid([*problems, *error.problems]) from None
        if problems:
            raise SettingsInvalid(problems)
        return settings

    @classmethod
    def here(cls, environ: Mapping[str, str]) -> Settings:
        """The settings of this machine: *environ*, and beneath it the file .env beside app.py."""
        return cls.from_env({**dotenv_values(ROOT / ".env"), **environ})

    @property
    def has_worker(self) -> bool:
        """False when what events bring is done in the request that brings them."""
        return self.celery_broker_url != "none"

    def _missing(self) -> list[str]:
        empty = [item for item in declared() if item.default is MISSING and not getattr(self, item.name)]
        named = [(item.metadata["env"], item.metadata["about"]) for item in empty]
        for environment in self.fullscript_environments:
            named += [
                (each.name(environment), each.text)
                for each in PER_ENVIRONMENT
                if (each.required or (each.in_production and self.production))
                and not self.fullscript.get(each.name(environment))
            ]
        return [f"{env} is not set. {about}" for env, about in named]

    def _wrong(self) -> Iterator[str]:
        if 0 < len(self.secret_key) < SECRET_KEY_LENGTH:
            yield f"SECRET_KEY has {len(self.secret_key)} characters; it needs at least {SECRET_KEY_LENGTH}."
        elif self.secret_key and len(set(self.secret_key)) < SECRET_KEY_VARIETY:
            yield "SECRET_KEY repeats a few characters; make a random one."
        if self.fullscript_embed_script not in EMBED_SCRIPTS:
            yield f"FULLSCRIPT_EMBED_SCRIPT is {self.fullscript_embed_script!r}; it has to be bundled or cdn."
        if self.fullscript_without_connection not in WITHOUT_CONNECTION:
            chosen = self.fullscript_without_connection
            yield f"FULLSCRIPT_WITHOUT_CONNECTION is {chosen!r}; it has to be connect or hide."
        if self.log_level not in LOG_LEVELS:
            yield f"LOG_LEVEL is {self.log_level!r}; it has to be one of {', '.join(LOG_LEVELS)}."
        for name in ("port", "session_idle_minutes", "session_hours", "fullscript_poll_minutes"):
            if not 1 <= getattr(self, name) <= LARGEST_NUMBER:
                yield f"{name.upper()} is {getattr(self, name)}; it has to be from 1 to {LARGEST_NUMBER}."
        if self.production:
            yield from self._wrong_in_production()

    def _wrong_in_production(self) -> Iterator[str]:
        unreal = [name for name in self.fullscript_environments if name not in REAL_ENVIRONMENTS]
        if self.demo:
            yield "DEMO is 1, and its accounts have a known password; unset DEMO, or set PRODUCTION=0."
        if not self.https:
            yield "HTTPS is 0; production sends its session cookie over https only."
        if unreal:
            yield (
                f"FULLSCRIPT_ENVIRONMENTS names {', '.join(unreal)}; production works with us and ca only. "
                "Set PRODUCTION=0 to try things out."
            )


def declared() -> list[Field[Any]]:
    """The settings that have a variable of their own, in the order in which they are documented."""
    return [item for item in fields(Settings) if "env" in item.metadata]


def _value(item: Field[Any], given: Mapping[str, str]) -> Any:
    """The setting's value; a required one that is not set is empty, for the constructor to name it."""
    text = given.get(item.metadata["env"])
    if text is not None:
        return read_text(item.metadata["env"], text, str(item.type))
    if item.default is MISSING:
        return () if str(item.type).startswith("tuple") else ""
    return item.default


def _is_per_environment(name: str) -> bool:
    return name.startswith("FULLSCRIPT_") and name.endswith(
        tuple(f"_{each.suffix}" for each in PER_ENVIRONMENT)
    )
