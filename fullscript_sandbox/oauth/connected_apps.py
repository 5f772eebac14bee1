"""Settings: the apps that a user authorized, and the button that ends one of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import flash, redirect, render_template, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from fullscript_sandbox.apps import SCOPES
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Token, User
from fullscript_sandbox.oauth import bp, tokens
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.session import login_required, signed_in_user


class ConnectedApp(NamedTuple):
    """An app that can act for a user, since when, and when it last did."""

    app: App
    since: datetime
    last_used_at: datetime | None
    scopes: list[str]


@bp.get("/settings/connected-apps")
@login_required
def connected_apps() -> str:
    """The apps that act for the signed-in user."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- login_required
    return render_template(
        "oauth/connected_apps.html", user=user, connected=_of(user), form=ConfirmForm(), words=SCOPES
    )


@bp.post("/settings/connected-apps/<app_id>/revoke")
@login_required
def revoke_app(app_id: str) -> Response:
    """End every token of one app for the signed-in user, as the guide says that users can."""
    user = signed_in_user()
    app = db.get_or_404(App, app_id)
    if user is None or not ConfirmForm().validate_on_submit():
        flash("Nothing was changed: the page had been open for too long. Please try again.", "warning")
    else:
        tokens.revoke_app_for(app, user)
        db.session.commit()
        flash(f"{app.name} can no longer act for you.", "success")
    return redirect(url_for("oauth.connected_apps"))


def _of(user: User) -> list[ConnectedApp]:
    query = (
        select(
            App,
            func.min(Token.created_at),
            func.max(Token.last_used_at),
            func.group_concat(Token.scope.distinct()),
        )
        .join(Token, Token.app_id == App.id)
        .where(Token.user_id == user.id, Token.revoked_at.is_(None))
        .group_by(App.id)
        .order_by(App.name)
    )
    return [
        ConnectedApp(app, since, used, _in_order(text))
        for app, since, used, text in db.session.execute(query)
    ]


def _in_order(text: str) -> list[str]:
    """The scopes of one or several authorizations, without repetition, in the order of the dashboard."""
    given = set(text.replace(",", " ").split())
    return [scope for scope in SCOPES if scope in given]
