"""Tokens without the pages in which a user would agree."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from sqlalchemy import select

from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, User
from fullscript_sandbox.oauth import tokens
from fullscript_sandbox.refusals import NotFound, WrongState


class TokenOrder(Message):
    """For which app, and as which practitioner or staff member."""

    client_id: str
    email: str


class ResourceOwner(Message):
    id: str
    type: Literal["Practitioner", "Staff", "Clinic"]


class Pair(Message):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    scope: str
    created_at: str
    resource_owner: ResourceOwner


class TokenAnswer(Message):
    """The same answer as that of the token endpoint."""

    oauth: Pair


@bp.post("/tokens")
@speaks(takes=TokenOrder, gives=TokenAnswer, status=HTTPStatus.CREATED)
def create_token(body: TokenOrder) -> TokenAnswer:
    """Give an app the tokens of a user, as if the user had agreed on the consent page."""
    app = db.session.scalar(select(App).where(App.client_id == body.client_id))
    user = db.session.scalar(select(User).where(User.email == body.email.lower()))
    if app is None or user is None:
        raise NotFound("App" if app is None else "User")
    if user.clinic.country != app.country:
        raise WrongState(
            f"The app is for {app.environment}, and the user's clinic is in {user.clinic.country}."
        )
    token = tokens.issue(app, user)
    db.session.commit()
    return TokenAnswer.model_validate(tokens.answer(token))
