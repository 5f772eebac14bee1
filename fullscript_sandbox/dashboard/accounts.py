"""Test accounts: practitioners and staff to sign in as, in clinics of an application's country."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from fullscript_sandbox import accounts, apps
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.forms import NEW_CLINIC, TestAccountForm
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, User
from fullscript_sandbox.refusals import Invalid
from fullscript_sandbox.seed import PASSWORD


@bp.route("/apps/<app_id>/accounts", methods=["GET", "POST"])
def test_accounts(app_id: str) -> str | Response | tuple[str, int]:
    """The accounts that can authorize the application, and a form that creates another."""
    app = db.get_or_404(App, app_id)
    clinics = _clinics(app)
    form = TestAccountForm([(clinic.id, clinic.name) for clinic in clinics] + [(NEW_CLINIC, "A new clinic")])
    user = _create(form, app) if form.validate_on_submit() else None
    if user is not None:
        flash(f"{user.name} can sign in as {user.email} with the password {PASSWORD}.", "success")
        return redirect(url_for("dashboard.test_accounts", app_id=app.id))
    page = render_template(
        "dashboard/accounts.html",
        app=app,
        form=form,
        clinics=clinics,
        password=PASSWORD,
        environment=apps.ENVIRONMENTS.get(app.environment, app.environment),
    )
    return (page, 422) if form.is_submitted() else page


def _clinics(app: App) -> list[Clinic]:
    query = select(Clinic).where(Clinic.country == app.country).order_by(Clinic.created_at, Clinic.id)
    return list(db.session.scalars(query.options(selectinload(Clinic.users))))


def _create(form: TestAccountForm, app: App) -> User | None:
    """The account, in a new clinic as its owner; None, with the reason in the form, when it cannot be."""
    try:
        user = accounts.new_user(**form.account, password=PASSWORD)
    except Invalid as error:
        form.form_errors.extend(f"{message}." for message in error.messages)
        return None
    if form.clinic.data == NEW_CLINIC:
        accounts.open_clinic(f"{user.last_name} Clinic", app.country, user)
    else:
        user.clinic = db.session.get_one(Clinic, form.clinic.data)
    db.session.add(user)
    db.session.commit()
    return user
