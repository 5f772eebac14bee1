"""Applications: the list, a new one, the end of one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from fullscript_sandbox import apps
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.forms import ApplicationForm
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Token
from fullscript_sandbox.oauth.forms import ConfirmForm

Answer = str | Response | tuple[str, int]


@bp.get("/")
def applications() -> str:
    """All applications of this sandbox, and how many people authorized each."""
    users = func.count(Token.user_id.distinct())
    query = (
        select(App, users)
        .outerjoin(Token, (Token.app_id == App.id) & Token.revoked_at.is_(None))
        .group_by(App.id)
        .order_by(App.created_at, App.id)
    )
    rows = db.session.execute(query).all()
    return render_template("dashboard/applications.html", rows=rows, environments=apps.ENVIRONMENTS)


@bp.route("/apps/new", methods=["GET", "POST"])
def new_application() -> Answer:
    """Create an application."""
    form = ApplicationForm()
    if not form.validate_on_submit():
        page = render_template("dashboard/new_application.html", form=form)
        return (page, 422) if form.is_submitted() else page
    app = apps.register(
        name=form.name.data, environment=form.environment.data, redirect_uris=form.redirect_uris.data
    )
    db.session.commit()
    flash(f"{app.name} is ready. Choose its scopes next.", "success")
    return redirect(url_for("dashboard.oauth_settings", app_id=app.id))


@bp.route("/apps/<app_id>/delete", methods=["GET", "POST"])
def delete_application(app_id: str) -> Answer:
    """Ask, then delete an application with all tokens that users gave it."""
    app = db.get_or_404(App, app_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("dashboard/delete.html", app=app, form=form)
    name = app.name
    apps.remove(app)
    db.session.commit()
    flash(f"{name} was deleted.", "success")
    return redirect(url_for("dashboard.applications"))
