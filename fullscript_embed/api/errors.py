"""What can go wrong between us and Fullscript, named by cause.

FullscriptError
├── FullscriptUnreachable     no answer came: try again later
│   └── FullscriptTimedOut    none came in time
├── UnreadableAnswer          an answer came that is not Fullscript's API
├── CredentialsRefused        the app's client id or client secret is wrong
├── TokenRefused              401: the access token is not accepted
│   ├── TokenExpired          refresh it
│   ├── TokenRevoked          the user, or we, ended it: the user must connect again
│   └── GrantRefused          an authorization code or refresh token is used up, expired or revoked
├── Forbidden                 403
│   ├── MissingScope          the user did not grant a scope that this call needs
│   └── RestrictedEndpoint    Fullscript has to approve the app for this endpoint
├── RecordNotFound            404: there is no such record in the clinic of this token
├── RequestInvalid            what we sent, or were about to send, is not acceptable
├── RateLimited               429, or our own count of the limit: wait `retry_after` seconds
└── ServerFailed              5xx: Fullscript failed

No message and no repr holds a token or anything about a patient. What Fullscript said about the fields of a
request is in `RequestInvalid.messages`, which may quote what was sent: show it to the person who sent it, and
keep it out of logs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Rails' own sentences about a field, which name the field and never quote its value.
_QUOTES_NOTHING = re.compile(
    r"[A-Z][A-Za-z_ ]{1,40} (can't be blank|is invalid|has already been taken|must exist|"
    r"is not a number|is not included in the list|is too (long|short)|must be filled)\.?"
)


class FullscriptError(Exception):
    """Any failure of a call to Fullscript.

    `reason` is for machines (metrics, JSON), `advice` for the person who must act, `status` is that of the
    answer (None when there was none), and `request_id` its X-Request-Id, which Fullscript's support asks for.
    """

    reason = "failed"
    advice = "Try again; if it keeps failing, contact Fullscript with the request id."

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        request = f" (request id {self.request_id})" if self.request_id else ""
        return f"{self.message}{request}. {self.advice}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.reason} status={self.status} request_id={self.request_id}>"


class FullscriptUnreachable(FullscriptError):
    """No answer came. What was asked may or may not have been done."""

    reason = "unreachable"
    advice = "Check the network and status.fullscript.com, and try again later."

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent  # False when not a byte left us, so that repeating is safe


class FullscriptTimedOut(FullscriptUnreachable):
    """No answer came within the time-outs of the transport."""

    reason = "timed_out"
    advice = "Try again later. If this was a change, look whether it was made before repeating it."


class UnreadableAnswer(FullscriptError):
    """Something answered that does not speak Fullscript's API: a proxy, a maintenance page, half a body."""

    reason = "unreadable_answer"
    advice = "Check that the API URL is right and that no proxy answers in Fullscript's place."


class CredentialsRefused(FullscriptError):
    """The token endpoint does not know this client id with this client secret."""

    reason = "credentials_refused"
    advice = "Compare the client id and secret with the app's page on Fullscript's API dashboard."


class TokenRefused(FullscriptError):
    """401: the access token is not accepted."""

    reason = "token_refused"
    advice = "Ask the user to connect to Fullscript again."


class TokenExpired(TokenRefused):
    """The access token is older than its two hours (guide: Request an access token)."""

    reason = "token_expired"
    advice = "Refresh the access token and try again."


class TokenRevoked(TokenRefused):
    """The user or the app ended the authorization. Its refresh token is of no use either."""

    reason = "token_revoked"


class GrantRefused(TokenRefused):
    """The token endpoint does not take this authorization code (10 minutes, once) or refresh token."""

    reason = "grant_refused"


class Forbidden(FullscriptError):
    """403: the token is good, and this call is not allowed with it."""

    reason = "forbidden"
    advice = "Check the app's scopes and approvals on Fullscript's API dashboard."


class MissingScope(Forbidden):
    """The token lacks `scope` (None when the answer does not name it)."""

    reason = "missing_scope"
    advice = "Add the scope on Fullscript's API dashboard, then have every user connect again."

    def __init__(self, message: str, *, scope: str | None = None, request_id: str | None = None) -> None:
        super().__init__(message, status=403, request_id=request_id)
        self.scope = scope


class RestrictedEndpoint(Forbidden):
    """The endpoint needs Fullscript's special approval, which most apps do not have (field notes, P36)."""

    reason = "restricted_endpoint"
    advice = "Ask Fullscript to approve the app for this endpoint, or use Embed or a dynamic link instead."


class RecordNotFound(FullscriptError):
    """404: no such record in the clinic that the token belongs to. Another clinic's record looks the same."""

    reason = "not_found"
    advice = "Check the id, and that the record belongs to the clinic of this token."


class RequestInvalid(FullscriptError):
    """400, 422, or found out before anything was sent (`status` is None then).

    `messages` are Fullscript's sentences, for the person who filled the form in; they may quote what was
    sent. The message of this error repeats only those that name a field without quoting it.
    """

    reason = "invalid"
    advice = "Correct what is named and send it again."

    def __init__(
        self,
        message: str,
        *,
        messages: Sequence[str] = (),
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, status=status, request_id=request_id)
        self.messages = list(messages)

    def __str__(self) -> str:
        shown = [said for said in self.messages if _QUOTES_NOTHING.fullmatch(said)]
        hidden = len(self.messages) - len(shown)
        if hidden:
            shown.append(f"{hidden} more in .messages")
        return super().__str__() + (f" [{'; '.join(shown)}]" if shown else "")


class RateLimited(FullscriptError):
    """Too many requests in the last five minutes, as Fullscript or our own count of the limit says.

    `retry_after` is in seconds, None when the answer does not say. `status` is None when we did not send at
    all.
    """

    reason = "rate_limited"
    advice = "Wait before the next call, and spread calls out."

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, status=status, request_id=request_id)
        self.retry_after = retry_after


class ServerFailed(FullscriptError):
    """5xx: Fullscript could not answer. `retry_after` is what it asked for, in seconds, or None."""

    reason = "server_failed"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, status=status, request_id=request_id)
        self.retry_after = retry_after
