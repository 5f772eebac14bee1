"""How a setting is declared: its variable, what it is for, and how its text is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Unreadable(ValueError):
    """A variable's text is not what its setting needs; the message names both."""


def read_text(env: str, text: str, kind: str) -> Any:
    """Read *text* as *kind*, a setting's annotation. Raises Unreadable."""
    return READERS.get(kind, _text)(env, text)


def _text(_env: str, text: str) -> str:
    return text


def _switch(env: str, text: str) -> bool:
    if text not in {"0", "1"}:
        raise Unreadable(f"{env} is {text!r}; it has to be 0 or 1.")
    return text == "1"


def _number(env: str, text: str) -> int:
    if not text.isdecimal():
        raise Unreadable(f"{env} is {text!r}; it has to be a whole number, 0 or more.")
    return int(text)


def _names(_env: str, text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _path(_env: str, text: str) -> Path:
    return Path(text).expanduser()


READERS: dict[str, Callable[[str, str], Any]] = {
    "bool": _switch,
    "bool | None": _switch,
    "int": _number,
    "tuple[str, ...]": _names,
    "Path": _path,
}


@dataclass(frozen=True)
class PerEnvironment:
    """A setting that each Fullscript environment has of its own: FULLSCRIPT_<NAME>_<suffix>.

    `in_production`: it is needed there, and elsewhere something does not work without it.
    """

    suffix: str
    text: str
    required: bool = False
    in_production: bool = False
    secret: bool = False

    def name(self, environment: str) -> str:
        """The variable's name for one environment: us-snd, CLIENT_ID -> FULLSCRIPT_US_SND_CLIENT_ID."""
        return f"FULLSCRIPT_{environment.upper().replace('-', '_')}_{self.suffix}"


PER_ENVIRONMENT = (
    PerEnvironment(
        "CLIENT_ID", "The application's client id, from the Fullscript API Dashboard.", required=True
    ),
    PerEnvironment("CLIENT_SECRET", "The application's client secret.", required=True, secret=True),
    PerEnvironment("PUBLIC_KEY", "The application's public key, which Embed starts with.", required=True),
    PerEnvironment(
        "WEBHOOK_CHALLENGE",
        "The challenge token of the webhook. Without it and a key every webhook is refused.",
        in_production=True,
        secret=True,
    ),
    PerEnvironment(
        "WEBHOOK_SIGNATURE_KEYS",
        "The webhook's signature keys, newest first.",
        in_production=True,
        secret=True,
    ),
    PerEnvironment(
        "REDIRECT_URI", "The redirect URI, if not the app's address with /fullscript/callback/<environment>."
    ),
    PerEnvironment("AUTHORIZE_URL", "Where people sign in, if not where Fullscript's guide says."),
    PerEnvironment("API_URL", "Where the REST API is, if not where Fullscript's guide says."),
    PerEnvironment("EMBED_ORIGIN", "Where Embed's frame comes from, if not where Fullscript's guide says."),
    PerEnvironment(
        "RESULT_HOSTS", "Hosts from which lab results may be fetched, if not those of the API and of Embed."
    ),
)


def about(env: str, text: str, *, group: str, shown: str = "") -> dict[str, str]:
    """The metadata of a setting: its variable, what it is for, and in words what its default is."""
    return {"env": env, "about": text, "group": group, "shown": shown}
