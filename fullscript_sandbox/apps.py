"""Apps: what a developer may register, and what a registration holds.

The dashboard's forms and the control plane both register here, so that both have the same rules.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update

from fullscript_sandbox import event_types
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import (
    App,
    AuthorizationCode,
    Event,
    FrameSession,
    QueuedWebhook,
    SessionGrant,
    Token,
    TreatmentPlan,
    WebhookDelivery,
)
from fullscript_sandbox.refusals import Invalid
from fullscript_sandbox.webhooks import queue

ENVIRONMENTS = {"us-snd": "US sandbox", "ca-snd": "CA sandbox"}
LEVELS = {
    "user": "User: every practitioner and staff member has a token of their own",
    "clinic": "Clinic: one token for a clinic, as apps made before 26 August 2021 have",
}

# Scope, and what it lets an app do, in words for the person who is asked (guide: "Set app scopes").
SCOPES = {
    "catalog:read": "See the catalog: brands, products and their sizes",
    "clinic:read": "See your clinic's account, its practitioners and its staff",
    "clinic:write": "Add and edit people of your clinic, and act for its practitioners",
    "patients:read": "See your patients, and treatment plans that this app made",
    "patients:write": "Add patients and change their details",
    "patients:treatment_plan_history": "See all treatment plans of your patients, past ones too",
    "patients:order_history": "See what your patients ordered",
}
ALWAYS_ON = "catalog:read"

# Endpoints that Fullscript opens for some apps only (field notes, P36).
RESTRICTED = {
    "treatment_plans.create": "Create treatment plans",
    "treatment_plans.activate": "Activate treatment plans",
    "products.list": "List all products",
    "products.similar": "List similar products",
    "products.search": "Search products",
}

# How webhooks hold their event: seen on the wire, and printed in the guide (field notes, 1.20).
ENVELOPES = {
    "event": 'Under "event", as live endpoints get it',
    "event_payload": 'Under "event_payload" and "event", as the guide\'s examples show it',
}

ROLLABLE = {
    "client_secret": "Client secret",
    "public_key": "Public key",
    "challenge_token": "Secret challenge token",
    "signature_key": "Fullscript-Signature secret key",
}
SHORTEST_SECRET = 16

# What would end a source in a Content-Security-Policy header, where origins are put.
_NOT_IN_A_URI = set(" \t\r\n;,'\"<>\\`{}|^")


def register(
    *,
    name: str,
    environment: str = "us-snd",
    redirect_uris: Iterable[str] = (),
    origin_uris: Iterable[str] = (),
    scopes: Iterable[str] = (ALWAYS_ON,),
    level: str = "user",
    restricted_grants: Iterable[str] = (),
    **webhooks: str | Iterable[str],
) -> App:
    """A new app with fresh credentials. The caller commits. Raises Invalid, with all that is wrong.

    *webhooks* is what `change` takes of them; without it there is no endpoint and nothing is subscribed to.
    """
    if environment not in ENVIRONMENTS:
        raise Invalid([f"Environment is {environment!r}; it has to be one of {', '.join(ENVIRONMENTS)}"])
    app = App(id=new_id(), environment=environment, created_at=now())
    for field in ("client_id", "client_secret", "public_key", "challenge_token", "signature_key"):
        setattr(app, field, new_secret())
    change(
        app,
        name=name,
        redirect_uris=redirect_uris,
        origin_uris=origin_uris,
        scopes=scopes,
        level=level,
        restricted_grants=restricted_grants,
        **webhooks,
    )
    db.session.add(app)
    return app


def change(app: App, **values: str | Iterable[str]) -> None:
    """Set what is given: name, redirect_uris, origin_uris, scopes, level, restricted_grants, webhook_url,
    webhook_events, webhook_envelope, challenge_token, signature_key.

    All or nothing; the caller commits. Tokens that users gave keep the scopes that they were given with
    (guide: "Set app scopes"). An empty webhook_url ends webhooks, another one begins with a clean record.
    Raises Invalid, with all that is wrong.
    """
    unknown = sorted(set(values) - set(_READERS))
    messages = [f"{field} is not something that can be set" for field in unknown]
    ready: dict[str, object] = {}
    for field in values.keys() & _READERS.keys():
        try:
            ready[field] = _READERS[field](values[field])
        except Invalid as error:
            messages += error.messages
    if messages:
        raise Invalid(messages)
    if ready.get("webhook_url", app.webhook_url) != app.webhook_url:
        app.webhook_disabled_at = app.webhook_disabled_reason = app.webhook_failing_since = None
        if ready["webhook_url"] is None:
            queue.drop(app_id=app.id)
    for field, value in ready.items():
        setattr(app, field, value)


def roll(app: App, field: str) -> str:
    """A new secret in the place of one of ROLLABLE, which opens nothing from now on. The caller commits."""
    if field not in ROLLABLE:
        raise Invalid([f"{field} cannot be rolled"])
    setattr(app, field, new_secret())
    return str(getattr(app, field))


def remove(app: App) -> None:
    """Delete *app* and all that was granted to it. Plans that were made with it stay. The caller commits."""
    db.session.execute(update(TreatmentPlan).where(TreatmentPlan.app_id == app.id).values(app_id=None))
    db.session.execute(update(Token).where(Token.app_id == app.id).values(previous_id=None))
    own_events = select(Event.id).where(Event.app_id == app.id)
    for told in QueuedWebhook, WebhookDelivery:  # by order of a test, other apps may be told of them too
        db.session.execute(delete(told).where((told.app_id == app.id) | told.event_id.in_(own_events)))
    for table in FrameSession, SessionGrant, AuthorizationCode, Token, Event:
        db.session.execute(delete(table).where(table.app_id == app.id))
    db.session.delete(app)


def new_secret() -> str:
    """43 url-safe characters, as Fullscript's own keys and tokens are (field notes, 1.2)."""
    return secrets.token_urlsafe(32)


def redirect_uri_problem(uri: str) -> str | None:
    """What is wrong with a redirect URI, or None. It is later compared character by character."""
    problem = _uri_problem(uri)
    if problem is None and "#" in uri:
        problem = "has a fragment; a code cannot be added behind it"
    return f"Redirect URI {uri} {problem}" if problem else None


def origin_uri_problem(uri: str) -> str | None:
    """What is wrong with an Origin URI, or None. Domains and full addresses will do, http too."""
    problem = _uri_problem(uri)
    return f"Origin URI {uri} {problem}" if problem else None


def webhook_url_problem(url: str) -> str | None:
    """What is wrong with an endpoint URL, or None. Fullscript wants https; http will do in the sandbox."""
    problem = _uri_problem(url)
    if problem is None and "#" in url:
        problem = "has a fragment, which is never sent"
    return f"Endpoint URL {url} {problem}" if problem else None


def _uri_problem(uri: str) -> str | None:
    if not uri.isascii() or not uri.isprintable() or _NOT_IN_A_URI & set(uri):
        return "has a character that a URI cannot have; encode it with %"
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "cannot be read; is its port a number?"
    if parts.scheme not in ("http", "https"):
        return "needs a scheme: start it with https:// (http:// will do in the sandbox)"
    if not host or "*" in host or "@" in parts.netloc:
        return "needs a host name, such as https://practice.example"
    return None


def _read_name(value: str | Iterable[str]) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        raise Invalid(["Name can't be blank"])
    return name


def _read_level(value: str | Iterable[str]) -> str:
    if not isinstance(value, str) or value not in LEVELS:
        raise Invalid([f"Level has to be one of {', '.join(LEVELS)}"])
    return value


def _read_uris(problem: Callable[[str], str | None]) -> Callable[[str | Iterable[str]], str]:
    def read(value: str | Iterable[str]) -> str:
        uris = list(dict.fromkeys(_words(value)))
        problems = [message for message in map(problem, uris) if message]
        if problems:
            raise Invalid(problems)
        return "\n".join(uris)

    return read


def _read_scopes(value: str | Iterable[str]) -> str:
    asked = {ALWAYS_ON, *_words(value)}
    _refuse_unknown("Scope", asked, SCOPES)
    return " ".join(scope for scope in SCOPES if scope in asked)


def _read_grants(value: str | Iterable[str]) -> list[str]:
    asked = set(_words(value))
    _refuse_unknown("Restricted endpoint", asked, RESTRICTED)
    return [name for name in RESTRICTED if name in asked]


def _read_webhook_url(value: str | Iterable[str]) -> str | None:
    url = value.strip() if isinstance(value, str) else ""
    problem = webhook_url_problem(url) if url else None
    if problem:
        raise Invalid([problem])
    return url or None


def _read_webhook_events(value: str | Iterable[str]) -> list[str]:
    asked = set(_words(value))
    _refuse_unknown("Event", asked, event_types.CATEGORIES)
    return [name for name in event_types.NAMES if name in asked]


def _read_envelope(value: str | Iterable[str]) -> str:
    if not isinstance(value, str) or value not in ENVELOPES:
        raise Invalid([f"Envelope has to be one of {', '.join(ENVELOPES)}"])
    return value


def _read_secret(field: str) -> Callable[[str | Iterable[str]], str]:
    def read(value: str | Iterable[str]) -> str:
        if not isinstance(value, str) or len(value) < SHORTEST_SECRET or not value.isascii():
            raise Invalid([f"{ROLLABLE[field]} has to be at least {SHORTEST_SECRET} ASCII characters"])
        return value

    return read


def _words(value: str | Iterable[str]) -> list[str]:
    """A list, or one string that white space separates."""
    words = value.split() if isinstance(value, str) else list(value)
    if not all(isinstance(word, str) for word in words):
        raise Invalid(["A list has to hold strings only"])
    return words


def _refuse_unknown(what: str, asked: set[str], known: dict[str, str]) -> None:
    unknown = sorted(asked - known.keys())
    if unknown:
        raise Invalid([f"{what} {name} is unknown; known are {', '.join(known)}" for name in unknown])


_READERS: dict[str, Callable[[str | Iterable[str]], object]] = {
    "name": _read_name,
    "level": _read_level,
    "redirect_uris": _read_uris(redirect_uri_problem),
    "origin_uris": _read_uris(origin_uri_problem),
    "scopes": _read_scopes,
    "restricted_grants": _read_grants,
    "webhook_url": _read_webhook_url,
    "webhook_events": _read_webhook_events,
    "webhook_envelope": _read_envelope,
    "challenge_token": _read_secret("challenge_token"),
    "signature_key": _read_secret("signature_key"),
}
