"""The settings of an application: OAuth, Embed, and its secrets, which no page holds until asked for."""

from __future__ import annotations

from flask import Response, abort, flash, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirection

from fullscript_sandbox import apps
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.forms import EmbedForm, OAuthForm
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App
from fullscript_sandbox.oauth.forms import ConfirmForm

Answer = str | Redirection | tuple[str, int]


@bp.route("/apps/<app_id>", methods=["GET", "POST"])
def oauth_settings(app_id: str) -> Answer:
    """Client id and secret, redirect URIs, scopes, level, restricted endpoints."""
    app = db.get_or_404(App, app_id)
    form = OAuthForm.of(app)
    if not form.validate_on_submit():
        return _page("dashboard/oauth.html", app, form)
    fields = ("name", "redirect_uris", "scopes", "level", "restricted_grants")
    _change(app, {field: form[field].data for field in fields})
    return redirect(url_for("dashboard.oauth_settings", app_id=app.id))


@bp.route("/apps/<app_id>/embed", methods=["GET", "POST"])
def embed_settings(app_id: str) -> Answer:
    """Public key and the addresses on which Fullscript Embed may be opened."""
    app = db.get_or_404(App, app_id)
    form = EmbedForm.of(app)
    if not form.validate_on_submit():
        return _page("dashboard/embed.html", app, form)
    _change(app, {"origin_uris": form.origin_uris.data})
    return redirect(url_for("dashboard.embed_settings", app_id=app.id))


@bp.post("/apps/<app_id>/secrets/<field>")
def reveal(app_id: str, field: str) -> Response:
    """One of an application's secrets, as JSON, for the Reveal and Copy buttons."""
    app = db.get_or_404(App, app_id)
    if field not in apps.ROLLABLE:
        abort(404)
    if not ConfirmForm().validate_on_submit():
        abort(400)
    response = jsonify(value=getattr(app, field))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/apps/<app_id>/roll/<field>")
def roll(app_id: str, field: str) -> Redirection:
    """Replace one of an application's secrets. The one before stops at once; tokens go on."""
    app = db.get_or_404(App, app_id)
    if field not in apps.ROLLABLE:
        abort(404)
    if ConfirmForm().validate_on_submit():
        apps.roll(app, field)
        db.session.commit()
        flash(f"{apps.ROLLABLE[field]} was rolled. The one before does not work any more.", "success")
    else:
        flash(EXPIRED, "warning")
    tab = TAB_OF.get(field, "oauth_settings")
    return redirect(url_for(f"dashboard.{tab}", app_id=app.id))


# Where a secret is shown, if not with the OAuth settings.
TAB_OF = {
    "public_key": "embed_settings",
    "challenge_token": "webhook_settings",
    "signature_key": "webhook_settings",
}
EXPIRED = "Nothing was changed: the page had been open for too long. Please try again."


def _change(app: App, values: dict[str, str | list[str]]) -> None:
    apps.change(app, **values)
    db.session.commit()
    flash("Saved.", "success")


def _page(template: str, app: App, form: OAuthForm | EmbedForm) -> Answer:
    page = render_template(
        template,
        app=app,
        form=form,
        confirm=ConfirmForm(),
        environment=apps.ENVIRONMENTS.get(app.environment, app.environment),
    )
    return (page, 422) if form.is_submitted() else page
