"""Signing in, signing up, signing out. `next` leads back to what was asked for, within the sandbox only."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from fullscript_sandbox import accounts, session
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, User
from fullscript_sandbox.oauth import bp
from fullscript_sandbox.oauth.forms import ConfirmForm, SignInForm, SignUpForm
from fullscript_sandbox.oauth.request import asking_app
from fullscript_sandbox.refusals import Invalid
from fullscript_sandbox.seed import PASSWORD

Answer = str | Response | tuple[str, int]

# Enough for the seeded people and a few more; the sign-in page is not a directory.
SHOWN_ACCOUNTS = 16


@bp.route("/login", methods=["GET", "POST"])
def login() -> Answer:
    """Sign in a practitioner or staff member."""
    app = asking_app(_next())
    form = SignInForm(app)
    if form.validate_on_submit() and form.user is not None:
        session.sign_in(form.user)
        return redirect(_next())
    return _page("oauth/login.html", form, app=app, clinics=_known_people(app), password=PASSWORD)


@bp.route("/signup", methods=["GET", "POST"])
def signup() -> Answer:
    """Create a practitioner and the clinic that they own, and sign them in."""
    app = asking_app(_next())
    form = SignUpForm(app)
    owner = _create_owner(form) if form.validate_on_submit() else None
    if owner is not None:
        session.sign_in(owner)
        return redirect(_next())
    return _page("oauth/signup.html", form, app=app)


@bp.post("/logout")
def logout() -> Answer:
    """Sign out; with `next`, ask who wants to go on there instead ("switch account")."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _page("oauth/logout.html", form)
    session.sign_out()
    if "next" in request.args:
        return redirect(f"{url_for('oauth.login')}?{urlencode({'next': _next()})}")
    return redirect(url_for("pages.start"))


@bp.get("/logout")
def ask_logout() -> str:
    """The button that signs out, for those who come by the address."""
    return render_template("oauth/logout.html", form=ConfirmForm())


def _next() -> str:
    return session.own_path(request.args.get("next"), url_for("pages.start"))


def _page(template: str, form: ConfirmForm, **values: object) -> Answer:
    page = render_template(template, form=form, next=request.args.get("next"), **values)
    return (page, 422) if form.is_submitted() else page


def _known_people(app: App | None) -> dict[Clinic, list[User]]:
    """Who can sign in, to choose from: this is a sandbox. With an app asking, people of its country."""
    query = select(User).join(User.clinic).order_by(Clinic.created_at, User.created_at).limit(SHOWN_ACCOUNTS)
    if app is not None:
        query = query.where(Clinic.country == app.country)
    people: dict[Clinic, list[User]] = {}
    for user in db.session.scalars(query):
        people.setdefault(user.clinic, []).append(user)
    return people


def _create_owner(form: SignUpForm) -> User | None:
    """The account in its clinic; None, with the reason in the form, when the address was just taken."""
    try:
        user = accounts.new_user(**form.account)
    except Invalid as error:
        form.form_errors.extend(f"{message}." for message in error.messages)
        return None
    accounts.open_clinic(form.clinic_name.data, form.country.data, user)
    db.session.commit()
    return user
