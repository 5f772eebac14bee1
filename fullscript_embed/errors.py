"""What can go wrong on our side, and how it is said.

EmbedError
├── SettingsInvalid        the host's configuration; raised when the application starts
├── EncryptionKeyMissing   a stored token that no configured key opens
├── ClinicNotConnected     an event that has to wait until somebody connects its clinic
├── ReceiverFailed         the host's own code did not take a signal
└── Refusal                an answer to the page: status, code, and a message that says what to do
    ├── SignedOut             401
    ├── CsrfRefused           400
    ├── NotAllowed            403
    ├── PatientNotFound       404
    ├── NotConnected          409  connect first
    │   └── ReconnectRequired 409  Fullscript no longer accepts the connection
    ├── FullscriptUserUnknown 409  a clinic's connection, and nobody said who the user is there
    ├── LabsNotOffered        422
    ├── EventRefused          400, 409, 413 or 422
    ├── WebhookRefused        400, 401 or 413
    ├── NotStored             503  the database did not take it
    └── UpstreamFailed        429, 502 or 504: Fullscript did not do it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class EmbedError(Exception):
    """Anything that this extension raises on purpose. Its text holds no secret and no patient data."""


class SettingsInvalid(EmbedError):
    """The configuration cannot work; *faults* names everything that is wrong, not only the first."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("Fullscript is not configured:\n" + "\n".join(f"  - {fault}" for fault in faults))


class EncryptionKeyMissing(EmbedError):
    """None of FULLSCRIPT_ENCRYPTION_KEYS opens a stored token."""


class ClinicNotConnected(EmbedError):
    """Nobody has connected the clinic of an event, or can be asked about it now."""


class ReceiverFailed(EmbedError):
    """A receiver of a signal raised; the message names the type of what it raised."""


class Refusal(EmbedError):
    """A request that was not done, with everything that its answer says."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "unknown"
    advice: ClassVar[str] = "Something went wrong on our side. Try again in a moment."

    def __init__(
        self,
        message: str | None = None,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after: int | None = None,
        connect_url: str | None = None,
        reference: str | None = None,
    ) -> None:
        self.message = message or self.advice
        self.http_status = status or self.status
        self.error_code = code or self.code
        self.retry_after = retry_after
        self.connect_url = connect_url
        self.reference = reference
        super().__init__(self.message)

    def as_json(self) -> dict[str, Any]:
        """The one shape in which the browser modules read every failure."""
        return {
            "error": {
                "code": self.error_code,
                "message": self.message,
                "retry_after": self.retry_after,
                "connect_url": self.connect_url,
                "reference": self.reference,
            }
        }


class SignedOut(Refusal):
    status, code = 401, "signed_out"
    advice = "You are signed out. Sign in again, then go on where you were."


class CsrfRefused(Refusal):
    status, code = 400, "csrf"
    advice = "This page was open for too long. Reload it and try again."


class NotAllowed(Refusal):
    status, code = 403, "not_allowed"
    advice = "Only an administrator may do this."


class PatientNotFound(Refusal):
    status, code = 404, "patient_not_found"
    advice = "There is no such patient, or it is not one of yours."


class NotConnected(Refusal):
    status, code = 409, "not_connected"
    advice = "Connect your Fullscript account first."


class ReconnectRequired(NotConnected):
    code = "reconnect_required"
    advice = "Fullscript no longer accepts this connection. Connect your account again."


class FullscriptUserUnknown(Refusal):
    status, code = 409, "fullscript_user_unknown"
    advice = (
        "This connection is the whole clinic's, and it is not known who you are at Fullscript. "
        "Ask an administrator to enter your Fullscript user."
    )


class LabsNotOffered(Refusal):
    status, code = 422, "refused"
    advice = "Labs are offered in the United States only. Open the catalog instead."


class EventRefused(Refusal):
    """An event that was not stored; nothing of its body is kept either."""

    status, code = 422, "invalid_event"


class WebhookRefused(Refusal):
    """A webhook that is not believed or not understood. `error_code` is the reason that is counted."""

    status, code = 401, "wrong_signature"


class NotStored(Refusal):
    status, code = 503, "not_stored"
    advice = "The event could not be stored. Send it again."


class UpstreamFailed(Refusal):
    """Fullscript did not answer, or answered no."""

    status, code = 502, "refused"
    advice = "Fullscript refused the request."
