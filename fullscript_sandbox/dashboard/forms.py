"""The forms of the dashboard. What a registration may hold is decided in apps.py, for all doors alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Field,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from fullscript_sandbox import apps, event_types
from fullscript_sandbox.accounts import TYPES
from fullscript_sandbox.models import App
from fullscript_sandbox.oauth.forms import free_email

LONGEST_NAME = 200
NEW_CLINIC = "new"


class Uris:
    """A validator: each URI of the text, which white space separates, has to pass *problem*."""

    def __init__(self, problem: Callable[[str], str | None]) -> None:
        self.problem = problem

    def __call__(self, _form: Form, field: Field) -> None:
        problems = [text for uri in (field.data or "").split() if (text := self.problem(uri))]
        if problems:
            raise ValidationError(" ".join(f"{text}." for text in problems))


class EndpointUrl:
    """A validator: nothing, or an address that webhooks can be sent to."""

    def __call__(self, _form: Form, field: Field) -> None:
        url = (field.data or "").strip()
        problem = apps.webhook_url_problem(url) if url else None
        if problem:
            raise ValidationError(f"{problem}.")


class CheckboxesField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ApplicationForm(FlaskForm):
    """A new application."""

    name = StringField("Application name", [DataRequired("Enter a name."), Length(max=LONGEST_NAME)])
    environment = SelectField("Environment", choices=list(apps.ENVIRONMENTS.items()))
    redirect_uris = StringField(
        "Redirect URI", [DataRequired("Enter a redirect URI."), Uris(apps.redirect_uri_problem)]
    )


class OAuthForm(FlaskForm):
    """OAuth settings of an application."""

    name = StringField("Application name", [DataRequired("Enter a name."), Length(max=LONGEST_NAME)])
    redirect_uris = TextAreaField("Redirect URIs", [Uris(apps.redirect_uri_problem)])
    scopes = CheckboxesField("OAuth scopes", choices=list(apps.SCOPES.items()))
    level = RadioField("Level of authorization", choices=list(apps.LEVELS.items()))
    restricted_grants = CheckboxesField("Restricted endpoints", choices=list(apps.RESTRICTED.items()))

    @classmethod
    def of(cls, app: App) -> OAuthForm:
        """The form as sent, or filled in with what *app* has."""
        return cls(data=_lists(app))


class WebhookForm(FlaskForm):
    """Webhook settings of an application. Saving calls the endpoint; see webhooks.py."""

    webhook_url = StringField("Endpoint URL for receiving events", [EndpointUrl()])
    webhook_events = CheckboxesField(
        "Webhook events", choices=[(one.name, one.label) for one in event_types.TYPES]
    )
    webhook_envelope = RadioField("Body", choices=list(apps.ENVELOPES.items()))

    @classmethod
    def of(cls, app: App) -> WebhookForm:
        """The form as sent, or filled in with what *app* has."""
        return cls(data={field: getattr(app, field) for field in cls.FIELDS})

    FIELDS = ("webhook_url", "webhook_events", "webhook_envelope")

    @property
    def values(self) -> dict[str, Any]:
        """What apps.change takes."""
        return {field: self[field].data or "" for field in self.FIELDS}


class EmbedForm(FlaskForm):
    """Fullscript Embed settings of an application."""

    origin_uris = TextAreaField("Origin URI", [Uris(apps.origin_uri_problem)])

    @classmethod
    def of(cls, app: App) -> EmbedForm:
        """The form as sent, or filled in with what *app* has."""
        return cls(origin_uris=" ".join(app.origin_uris.split()))


class TestAccountForm(FlaskForm):
    """A practitioner or staff member to sign in as."""

    first_name = StringField("First name", [DataRequired("Enter a first name.")])
    last_name = StringField("Last name", [DataRequired("Enter a last name.")])
    email = EmailField("E-mail address", [DataRequired("Enter an e-mail address."), free_email])
    type = SelectField("Type", choices=list(TYPES))
    clinic = SelectField("Clinic")

    def __init__(self, clinics: list[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.clinic.choices = clinics

    @property
    def account(self) -> dict[str, str]:
        """What a new account is made from, beside its password."""
        names = {field: self[field].data for field in ("first_name", "last_name", "email")}
        return names | {"user_type": self.type.data}

    def validate_type(self, field: Field) -> None:
        """A clinic begins with its owner."""
        if self.clinic.data == NEW_CLINIC and field.data != "Practitioner":
            raise ValidationError("A new clinic needs a practitioner, who owns it.")


def _lists(app: App) -> dict[str, Any]:
    return {
        "name": app.name,
        "redirect_uris": app.redirect_uris,
        "scopes": app.scope_list,
        "level": app.level,
        "restricted_grants": app.restricted_grants,
    }
