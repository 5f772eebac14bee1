"""Apps, as a developer would register them on the dashboard."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select

from fullscript_sandbox import apps, event_types
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App
from fullscript_sandbox.refusals import NotFound
from fullscript_sandbox.webhooks import deliveries

Environment = Literal["us-snd", "ca-snd"]
Level = Literal["user", "clinic"]
Envelope = Literal["event", "event_payload"]


class AppOrder(Message):
    """An app to register. Without scopes it gets all; `level` is clinic for apps from before 2021-08-26.

    Without `webhook_events` it subscribes to all; nothing is sent before it has a `webhook_url`, which is not
    called to check it, as the dashboard does. Without secrets of its own it gets fresh ones.
    """

    name: str
    redirect_uris: list[str] = Field(default_factory=list)
    origin_uris: list[str] = Field(default_factory=list)
    scopes: list[str] = Field(default=list(apps.SCOPES))
    environment: Environment = "us-snd"
    level: Level = "user"
    restricted_grants: list[str] = Field(default_factory=list)
    webhook_url: str | None = None
    webhook_events: list[str] = Field(default=list(event_types.NAMES))
    webhook_envelope: Envelope = "event"
    challenge_token: str | None = None
    signature_key: str | None = None


class AppChange(Message):
    """What to change of an app; what is left out stays. An empty `webhook_url` ends its webhooks.

    `webhook_disabled` disables its endpoint, as too many failures do, or enables it, as the dashboard does.
    """

    name: str | None = None
    redirect_uris: list[str] | None = None
    origin_uris: list[str] | None = None
    scopes: list[str] | None = None
    level: Level | None = None
    restricted_grants: list[str] | None = None
    webhook_url: str | None = None
    webhook_events: list[str] | None = None
    webhook_envelope: Envelope | None = None
    webhook_disabled: bool | None = None
    challenge_token: str | None = None
    signature_key: str | None = None


class RegisteredApp(AppOrder):
    """An app with everything that its developer needs, secrets included: nothing here is real."""

    id: str
    client_id: str
    client_secret: str
    public_key: str
    challenge_token: str
    signature_key: str
    webhook_disabled: bool


class RegisteredApps(Message):
    apps: list[RegisteredApp]


@bp.get("/apps")
@speaks(gives=RegisteredApps)
def list_apps() -> RegisteredApps:
    """All registered apps with their credentials, oldest first."""
    found = db.session.scalars(select(App).order_by(App.created_at, App.id))
    return RegisteredApps(apps=[_shown(app) for app in found])


@bp.post("/apps")
@speaks(takes=AppOrder, gives=RegisteredApp, status=HTTPStatus.CREATED)
def create_app(body: AppOrder) -> RegisteredApp:
    """Register an app, by the same rules as the dashboard."""
    app = apps.register(**body.model_dump(exclude_none=True))
    db.session.commit()
    return _shown(app)


@bp.patch("/apps/<app_id>")
@speaks(takes=AppChange, gives=RegisteredApp)
def change_app(app_id: str, body: AppChange) -> RegisteredApp:
    """Change an app. Tokens keep the scopes that they were given with."""
    app = db.session.get(App, app_id)
    if app is None:
        raise NotFound("App")
    apps.change(app, **body.model_dump(exclude_none=True, exclude={"webhook_disabled"}))
    if body.webhook_disabled is not None:
        _disable(app, body.webhook_disabled)
    db.session.commit()
    return _shown(app)


def _disable(app: App, disabled: bool) -> None:
    if disabled:
        deliveries.disable(app, "The control plane disabled it.")
    else:
        deliveries.enable(app)


def _shown(app: App) -> RegisteredApp:
    derived: dict[str, Any] = {
        "redirect_uris": app.redirect_uris.split(),
        "origin_uris": app.origin_uris.split(),
        "scopes": app.scope_list,
        "webhook_disabled": app.webhook_disabled_at is not None,
    }
    columns = {name: getattr(app, name) for name in RegisteredApp.model_fields.keys() - derived.keys()}
    return RegisteredApp(**columns, **derived)
