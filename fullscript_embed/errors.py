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
    ├── SwitchedOff           403  the host closed Fullscript for this user
    ├── PatientNotFound       404
    ├── PlanNotFound          404
    ├── NotConnected          409  connect first
    │   └── ReconnectRequired 409  Fullscript no longer accepts the connection
    ├── FullscriptUserUnknown 409  a clinic's connection, and nobody said who the user is there
    ├── PlanNotActive         409  it was cancelled meanwhile, or is a draft
    ├── LabsNotOffered        422
    ├── PatientIncomplete     422  what Fullscript misses of a patient, field by field
    ├── PractitionerNeeded    422  staff have to say whose plan it is
    ├── PlanNotOpen           409  a plan that is neither a draft nor active
    ├── PatientNotLinked      409  nobody knows who the patient is at Fullscript
    ├── LabResultNotFound     404
    ├── LabFileRefused        502  what came is not a PDF that may be shown
    ├── AlreadyLinked         409  that Fullscript patient is another of the host's
    ├── RecordChanged         409  what was shown is not so any more
    ├── ChangeRefused         422  the host does not take a change of its patient
    ├── EventRefused          400, 409, 413 or 422
    ├── WebhookRefused        400, 401 or 413
    ├── NotStored             503  the database did not take it
    └── UpstreamFailed        429, 502 or 504: Fullscript did not do it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from fullscript_embed.redirect_patients import FieldProblem


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
    """A receiver of a signal raised, or wrote what cannot be committed; the message names the error."""


class Refusal(EmbedError):
    """A request that was not done, with everything that its answer says."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "unknown"
    advice: ClassVar[str] = "Something went wrong on our side. Try again in a moment."
    # Of the page that says it; None for the one that its status has.
    title: ClassVar[str | None] = None

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


class SwitchedOff(Refusal):
    status, code = 403, "switched_off"
    advice = "Fullscript is switched off for you. Ask an administrator to switch it on."


class PatientNotFound(Refusal):
    status, code = 404, "patient_not_found"
    advice = "There is no such patient, or it is not one of yours."


class PlanNotFound(Refusal):
    status, code = 404, "plan_not_found"
    advice = "There is no such treatment plan of this patient in the clinic that you connected."


class PlanNotActive(Refusal):
    """*state* is what the plan is instead."""

    status, code = 409, "plan_not_active"
    advice = "Only a plan that was sent to the patient can be used for this. Nothing was done."
    ADVICE: ClassVar[dict[str, str]] = {
        "cancelled": "This plan was cancelled meanwhile. Nothing was done: write a new one if it is needed.",
        "draft": "This plan is a draft, which the patient has not got yet. Edit and send it at Fullscript.",
    }

    def __init__(self, state: str | None = None) -> None:
        self.state = state
        super().__init__(self.ADVICE.get(state or ""))


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


class AlreadyLinked(Refusal):
    """*patient_id* is the host's patient who has the link, None when somebody took it in the same moment."""

    status, code = 409, "already_linked"
    advice = (
        "This Fullscript patient is linked to another of your patients. Remove that link first if it is "
        "wrong, or choose somebody else."
    )

    def __init__(self, message: str | None = None, *, patient_id: str | None = None) -> None:
        super().__init__(message)
        self.patient_id = patient_id


class RecordChanged(Refusal):
    status, code = 409, "record_changed"
    advice = (
        "The record was changed meanwhile, here or at Fullscript. Nothing was done: "
        "look at what it says now, and choose again."
    )


class ChangeRefused(Refusal):
    """What a host's `update_patient` raises, with a sentence for the person who chose the change."""

    status, code = 422, "change_refused"
    advice = "Your practice's own record does not take this change."


class PatientNotLinked(Refusal):
    status, code = 409, "patient_not_linked"
    title = "Not linked to Fullscript yet"
    advice = "Nobody has said yet who this patient is at Fullscript. Recommend something to them first."


class LabResultNotFound(Refusal):
    status, code = 404, "result_not_found"
    title = "There is no such result"
    advice = "There is no such result, or it belongs to a clinic other than the one you connected."


class LabFileRefused(Refusal):
    """A result's file that is not shown; nothing of it went out. `error_code` says what is wrong with it."""

    status, code = 502, "not_a_pdf"
    title = "This result cannot be shown"
    advice = "Fullscript sent something that is not a PDF, so it is not shown. Open the result in Fullscript."


class PatientIncomplete(Refusal):
    """Fullscript does not take the patient's data. *problems* are its own sentences, which may quote them."""

    status, code = 422, "patient_incomplete"
    advice = "Fullscript needs more of this patient, or something in another form."

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__()
        self.problems = tuple(problems)

    def as_json(self) -> dict[str, Any]:
        fields = [{"field": one.field, "message": one.message} for one in self.problems]
        return {"error": {**super().as_json()["error"], "fields": fields}}


class PractitionerNeeded(Refusal):
    status, code = 422, "practitioner_needed"
    advice = "Choose the practitioner of your clinic that the plan is for."


class PlanNotOpen(Refusal):
    status, code = 409, "plan_not_open"
    advice = "Fullscript opens drafts and active plans only. This one was cancelled, or is not there."


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
