"""GET /fullscript/connect and /fullscript/callback/<environment>: OAuth, as a browser walks through it."""

from __future__ import annotations

from datetime import datetime

from flask import request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect

from fullscript_embed import accounts, jobs, oauth, states
from fullscript_embed.api import FullscriptError, GrantRefused
from fullscript_embed.clock import utcnow
from fullscript_embed.environments import Environment
from fullscript_embed.errors import Refusal
from fullscript_embed.logs import say
from fullscript_embed.people import User
from fullscript_embed.state import current, signed_in
from fullscript_embed.states import Pending, StateExpired, StateUnknown, StateUsed
from fullscript_embed.views.answers import of_upstream, show

WARNING = 30
STATE_FAULTS = {
    StateUnknown: (
        "This sign-in did not begin here",
        (
            "The answer from Fullscript belongs to another browser, or to a sign-in before you signed out. "
            "Nothing was connected. Start again from here."
        ),
    ),
    StateUsed: (
        "This sign-in is finished already",
        (
            "The answer from Fullscript was used before, perhaps by going back in the browser. If your "
            "account does not show as connected, start again."
        ),
    ),
    StateExpired: (
        "This sign-in took too long",
        "More than ten minutes passed since you left for Fullscript. Nothing was connected. Start again.",
    ),
}
CODE_REFUSED = (
    "Fullscript did not accept the sign-in",
    "Its code was used before or is too old. Nothing was connected. Start again.",
)


def connect() -> ResponseReturnValue:
    """Send the signed-in user to Fullscript to agree; they come back to `next`, one of our own paths."""
    user = signed_in()
    path = request.args.get("next") or f"{request.script_root}/"
    if not states.is_own_path(path):
        raise Refusal(
            '"next" has to be a path of this application, such as /patients/1.',
            status=400,
            code="invalid_request",
        )
    environment = current().environment_of(user)
    state = states.begin(session, Pending(environment.name, user.id, path), now=utcnow())
    return redirect(oauth.authorize_url(environment, redirect_uri=redirect_uri(environment), state=state))


def callback(environment: str) -> ResponseReturnValue:
    """Finish what `connect` began, when Fullscript sends the browser back."""
    user, now = signed_in(), utcnow()
    if environment not in current().settings.environments:
        raise NotFound("There is no such Fullscript environment here.")
    try:
        pending = states.take(session, request.args.get("state", ""), now=now)
    except (StateUnknown, StateUsed, StateExpired) as error:
        return _start_again(*STATE_FAULTS[type(error)], status=400)
    if pending.user_id != user.id or pending.environment != environment:
        return _start_again(*STATE_FAULTS[StateUnknown], status=400)
    if request.args.get("error") or not request.args.get("code"):
        return _not_agreed(pending)
    return _finish(user, pending, now=now)


def redirect_uri(environment: Environment) -> str:
    """What is registered on Fullscript's dashboard, character for character (field notes, P9)."""
    return environment.redirect_uri or url_for(
        "fullscript.callback", environment=environment.name, _external=True
    )


def _finish(user: User, pending: Pending, *, now: datetime) -> ResponseReturnValue:
    environment = current().environment(pending.environment)
    code, uri = request.args["code"], redirect_uri(environment)
    try:
        connection = accounts.connect(user, environment, code=code, redirect_uri=uri, now=now)
    except GrantRefused:
        return _start_again(*CODE_REFUSED, status=400, path=pending.next)
    except FullscriptError as error:
        return _failed(error, pending.next)
    jobs.take_up_parked(environment.name, connection.clinic_id)
    return redirect(pending.next)


def _failed(error: FullscriptError, path: str) -> ResponseReturnValue:
    say(WARNING, "connecting failed", reason=error.reason, fullscript_request_id=error.request_id)
    told = of_upstream(error)
    return _start_again(
        "Your account is not connected yet",
        f"{told.message} Nothing was connected.",
        status=told.http_status,
        path=path,
        reference=error.request_id,
    )


def _not_agreed(pending: Pending) -> ResponseReturnValue:
    denied = request.args.get("error", "access_denied") == "access_denied"
    return _start_again(
        "Fullscript was not connected",
        "You did not authorize this application, so nothing was connected. You can do it at any time."
        if denied
        else "Fullscript did not finish the authorization. Nothing was connected. Start again.",
        status=403 if denied else 502,
        path=pending.next,
    )


def _start_again(
    title: str, message: str, *, status: int, path: str | None = None, reference: str | None = None
) -> ResponseReturnValue:
    start = f"{request.script_root}/"
    again = url_for("fullscript.connect", next=path or start)
    actions = [{"label": "Connect my Fullscript account", "url": again}]
    actions.append({"label": "Go back without connecting", "url": path or start})
    return show(title, message, status=status, actions=actions, reference=reference)
