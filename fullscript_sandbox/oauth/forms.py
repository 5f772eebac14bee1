"""The forms of the OAuth pages. All carry a CSRF token."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, Form, PasswordField, SelectField, StringField, SubmitField
from wtforms.validators import DataRequired, ValidationError

from fullscript_sandbox import accounts
from fullscript_sandbox.models import App, User


class ConfirmForm(FlaskForm):
    """A button and nothing else: for what changes something and needs no input."""


class ConsentForm(FlaskForm):
    authorize = SubmitField("Authorize")
    cancel = SubmitField("Cancel")


class SignInForm(FlaskForm):
    """Finds `user`. With an app asking, only accounts of its country are let in."""

    email = EmailField("E-mail address", [DataRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [DataRequired("Enter your password.")])

    def __init__(self, app: App | None) -> None:
        super().__init__()
        self.asking = app
        self.user: User | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        self.user = accounts.check(self.email.data, self.password.data)
        problem = self._problem(self.user)
        if problem:
            self.form_errors.append(problem)
        return problem is None

    def _problem(self, user: User | None) -> str | None:
        if user is None:
            return "The e-mail address or the password is not right."
        if self.asking and user.clinic.country != self.asking.country:
            return (
                f"{user.email} is an account of the {user.clinic.country} sandbox. {self.asking.name} works "
                f"with the {self.asking.country} sandbox: sign in with an account of that one."
            )
        return None


def free_email(_form: Form, field: Field) -> None:
    """A validator: a well-formed address that no account has."""
    _raise(accounts.email_problem(field.data or ""))


def long_enough(_form: Form, field: Field) -> None:
    """A validator: a password that may be chosen."""
    _raise(accounts.password_problem(field.data or ""))


class SignUpForm(FlaskForm):
    """A new practitioner and their new clinic. With an app asking, its environment decides the country."""

    first_name = StringField("First name", [DataRequired("Enter your first name.")])
    last_name = StringField("Last name", [DataRequired("Enter your last name.")])
    email = EmailField("E-mail address", [DataRequired("Enter your e-mail address."), free_email])
    password = PasswordField("Password", [DataRequired("Choose a password."), long_enough])
    clinic_name = StringField("Name of your clinic", [DataRequired("Enter the name of your clinic.")])
    country = SelectField("Country", choices=list(accounts.COUNTRIES.items()))

    def __init__(self, app: App | None) -> None:
        super().__init__()
        if app is not None:
            self.country.data = app.country

    @property
    def account(self) -> dict[str, str]:
        """What a new account is made from."""
        return {field: self[field].data for field in ("first_name", "last_name", "email", "password")}


def _raise(problem: str | None) -> None:
    if problem:
        raise ValidationError(f"{problem}.")
