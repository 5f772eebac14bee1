"""Who is signed in: stays in the database, ended by signing out, by idleness, by age or by a new password."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import delete, update
from werkzeug.wrappers import Response

from ehr.database import db, utcnow
from ehr.errors import wants_json
from ehr.models import SignIn, User

login_manager = LoginManager()
# How exactly "last seen" is kept: one write a minute and not one a request.
SEEN_EVERY = timedelta(minutes=1)


class SignedIn(UserMixin):
    """What Flask-Login keeps: the stay, and through it the user."""

    def __init__(self, stay: SignIn) -> None:
        self.id = stay.id
        self.user = stay.user


def signed_in_user() -> User | None:
    """The user of this request, or None. None too on the page that tells of a database that failed."""
    if g.get("database_failed") or not current_user or not current_user.is_authenticated:
        return None
    return cast("User", current_user.user)


def the_user() -> User:
    """The user of this request, on routes that ask for one."""
    user = signed_in_user()
    if user is None:
        abort(401)
    return user


def start(user: User) -> None:
    """Sign *user* in with a session that holds nothing of what was in it before.

    Forgets the user's stays that are too old to be gone on with; the audit trail remembers them.
    """
    session.clear()
    session.permanent = True
    oldest = utcnow() - timedelta(hours=current_app.config["SETTINGS"].session_hours)
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.started_at < oldest))
    stay = SignIn(id=secrets.token_urlsafe(32), user=user)
    db.session.add(stay)
    db.session.commit()
    login_user(SignedIn(stay))


def end() -> None:
    """Sign the user out, here and for every copy of the cookie."""
    _end(SignIn.id == current_user.id)
    logout_user()
    session.clear()


def end_others(user: User) -> None:
    """End the user's stays in all other browsers."""
    _end(SignIn.user_id == user.id, SignIn.id != current_user.id)


def required(*, when: Callable[[User], bool] = lambda _user: True) -> Callable[[Callable[..., Any]], Any]:
    """Let only a signed-in user through for whom *when* holds: others sign in first, or get 403."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = signed_in_user()
            if user is None:
                return login_manager.unauthorized()
            if not when(user):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate


charts_required = required(when=lambda user: user.sees_patients)
administrator_required = required(when=lambda user: user.is_administrator)


def init_app(app: Flask) -> None:
    """Let Flask-Login find stays, and send people who are not signed in to the sign-in page."""
    login_manager.init_app(app)
    app.context_processor(lambda: {"user": signed_in_user()})


@login_manager.user_loader
def load(stay_id: str) -> SignedIn | None:
    """The stay of this cookie while it lasts; being asked by a person prolongs it."""
    stay = db.session.get(SignIn, stay_id)
    now = utcnow()
    if stay is None or stay.ended_at is not None:
        return None
    if has_ended(stay, now=now):
        g.stay_ended = True
        return None
    if now - stay.seen_at > SEEN_EVERY and not _is_background():
        stay.seen_at = now
        db.session.commit()
    return SignedIn(stay)


def has_ended(stay: SignIn, *, now: datetime) -> bool:
    """True when nobody did anything for SESSION_IDLE_MINUTES, or SESSION_HOURS are over."""
    settings = current_app.config["SETTINGS"]
    idle = timedelta(minutes=settings.session_idle_minutes)
    longest = timedelta(hours=settings.session_hours)
    return now - stay.seen_at > idle or now - stay.started_at > longest


@login_manager.unauthorized_handler
def ask_to_sign_in() -> Response:
    """Send a person to the sign-in page and back afterwards; tell a program 401.

    What htmx asked for is a part of a page, which no sign-in form fits into: the whole page goes there.
    """
    if wants_json():
        abort(401)
    if g.get("stay_ended"):
        flash("You were signed out because nothing happened for a while.", "info")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("login.sign_in", next=wanted if wanted != "/" else None)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def _is_background() -> bool:
    """True for what a page asks by itself, such as for new plans: that is no sign of a person."""
    return request.method == "GET" and "text/html" not in request.headers.get("Accept", "")


def _end(*which: Any) -> None:
    db.session.execute(update(SignIn).where(*which, SignIn.ended_at.is_(None)).values(ended_at=utcnow()))
    db.session.commit()
