"""Who is signed in to the sandbox's own pages, kept in a cookie.

The API and Embed frames know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from flask import g, redirect, request, session, url_for

from fullscript_sandbox.database import db
from fullscript_sandbox.models import User

View = TypeVar("View", bound=Callable[..., Any])

# What a query may hold unencoded (RFC 3986). The rest is percent-encoded again, byte for byte.
_QUERY_CHARACTERS = "!$%&'()*+,-./:;=?@_~"


def signed_in_user() -> User | None:
    """The practitioner or staff member of this browser, or None. One look-up a request."""
    if "signed_in_user" not in g:
        user_id = session.get("user_id")
        g.signed_in_user = db.session.get(User, user_id) if user_id else None
    found: User | None = g.signed_in_user
    return found


def sign_in(user: User) -> None:
    """Begin a new session for *user*; whatever the browser had before is gone."""
    session.clear()
    session["user_id"] = user.id
    g.signed_in_user = user


def sign_out() -> None:
    session.clear()
    g.signed_in_user = None


def login_required(view: View) -> View:
    """Ask to sign in first, then come back to the same address with its query untouched."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if signed_in_user() is None:
            return redirect(sign_in_url())
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps() keeps the view's signature


def sign_in_url() -> str:
    """The sign-in page, which leads back to the address being asked for."""
    return f"{url_for('oauth.login')}?{urlencode({'next': this_address()})}"


def this_address() -> str:
    """Path and query of this request, in ASCII and with every byte of the query kept."""
    query = quote(request.query_string, safe=_QUERY_CHARACTERS)
    return f"{quote(request.path)}?{query}" if query else quote(request.path)


def own_path(address: str | None, default: str) -> str:
    """*address* when it is a path of this sandbox, else *default*: nobody is sent elsewhere after sign-in."""
    if not address or not address.isascii() or "\\" in address or not address.isprintable():
        return default
    parts = urlsplit(address)
    inside = not parts.scheme and not parts.netloc and address.startswith("/")
    return address if inside and not unquote_to_bytes(parts.path).startswith((b"//", b"/\\")) else default
