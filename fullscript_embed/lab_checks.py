"""Asking Fullscript about a patient's labs: when somebody wants to know, and by a job for those under way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.exc import IntegrityError

from fullscript_embed import clinics, lab_agenda, lab_news, lab_orders, lab_results, lab_states
from fullscript_embed.api.client import FullscriptClient
from fullscript_embed.api.errors import (
    FullscriptError,
    FullscriptUnreachable,
    RateLimited,
    RecordNotFound,
    ServerFailed,
    TokenRefused,
)
from fullscript_embed.api.records.labs import LabOrder as ReportedLabOrder
from fullscript_embed.clinics import Clinic
from fullscript_embed.errors import NotConnected
from fullscript_embed.lab_orders import Known
from fullscript_embed.logs import say
from fullscript_embed.state import current

Ask = Callable[[Callable[[FullscriptClient], list[ReportedLabOrder]]], list[ReportedLabOrder]]

# Failures that the clinic's other patients would meet too.
STOPPING = (FullscriptUnreachable, RateLimited, ServerFailed, TokenRefused, NotConnected)
# With one of these in it a listed order is told in full, and need not be asked for once more.
_IN_FULL = ({"tests", "results"}, {"tests", "lab_results"})


@dataclass(slots=True)
class LabRound:
    """What asking about the labs of a clinic came to. *error* is why it ended before everybody had a turn."""

    asked: int = 0
    error: str | None = None


def check_clinic(environment: str, clinic_id: str, *, now: datetime) -> LabRound:
    """Ask about those patients of a clinic whose turn it is, in the name of whoever can speak for it.

    Commits. Never raises for what Fullscript answers. After a failure that all would meet, the rest waits.
    """
    clinic, done = clinics.find(environment, clinic_id), LabRound()
    if not clinic.connections:
        done.error = NotConnected.code
        return done
    for patient_id in lab_agenda.patients_due(environment, clinic_id, now=now):
        key = (environment, clinic_id, patient_id)
        if not lab_agenda.claim(key, now=now):
            continue
        try:
            check(key, partial(_by_clinic, clinic, now), now=now)
        except (FullscriptError, NotConnected) as error:
            if isinstance(error, STOPPING):
                done.error = code_of(error)
                break
        done.asked += 1
    return done


def check(key: lab_agenda.Key, ask: Ask, *, now: datetime) -> None:
    """Ask about one patient, keep what Fullscript answers, and tell the host of new results. Commits.

    Raises the FullscriptError, or NotConnected, that kept it from being answered; that is noted too.
    """
    known = lab_orders.known_of(*key)
    current().db_session.rollback()  # nothing of ours is open while Fullscript answers
    try:
        found = ask(partial(_ask, key[2], known))
    except (FullscriptError, NotConnected) as error:
        current().db_session.rollback()
        say(logging.WARNING, "labs could not be asked for", reason=code_of(error))
        lab_agenda.failed(key, code_of(error), now=now)
        raise
    _keep(key, found, known, now=now)
    lab_news.tell(now=now)


def code_of(error: Exception) -> str:
    """Why it failed, in one word for the page and the log."""
    return error.reason if isinstance(error, FullscriptError) else getattr(error, "error_code", "failed")


def _by_clinic(
    clinic: Clinic, now: datetime, do: Callable[[FullscriptClient], list[ReportedLabOrder]]
) -> list[ReportedLabOrder]:
    return clinics.call(clinic, do, now=now)


def _ask(patient_id: str, known: Known, client: FullscriptClient) -> list[ReportedLabOrder]:
    """A patient's lab orders, each as it is told in full where something of it is new."""
    listed = client.lab_orders.list(patient_id=patient_id)
    # Another patient's, should the filter not be heeded, is nobody's business here.
    mine = [one for one in listed if one.id and one.patient_id in {None, patient_id}]
    return [found for one in mine if (found := _in_full(one, known, client))]


def _in_full(one: ReportedLabOrder, known: Known, client: FullscriptClient) -> ReportedLabOrder | None:
    if any(keys <= set(one.raw) for keys in _IN_FULL):
        return one
    _stamps, has_tests, state = known.get(one.id, ({}, False, None))
    settled = has_tests and state == one.state and not lab_states.has_results(state)
    if settled:
        return None
    try:
        return client.lab_orders.retrieve(one.id)
    except RecordNotFound:
        return None  # it went meanwhile


def _keep(key: lab_agenda.Key, found: list[ReportedLabOrder], known: Known, *, now: datetime) -> None:
    """Keep it all, or once more when somebody else kept some of it in the same moment. Commits."""
    session = current().db_session
    for attempt in range(2):
        try:
            _keep_once(key, found, known, now=now)
            session.commit()
        except IntegrityError:
            session.rollback()
            if attempt:
                raise
        else:
            return


def _keep_once(key: lab_agenda.Key, found: list[ReportedLabOrder], known: Known, *, now: datetime) -> None:
    environment, clinic_id, patient_id = key
    is_overtaken = False
    for one in found:
        row = lab_orders.keep_read((environment, clinic_id), one, known, patient_id=patient_id, now=now)
        if row is None:
            is_overtaken = True
        elif lab_results.keep(row, one, now=now):
            row.revision += 1
    ways = lab_orders.ways_of(environment, clinic_id, patient_id)
    due_at = now if is_overtaken else lab_states.next_look(ways, now=now)
    lab_agenda.checked(key, now=now, due_at=due_at)
