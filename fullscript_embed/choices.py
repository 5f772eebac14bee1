"""What a person chose about the differences of a patient's two records, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fullscript_embed import differences
from fullscript_embed.api import FullscriptClient
from fullscript_embed.api.errors import RequestInvalid
from fullscript_embed.api.records.patients import Patient as Record
from fullscript_embed.errors import RecordChanged, Refusal
from fullscript_embed.models import PatientFacts
from fullscript_embed.people import Patient
from fullscript_embed.record_views import RecordView
from fullscript_embed.state import current

KEEP, TAKE, SEND = "keep", "take", "send"
PREFIX = "field-"


@dataclass(frozen=True, slots=True)
class Choice:
    """The names of the fields in which Fullscript's value is taken, and in which the host's is sent."""

    take: frozenset[str]
    send: frozenset[str]


def read(form: Mapping[str, str]) -> Choice:
    """The choices of a form: `field-<name>` is keep, take or send."""
    chosen = {name.removeprefix(PREFIX): form[name] for name in form if name.startswith(PREFIX)}
    return Choice(
        frozenset(name for name, what in chosen.items() if what == TAKE),
        frozenset(name for name, what in chosen.items() if what == SEND),
    )


def check(choice: Choice, view: RecordView) -> None:
    """Raise RecordChanged for a choice that the page did not offer."""
    offered = {(one.name, TAKE) for one in view.fields if one.can_take}
    offered |= {(one.name, SEND) for one in view.fields if one.can_send}
    wanted = {(name, TAKE) for name in choice.take} | {(name, SEND) for name in choice.send}
    if not wanted <= offered:
        raise RecordChanged


def send(
    choice: Choice,
    patient: Patient,
    ask: Callable[[Callable[[FullscriptClient], Record]], Record],
    fullscript_patient_id: str,
) -> Record | None:
    """Send the chosen values of the host's to Fullscript; its answer, None when there are none.

    Raises a Refusal in Fullscript's own words about the fields.
    """
    body = differences.to_send(choice.send, patient)
    if not body:
        return None
    try:
        return ask(lambda client: client.patients.update(fullscript_patient_id, **body))
    except RequestInvalid as error:
        said = "; ".join(error.messages) or error.advice
        raise Refusal(f"Fullscript did not take it: {said}", status=422, code="refused") from error


def take(choice: Choice, patient: Patient, facts: PatientFacts) -> dict[str, Any]:
    """Give the chosen values of Fullscript's to the host, which commits; what was given.

    Raises the ChangeRefused of the host.
    """
    changes = differences.to_take(choice.take, facts)
    update = current().extension.update_patient
    if changes and update is not None:
        update(patient.id, changes)
    return changes


def in_words(choice: Choice) -> str:
    """What was done, for the person who chose it."""
    parts = []
    if choice.take:
        parts.append(f"{_fields(len(choice.take))} taken from Fullscript")
    if choice.send:
        parts.append(f"{_fields(len(choice.send))} sent to Fullscript")
    said = " and ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else "Everything was kept as it is."


def _fields(count: int) -> str:
    return "one field" if count == 1 else f"{count} fields"
