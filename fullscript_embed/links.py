"""Who a patient of the host is at Fullscript, in each clinic: found out once, then kept.

A link is made by what happened on the patient's page, by an id that both sides have, or by a person. One
Fullscript patient is one of the host's, unless the host says that a family shares the account. What links
asks Fullscript to remember is written down in the same transaction, and done later (cross_index.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from fullscript_embed import cross_index
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import AlreadyLinked
from fullscript_embed.link_models import LinkNote
from fullscript_embed.models import PatientLink, TreatmentPlan
from fullscript_embed.state import current

# How a Fullscript patient was found.
EVENT, HOST, REDIRECT, CHOSEN, METADATA, EMAIL = "event", "host", "redirect", "chosen", "metadata", "email"
# Put together once.
_LINKED = select(PatientLink.fullscript_patient_id).where(
    PatientLink.environment == bindparam("environment"),
    PatientLink.clinic_id == bindparam("clinic_id"),
    PatientLink.patient_id == bindparam("patient_id"),
)


def find_link(environment: str, clinic_id: str | None, patient_id: str) -> PatientLink | None:
    """Who a host patient is in that clinic, or None."""
    wanted = select(PatientLink).filter_by(
        environment=environment, clinic_id=clinic_id, patient_id=patient_id
    )
    return current().db_session.scalar(wanted)


def fullscript_patient_id(environment: str, clinic_id: str | None, patient_id: str) -> str | None:
    """The same, as the id alone."""
    place = {"environment": environment, "clinic_id": clinic_id, "patient_id": patient_id}
    return current().db_session.scalar(_LINKED, place)


def find_note(environment: str, clinic_id: str | None, patient_id: str) -> LinkNote | None:
    """What is remembered of a host patient in that clinic apart from the link, or None."""
    return current().db_session.get(LinkNote, (environment, clinic_id, patient_id)) if clinic_id else None


def holder(environment: str, clinic_id: str, fullscript_patient_id: str, *, but: str) -> str | None:
    """The host patient, *but* that one, who is linked to this Fullscript patient; None when nobody is."""
    wanted = select(PatientLink.patient_id).filter_by(
        environment=environment, clinic_id=clinic_id, fullscript_patient_id=fullscript_patient_id
    )
    others = wanted.where(PatientLink.patient_id != but).order_by(PatientLink.is_shared, PatientLink.id)
    return current().db_session.scalar(others.limit(1))


def link(
    environment: str,
    clinic_id: str,
    patient_id: str,
    fullscript_patient_id: str,
    *,
    found_by: str = HOST,
    shared: bool = False,
) -> None:
    """Remember who a host patient is in that clinic, from now on. Commits.

    Raises AlreadyLinked when this Fullscript patient is another of the host's, unless they are *shared*.
    """
    session = current().db_session
    for _ in range(2):  # in the same moment somebody else may link the same two, or take this one
        other = holder(environment, clinic_id, fullscript_patient_id, but=patient_id)
        if other is not None and not shared:
            raise AlreadyLinked(patient_id=other)
        try:
            found = find_link(environment, clinic_id, patient_id)
            if found is not None and found.fullscript_patient_id != fullscript_patient_id:
                _let_go(found)
            _keep(
                found, environment, clinic_id, patient_id, fullscript_patient_id, found_by, shared, utcnow()
            )
            session.commit()
        except IntegrityError:
            session.rollback()
            continue
        return
    raise AlreadyLinked


def unlink(environment: str, clinic_id: str, patient_id: str) -> bool:
    """Forget who a host patient is in that clinic; False when nothing was known. Commits.

    Plans that were made on the patient's page for that Fullscript patient leave the chart with the others:
    they belong to whoever is linked to them, and come back with the link.
    """
    session = current().db_session
    found = find_link(environment, clinic_id, patient_id)
    if found is not None:
        note = _note(environment, clinic_id, patient_id)
        note.unlinked_id, note.unlinked_at = found.fullscript_patient_id, utcnow()
        note.taken_id = note.taken_at = note.expected_at = None
        _let_go(found)
        session.delete(found)
    session.commit()
    return found is not None


def keep_link(
    environment: str,
    clinic_id: str,
    patient_id: str,
    fullscript_patient_id: str,
    *,
    at: datetime,
    found_by: str = EVENT,
) -> None:
    """Keep what happened *at* that moment, unless something newer is known; the caller commits.

    Nor when a person unlinked the two since. A Fullscript patient who is another of the host's is noted,
    for the practice to decide (people.py's page).
    """
    note = find_note(environment, clinic_id, patient_id)
    if note is not None and note.unlinked_id == fullscript_patient_id and _is_since(note.unlinked_at, at):
        return
    found = find_link(environment, clinic_id, patient_id)
    if found is not None and (found.linked_at, found.fullscript_patient_id) >= (at, fullscript_patient_id):
        return
    shared = bool(found and found.is_shared and found.fullscript_patient_id == fullscript_patient_id)
    if not shared and holder(environment, clinic_id, fullscript_patient_id, but=patient_id) is not None:
        note = _note(environment, clinic_id, patient_id)
        note.taken_id, note.taken_at = fullscript_patient_id, at
        return
    if found is not None and found.fullscript_patient_id != fullscript_patient_id:
        cross_index.withdraw(environment, clinic_id, cross_index.PATIENT, found.fullscript_patient_id)
    _keep(found, environment, clinic_id, patient_id, fullscript_patient_id, found_by, shared, at)


def expect(environment: str, clinic_id: str, patient_id: str, *, at: datetime) -> None:
    """Note that Fullscript was given our id of this patient, so that an event may tell it back. The caller
    commits."""
    _note(environment, clinic_id, patient_id).expected_at = at


def keep_told(
    environment: str, clinic_id: str, patient_id: str, fullscript_patient_id: str, *, at: datetime
) -> None:
    """Keep a link that Fullscript tells by our own id, if it is one that we gave it. The caller commits.

    Ids are only ours among our own: another application's patient may have the same one.
    """
    note = find_note(environment, clinic_id, patient_id)
    if note is None or note.expected_at is None:
        return
    if find_link(environment, clinic_id, patient_id) is None:
        keep_link(environment, clinic_id, patient_id, fullscript_patient_id, at=at, found_by=REDIRECT)


def dismiss(environment: str, clinic_id: str, patient_id: str) -> None:
    """Forget that another patient's Fullscript patient was chosen on this one's page. Commits."""
    note = find_note(environment, clinic_id, patient_id)
    if note is not None:
        note.taken_id = note.taken_at = None
    current().db_session.commit()


def _keep(
    found: PatientLink | None,
    environment: str,
    clinic_id: str,
    patient_id: str,
    fullscript_patient_id: str,
    found_by: str,
    shared: bool,
    at: datetime,
) -> None:
    if found is None:
        found = PatientLink(environment=environment, clinic_id=clinic_id, patient_id=patient_id)
        current().db_session.add(found)
    found.fullscript_patient_id, found.linked_at = fullscript_patient_id, at
    found.found_by, found.is_shared = found_by, shared
    note = find_note(environment, clinic_id, patient_id)
    if note is not None:
        note.taken_id = note.taken_at = note.unlinked_id = note.unlinked_at = None
    if not shared:  # an account that several share carries nobody's id
        cross_index.wish(environment, clinic_id, cross_index.PATIENT, fullscript_patient_id, patient_id)


def _let_go(found: PatientLink) -> None:
    """Take our id and the plans that a page made back from a Fullscript patient who was not meant."""
    cross_index.withdraw(found.environment, found.clinic_id, cross_index.PATIENT, found.fullscript_patient_id)
    current().db_session.execute(
        update(TreatmentPlan)
        .where(
            TreatmentPlan.environment == found.environment,
            TreatmentPlan.clinic_id == found.clinic_id,
            TreatmentPlan.fullscript_patient_id == found.fullscript_patient_id,
            TreatmentPlan.patient_id == found.patient_id,
        )
        .values(patient_id=None)
        .execution_options(synchronize_session=False)
    )


def _note(environment: str, clinic_id: str, patient_id: str) -> LinkNote:
    """What is remembered of that patient, made if there is nothing yet."""
    note = find_note(environment, clinic_id, patient_id)
    if note is None:
        note = LinkNote(environment=environment, clinic_id=clinic_id, patient_id=patient_id)
        current().db_session.add(note)
    return note


def _is_since(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment >= at
