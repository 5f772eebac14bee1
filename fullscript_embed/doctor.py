"""flask fullscript doctor: what keeps the integration from working, and what to do about each.

It only looks: nothing is changed here or at Fullscript, and nothing that it prints is secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from fullscript_embed import inbox, oauth, tables
from fullscript_embed.api import CredentialsRefused, FullscriptError, GrantRefused
from fullscript_embed.api.rate_limit import storage_of
from fullscript_embed.environments import Environment
from fullscript_embed.models import CONNECTED, RECONNECT, Connection, InboxEvent, PendingRevocation
from fullscript_embed.settings import IN_MEMORY, setting_name
from fullscript_embed.state import current
from fullscript_embed.upstream import CONNECT_TIMEOUT, READ_TIMEOUT

# The guide's list for Embed, and what product names need (the guide: Configure scopes).
NEEDED_SCOPES = (
    "clinic:read",
    "clinic:write",
    "patients:write",
    "patients:treatment_plan_history",
    "catalog:read",
)
# Seconds. Webhook signatures tolerate five minutes, and tokens and grants should not be told wrong times.
LARGEST_SKEW = 30
UNAUTHORIZED, NOT_FOUND = 401, 404


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. *good* is None when it could not be; *advice* says what to do."""

    name: str
    good: bool | None
    found: str
    advice: str = ""


def examine(base_url: str | None, *, now: Callable[[], datetime]) -> Iterator[Finding]:
    """Look at everything. *base_url* is where users reach this application, if it is known."""
    yield from _look_at_settings()
    yield from _look_at_tables()
    yield _look_at_rate_limit()
    for environment in current().settings.environments.values():
        yield _look_at_webhook_secrets(environment)
        yield from _look_at_hosts(environment, now=now)
        yield _look_at_credentials(environment)
        yield _look_at_redirect_uri(environment, base_url)


def _look_at_settings() -> Iterator[Finding]:
    settings = current().settings
    yield Finding("settings", good=True, found=f"environments: {', '.join(settings.environments)}")
    if settings.has_own_keys:
        yield Finding("encryption keys", good=True, found=f"{len(settings.encryption_keys)} configured")
    else:
        yield Finding(
            "encryption keys",
            good=None,
            found="none; tokens are under a key made from SECRET_KEY",
            advice="Fine for development. For production set FULLSCRIPT_ENCRYPTION_KEYS to what "
            "`flask fullscript generate-key` prints.",
        )


def _look_at_tables() -> Iterator[Finding]:
    have, need = tables.revision(), tables.newest()
    if have != need:
        found = f"at revision {have}, needed is {need}" if have else "not there"
        yield Finding("tables", good=False, found=found, advice="Run `flask fullscript upgrade`.")
        return
    yield Finding("tables", good=True, found=f"at revision {have}")
    try:
        yield from (_look_at_keys(), *_look_at_connections(), *_look_at_leftovers())
    except SQLAlchemyError as error:
        yield Finding(
            "tables",
            good=False,
            found=f"reading them failed ({type(error).__name__})",
            advice="Check DATABASE_URL and the database's permissions.",
        )


def _look_at_keys() -> Finding:
    lost = tables.count_unreadable()
    if not lost:
        return Finding("stored tokens", good=True, found="all can be read")
    return Finding(
        "stored tokens",
        good=False,
        found=f"{lost} that no key opens",
        advice="Put the earlier key behind the others in FULLSCRIPT_ENCRYPTION_KEYS, or let those users "
        "connect again.",
    )


def _look_at_connections() -> Iterator[Finding]:
    session = current().db_session
    rows = session.scalars(select(Connection).where(Connection.status.in_((CONNECTED, RECONNECT)))).all()
    lacking = {scope for row in rows if row.is_usable for scope in NEEDED_SCOPES if scope not in row.scopes}
    yield Finding("connections", good=True, found=f"{len(rows)}")
    if lacking:
        yield Finding(
            "scopes",
            good=False,
            found=f"connections without {', '.join(sorted(lacking))}",
            advice="Add them on Fullscript's API dashboard, then let the users connect again: a token keeps "
            "the scopes that it was given with.",
        )


def _look_at_leftovers() -> Iterator[Finding]:
    session = current().db_session
    waiting = session.scalar(select(func.count(InboxEvent.id)).where(inbox.is_open()))
    told = session.scalar(select(func.count()).select_from(PendingRevocation))
    yield Finding(
        "events",
        good=not waiting,
        found=f"{waiting} not done",
        advice="See `flask fullscript status`, then run `flask fullscript replay`." if waiting else "",
    )
    yield Finding(
        "revocations",
        good=not told,
        found=f"{told} that Fullscript does not know of",
        advice="Run `flask fullscript sweep`; the tokens are forgotten here already." if told else "",
    )


def _look_at_rate_limit() -> Finding:
    name, storage = "rate limit", current().settings.rate_limit_storage
    if storage == IN_MEMORY:
        return Finding(
            name,
            good=None,
            found="counted by each process for itself",
            advice="Fine for a few processes. For more set FULLSCRIPT_RATE_LIMIT_STORAGE_URL to a Redis.",
        )
    if storage_of(storage).check():
        return Finding(name, good=True, found="one count for all processes")
    return Finding(
        name,
        good=False,
        found="its storage does not answer; calls go on uncounted",
        advice="Start the Redis of FULLSCRIPT_RATE_LIMIT_STORAGE_URL, or correct that address.",
    )


def _look_at_webhook_secrets(environment: Environment) -> Finding:
    name = f"{environment.name}: webhook secrets"
    secrets = {
        "WEBHOOK_CHALLENGE": environment.webhook_challenge,
        "WEBHOOK_SIGNATURE_KEYS": environment.webhook_signature_keys,
    }
    missing = [setting_name(environment.name, key) for key, value in secrets.items() if not value]
    if not missing:
        return Finding(name, good=True, found="both are there")
    return Finding(
        name,
        good=None,
        found=f"without {' and '.join(missing)}",
        advice="Every webhook is refused, and events come by polling alone. Copy both secrets from the "
        "application's webhook settings on Fullscript's API dashboard.",
    )


def _look_at_hosts(environment: Environment, *, now: Callable[[], datetime]) -> Iterator[Finding]:
    hosts = environment.hosts
    for what, url in (("authorize page", hosts.authorize_url), ("Embed origin", hosts.embed_origin)):
        answer = _get(url)
        yield _reachable(f"{environment.name}: {what}", url, answer)
    answer = _get(f"{hosts.api_url}/clinic")
    yield _reachable(f"{environment.name}: API", hosts.api_url, answer)
    if isinstance(answer, requests.Response):
        yield _look_at_api(environment, answer)
        yield look_at_clock(environment.name, answer, now=now())


def _look_at_api(environment: Environment, answer: requests.Response) -> Finding:
    right = answer.status_code == UNAUTHORIZED
    return Finding(
        f"{environment.name}: API answers",
        good=right,
        found="401 without a token, as it should"
        if right
        else f"{answer.status_code} without a token, not 401",
        advice=""
        if right
        else f"{environment.hosts.api_url} is not Fullscript's API; correct API_URL, which ends in /api.",
    )


def look_at_clock(environment: str, answer: requests.Response, *, now: datetime) -> Finding:
    """Compare our clock with the date of an answer of Fullscript's."""
    name = f"{environment}: clock"
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return Finding(name, good=None, found="Fullscript's answer has no date to compare with")
    skew = round((now - theirs).total_seconds())
    good = abs(skew) <= LARGEST_SKEW
    advice = "" if good else "Set this machine's clock by NTP; webhook signatures are refused when it is off."
    return Finding(name, good=good, found=f"{skew:+d} s from Fullscript's", advice=advice)


def _look_at_credentials(environment: Environment) -> Finding:
    """An invented code is refused either way, but for another reason when the application is not known."""
    name = f"{environment.name}: client id and secret"
    try:
        oauth.exchange(environment, current().upstream, code="doctor", redirect_uri="https://doctor.invalid/")
    except GrantRefused:
        return Finding(name, good=True, found="known to Fullscript")
    except CredentialsRefused:
        return Finding(
            name,
            good=False,
            found="not accepted",
            advice="Compare both with the application's page on Fullscript's API dashboard; each environment "
            "has its own.",
        )
    except FullscriptError as error:
        return Finding(name, good=None, found=f"could not be asked ({error.reason})")
    return Finding(name, good=False, found="an invented code was accepted, so this is not Fullscript")


def _look_at_redirect_uri(environment: Environment, base_url: str | None) -> Finding:
    """An address that is not registered is answered with 404, not with an OAuth error (field notes, P9)."""
    name = f"{environment.name}: redirect URI"
    uri = environment.redirect_uri or _callback(environment, base_url)
    if uri is None:
        return Finding(
            name,
            good=None,
            found="not known outside of a request",
            advice="Say where users reach this application: `flask fullscript doctor --url https://…`.",
        )
    answer = _get(oauth.authorize_url(environment, redirect_uri=uri, state="doctor"))
    if isinstance(answer, str):
        return Finding(name, good=None, found=f"{uri} could not be checked ({answer})")
    if answer.status_code == NOT_FOUND:
        return Finding(
            name,
            good=False,
            found=f"{uri} is not registered for this client id",
            advice="Register it on Fullscript's API dashboard, character for character.",
        )
    return Finding(name, good=True, found=uri)


def _callback(environment: Environment, base_url: str | None) -> str | None:
    app = current().app
    if base_url is None and not app.config.get("SERVER_NAME"):
        return None
    with app.test_request_context(base_url=base_url):
        return url_for("fullscript.callback", environment=environment.name, _external=True)


def _reachable(name: str, url: str, answer: requests.Response | str) -> Finding:
    if isinstance(answer, str):
        host = urlsplit(url).netloc
        advice = f"Check the name {host}, the network and any proxy; this machine has to reach it."
        return Finding(name, good=False, found=f"{url}: {answer}", advice=advice)
    return Finding(name, good=True, found=f"{url} answers")


def _get(url: str) -> requests.Response | str:
    """The answer, redirects not followed; or why there is none."""
    try:
        return requests.get(url, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), allow_redirects=False)
    except requests.RequestException as error:
        return type(error).__name__
