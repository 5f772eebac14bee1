"""What the witnesses of one event said, each in one shape, whoever was heard first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from fullscript_embed import envelope, told
from fullscript_embed.envelope import BROWSER, PATIENT_SELECTED, PLAN_ACTIVATED, Envelope
from fullscript_embed.models import InboxEvent, Witness
from fullscript_embed.state import current

PLAN_CREATED = "treatment_plan.created"
# The browser library has a word of its own for the same event.
KINDS = {PLAN_ACTIVATED: PLAN_CREATED}
_LATER = select(Witness).where(Witness.number == bindparam("number")).order_by(Witness.door)


@dataclass(frozen=True, slots=True)
class Telling:
    """One event as one witness told it.

    *at* is when it happened, by the vendor's clock. *user_id* and *patient_id* are the host's, and known
    where it was on a page of the host.
    """

    environment: str
    clinic_id: str
    event_id: str
    kind: str
    door: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    user_id: str | None = None
    patient_id: str | None = None

    @property
    def noun(self) -> str:
        """About what: patient, treatment_plan, order, lab_order, product, clinic_key or something else."""
        return self.kind.partition(".")[0]

    @property
    def is_signed(self) -> bool:
        """True when Fullscript itself told it, and not a browser."""
        return self.door != BROWSER


def of_event(event: InboxEvent) -> list[Telling]:
    """What each witness said, Fullscript's own words first. Raises EventRefused for what cannot be read.

    One event happened at one moment: the one that Fullscript names, else the browser's, else its arrival.
    """
    session = current().db_session
    later = session.scalars(_LATER, {"number": event.id})
    said = [
        (one.door, _read(one.door, one.payload), one.user_id, one.patient_id)
        for one in (event, *later)
        if one.payload is not None
    ]
    said.sort(key=lambda one: one[0] == BROWSER)
    at = next((one.happened_at for _, one, *_ in said if one.happened_at), None) or event.received_at
    return [
        Telling(
            event.environment,
            read.clinic_id or "",
            event.event_id,
            KINDS.get(read.type, read.type),
            door,
            at,
            read.data,
            user_id,
            patient_id,
        )
        for door, read, user_id, patient_id in said
    ]


def is_selection(telling: Telling) -> bool:
    """True for a patient who was chosen in Embed."""
    return telling.kind == PATIENT_SELECTED


def _read(door: str, payload: Any) -> Envelope:
    return envelope.read(payload) if door == BROWSER else told.read(payload)
