"""The signed-in user's own page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from ehr import sign_ins
from ehr.audit import record
from ehr.database import db
from ehr.throttle import PER_ACCOUNT, failed, limiter

bp = Blueprint("profile", __name__)

SHORTEST_PASSWORD = 12  # NIST SP 800-63B asks for 8 at least, and for 15 where nothing else is asked for


class PasswordForm(FlaskForm):
    """A new password, and the proof that it is its owner who sets it."""

    current = PasswordField(
        "Current password", [InputRequired("Enter your current password."), Length(max=500)]
    )
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(min=SHORTEST_PASSWORD, max=500, message="Use 12 characters or more."),
        ],
    )
    repeated = PasswordField(
        "New password again", [EqualTo("new", "This is not the same as the new password.")]
    )

    def validate_current(self, field: Field) -> None:
        if not sign_ins.the_user().has_password(field.data):
            raise ValidationError("This is not your current password.")


def my_account() -> str:
    """Whose password is being tried."""
    user = sign_ins.signed_in_user()
    return f"password of {user.id}" if user else "password of nobody"


@bp.route("/profile", methods=["GET", "POST"])
@sign_ins.required()
@limiter.limit(PER_ACCOUNT, key_func=my_account, methods=["POST"], deduct_when=failed)
def show() -> Any:
    """Show who is signed in; change the password, which ends the user's stays in other browsers."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("profile.html", form=form), 422 if form.is_submitted() else 200
    user = sign_ins.the_user()
    user.set_password(form.new.data)
    db.session.commit()
    sign_ins.end_others(user)
    record("password.changed")
    flash("Your password was changed. You are signed out everywhere else.", "success")
    return redirect(url_for("profile.show"))
