"""Signing in and out."""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from ehr import demo, sign_ins
from ehr.audit import record
from ehr.database import db
from ehr.models import User
from ehr.throttle import PER_ACCOUNT, PER_ADDRESS, account_and_address, failed, limiter

bp = Blueprint("login", __name__)

# One text for every reason, so that nobody learns which addresses have an account.
REFUSED = "This e-mail address and password do not match. Check both and try again."


class SignInForm(FlaskForm):
    """Who somebody is, and where they were going."""

    email = EmailField(
        "E-mail address", validators=[InputRequired("Enter your e-mail address."), Length(max=254)]
    )
    password = PasswordField("Password", validators=[InputRequired("Enter your password."), Length(max=500)])
    next = HiddenField()


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(PER_ADDRESS, key_func=get_remote_address, methods=["POST"], deduct_when=failed)
@limiter.limit(PER_ACCOUNT, key_func=account_and_address, methods=["POST"], deduct_when=failed)
def sign_in() -> str | Response | tuple[str, int]:
    """Sign somebody in and send them where they were going. Failures count towards the limit (429)."""
    if sign_ins.signed_in_user():
        return redirect(url_for("home.index"))
    form = SignInForm(data={"next": request.args.get("next", "")})
    if not form.validate_on_submit():
        return _page(form, status=422 if form.is_submitted() else 200)
    user = find_user(form.email.data, form.password.data)
    if user is None:
        record("sign_in.failed", user_id=owner_of(form.email.data))
        flash(REFUSED, "danger")
        return _page(form, status=422)
    sign_ins.start(user)
    record("sign_in.made")
    return redirect(own_path(form.next.data) or url_for("home.index"))


@bp.post("/sign-out")
@sign_ins.required()
def sign_out() -> Response:
    """End the stay, for every copy of its cookie."""
    record("sign_in.ended")
    sign_ins.end()
    flash("You are signed out.", "success")
    return redirect(url_for("login.sign_in"))


def find_user(email: str, password: str) -> User | None:
    """The user with this address and password. Takes as long for an address that nobody has."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        check_password_hash(nobodys_hash(), password)
        return None
    return user if user.has_password(password) else None


@cache
def nobodys_hash() -> str:
    """What is compared when there is no such account."""
    return generate_password_hash("nobody has this password", method="scrypt")


def owner_of(email: str) -> str | None:
    """Whose account somebody tried to get into, for the audit trail; None when it is nobody's."""
    found = db.session.scalar(select(User.id).where(User.email == email.strip().lower()))
    return None if found is None else str(found)


def own_path(target: str | None) -> str | None:
    """*target* when it is a path of this app, else None: nobody is sent elsewhere after signing in.

    A way to Fullscript becomes the page that it began on: browsers follow a form's redirect to another
    origin only if the page's policy allows it, and ours does not.
    """
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    if any(ord(char) < ord(" ") for char in target):  # browsers drop these before they read the address
        return None
    parts = urlsplit(target)
    if parts.path == url_for("fullscript.connect"):
        return own_path(next(iter(parse_qs(parts.query).get("next", [])), None))
    return None if parts.scheme or parts.netloc else target


def _page(form: SignInForm, *, status: int) -> tuple[str, int]:
    practices = demo.PRACTICES if current_app.config["SETTINGS"].demo else ()
    return (
        render_template("sign_in.html", form=form, demo_practices=practices, demo_password=demo.PASSWORD),
        status,
    )
