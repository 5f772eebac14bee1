"""Comparing what is kept of a patient with Fullscript: whose it is, who asks, and how the last time went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

from fullscript_embed import connections, embed, records, redirect_calls
from fullscript_embed.api import FullscriptError
from fullscript_embed.api.client import FullscriptClient
from fullscript_embed.check_models import LastCheck
from fullscript_embed.clock import utcnow
from fullscript_embed.models import Connection
from fullscript_embed.state import current, signed_in

T = TypeVar("T")

PLANS, ORDERS = "plans", "orders"


@dataclass(frozen=True, slots=True)
class Check:
    """How what is kept of a patient compares with Fullscript.

    *is_linked* is False while nobody knows who the patient is there, so that nothing can be compared.
    *checked_at* is the last time that Fullscript answered, *failed_at* the last time since that it did not,
    and *failure* why, as a code of docs/extension.md. *is_complete* is False while the next check has more to
    ask for. *changed* is how many records this check changed.
    """

    is_linked: bool
    checked_at: datetime | None = None
    is_complete: bool = True
    failed_at: datetime | None = None
    failure: str | None = None
    changed: int = 0

    @property
    def has_failed(self) -> bool:
        """True when the last attempt did not reach Fullscript: what is shown may be old."""
        return self.failed_at is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """One patient of Fullscript's, and the connection by which is asked."""

    connection_id: int
    environment: str
    clinic_id: str
    fullscript_patient_id: str

    def call(self, do: Callable[[FullscriptClient], T]) -> T:
        """Do something at Fullscript, in the name of who is signed in."""
        return connections.call(self.connection_id, do, now=utcnow())


def of_patient(patient_id: str) -> Asked | None:
    """Whom to ask about, or None when the patient is not linked in the signed-in user's clinic. One who was
    matched on Fullscript's own page since (redirect.py) is linked first.

    Raises SignedOut, PatientNotFound, NotConnected or ReconnectRequired.
    """
    user = signed_in()
    patient = embed.visible_patient(patient_id)
    environment = current().environment_of(user)
    asked = _asked(connections.require(user, environment), patient.id)
    if asked is None:
        redirect_calls.look_for_expected(redirect_calls.caller("catalog"), patient)
        asked = _asked(connections.require(user, environment), patient.id)
    return asked


def last(patient_id: str, noun: str) -> Check:
    """How the last check of *noun* went, for the clinic of who is signed in. Asks nobody, and raises nothing
    where nobody is connected."""
    user = current().extension.current_user()
    connection = connections.shown(user) if user else None
    asked = _asked(connection, patient_id) if connection else None
    return _view(_row(asked, noun)) if asked else Check(is_linked=False)


def run(asked: Asked, noun: str, do: Callable[[], tuple[int, bool]], *, max_age: timedelta) -> Check:
    """Do a check, unless the last one is younger than *max_age*, and note how it went. Commits.

    *do* gives how many records changed, and whether that was all. Raises the FullscriptError, or
    NotConnected, that kept it from being done.
    """
    known = _row(asked, noun)
    if known and known.checked_at and not known.failed_at and utcnow() - known.checked_at < max_age:
        return _view(known)
    current().db_session.rollback()
    try:
        changed, is_complete = do()
    except FullscriptError as error:
        _note(asked, noun, failed_at=utcnow(), failure=error.reason[:32])
        raise
    _note(asked, noun, checked_at=utcnow(), is_complete=is_complete, failed_at=None, failure=None)
    return _view(_row(asked, noun), changed)


def _asked(connection: Connection, patient_id: str) -> Asked | None:
    clinic_id = connection.clinic_id or ""
    found = records.fullscript_patient_id(connection.environment, clinic_id, patient_id)
    return Asked(connection.id, connection.environment, clinic_id, found) if found else None


def _row(asked: Asked, noun: str) -> LastCheck | None:
    key = (asked.environment, asked.clinic_id, asked.fullscript_patient_id, noun)
    return current().db_session.get(LastCheck, key)


def _view(row: LastCheck | None, changed: int = 0) -> Check:
    if row is None:
        return Check(is_linked=True)
    return Check(
        is_linked=True,
        checked_at=row.checked_at,
        is_complete=row.is_complete,
        failed_at=row.failed_at,
        failure=row.failure,
        changed=changed,
    )


def _note(asked: Asked, noun: str, **values: object) -> None:
    """Keep how a check went; of two that make the same row in one moment, the second changes it."""
    session = current().db_session
    session.rollback()
    for _ in range(2):
        row = _row(asked, noun)
        if row is None:
            row = LastCheck(
                environment=asked.environment,
                clinic_id=asked.clinic_id,
                fullscript_patient_id=asked.fullscript_patient_id,
                noun=noun,
                is_complete=True,
            )
            session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
        else:
            return
