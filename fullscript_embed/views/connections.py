"""POST /fullscript/disconnect and /fullscript/connections/…: ending connections."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from fullscript_embed import accounts, connections
from fullscript_embed.accounts import Disconnection
from fullscript_embed.errors import NotAllowed, NotConnected
from fullscript_embed.people import User
from fullscript_embed.state import current, signed_in
from fullscript_embed.states import is_own_path
from fullscript_embed.views.answers import show


def disconnect() -> ResponseReturnValue:
    """End the signed-in user's own connection in their environment."""
    user = signed_in()
    connection = connections.find(user.id, current().environment_of(user).name)
    if connection is None:
        raise NotConnected
    return _back([accounts.disconnect(connection.id, by=user.id)])


def revoke_connection(connection_id: int) -> ResponseReturnValue:
    """End any user's connection. For administrators."""
    return _back([accounts.disconnect(connection_id, by=_administrator().id)])


def revoke_all() -> ResponseReturnValue:
    """End every connection, and report those that Fullscript could not be told about. For administrators."""
    return _back(accounts.disconnect_all(by=_administrator().id))


def _administrator() -> User:
    user = signed_in()
    if not user.is_admin:
        raise NotAllowed
    return user


def _back(done: list[Disconnection]) -> ResponseReturnValue:
    """Back to where the form was, or to a page that says what is left to do."""
    here = _origin()
    left = [one for one in done if not one.told_fullscript]
    if not left:
        return redirect(here, 303)
    reasons = ", ".join(sorted({one.reason or "" for one in left}))
    count = f"{len(left)} of {len(done)} connections" if len(done) > 1 else "The connection"
    return show(
        "Disconnected here, not yet at Fullscript",
        f"{count} could not be revoked at Fullscript ({reasons}). The tokens are forgotten here, so nobody "
        "can use them any more through this application, and revoking them is tried again until it is done.",
        status=200,
        actions=[{"label": "Go on", "url": here}],
    )


def _origin() -> str:
    """The page of ours that the form was on, else the start page."""
    sent = request.form.get("next") or (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    return sent if is_own_path(sent) else f"{request.script_root}/"
