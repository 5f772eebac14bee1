"""What happened to a treatment plan, in the order in which it happened, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from fullscript_embed import names
from fullscript_embed.dosages import in_words
from fullscript_embed.models import Name, TreatmentPlan
from fullscript_embed.plan_models import PlanChange
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

ANSWER = "answer"
# What a difference has to be about to be worth a line.
TELLING_FACTS = {"state", "recommendations", "lab_recommendations"}
# By variant or lab: its name, and how it is to be taken.
Lines = Mapping[str, tuple[str, str]]
STATES = {"draft": "Saved as a draft", "active": "Sent to the patient", "cancelled": "Cancelled"}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What happened at one moment: *title* in a few words, and a sentence for each thing that changed."""

    at: datetime
    title: str
    details: tuple[str, ...] = ()


def note(plan: TreatmentPlan, telling: Telling, said: Mapping[str, Any]) -> None:
    """Keep one event in the history of *plan*. The caller commits."""
    moment = telling.at.isoformat(timespec="milliseconds")
    row = PlanChange(
        environment=plan.environment,
        clinic_id=plan.clinic_id,
        plan_id=plan.fullscript_id,
        event_id=telling.event_id or f"{ANSWER} {moment}",
        at=telling.at,
        state=said.get("state"),
        recommendations=said.get("recommendations"),
        lab_recommendations=said.get("lab_recommendations"),
    )
    session = current().db_session
    with session.no_autoflush:
        session.merge(row)


def of_plan(plan: TreatmentPlan) -> list[HistoryEntry]:
    """The history of *plan*, the latest first."""
    wanted = select(PlanChange).filter_by(
        environment=plan.environment, clinic_id=plan.clinic_id, plan_id=plan.fullscript_id
    )
    rows = current().db_session.scalars(wanted.order_by(PlanChange.at, PlanChange.event_id)).all()
    entries = [*_beginning(plan, rows), *_told(plan, rows)]
    if plan.state == "cancelled" and plan.cancelled_at and all(row.state != "cancelled" for row in rows):
        entries.append(HistoryEntry(plan.cancelled_at, STATES["cancelled"]))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _beginning(plan: TreatmentPlan, rows: Sequence[PlanChange]) -> Iterator[HistoryEntry]:
    """A plan is older than the first event of it when it was a draft before, or was found by a check."""
    if not rows or plan.happened_at < rows[0].at:
        yield HistoryEntry(plan.happened_at, "Created")


def _told(plan: TreatmentPlan, rows: Sequence[PlanChange]) -> Iterator[HistoryEntry]:
    known = names.find(
        (plan.environment, names.VARIANT, str(line["variant_id"]))
        for row in rows
        for line in row.recommendations or ()
    )
    state: str | None = None
    lines: Lines | None = None
    for row in rows:
        after = _lines(row, known, lines)
        details = tuple(_differences(lines, after)) if lines is not None and after is not None else ()
        is_news = row.state is not None and row.state != state
        if is_news or details or row.event_id.startswith(ANSWER):
            title = STATES.get(row.state or "", row.state or "") if is_news else "Changed"
            yield HistoryEntry(row.at, title, () if row.state == "cancelled" else details)
        state, lines = row.state or state, after


def _lines(row: PlanChange, known: Mapping[names.Key, Name], before: Lines | None) -> Lines | None:
    """What the plan recommended after the event; as before where the event did not speak of it."""
    if row.recommendations is None and row.lab_recommendations is None:
        return before
    supplements = {
        str(line["variant_id"]): (_name(row, line, known), _dose(line)) for line in row.recommendations or ()
    }
    labs = {str(lab["id"]): (str(lab.get("name") or "a lab"), "") for lab in row.lab_recommendations or ()}
    return {**supplements, **labs}


def _name(row: PlanChange, line: Mapping[str, Any], known: Mapping[names.Key, Name]) -> str:
    found = known.get((row.environment, names.VARIANT, str(line["variant_id"])))
    return (found.name if found else None) or "a product"


def _dose(line: Mapping[str, Any]) -> str:
    words = in_words(line.get("dosage") or {})
    units = line.get("units_to_purchase")
    return ", ".join(filter(None, (words, f"{units} to buy" if units else None)))


def _differences(before: Lines, after: Lines) -> Iterator[str]:
    yield from (f"Added {name}." for key, (name, _dose) in after.items() if key not in before)
    yield from (f"Removed {name}." for key, (name, _dose) in before.items() if key not in after)
    for key, (name, dose) in after.items():
        was = before[key][1] if key in before else dose
        if was != dose:
            yield f"{name}: {was or 'no dosage'}, now {dose or 'no dosage'}."
