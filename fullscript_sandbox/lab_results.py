"""Results of labs: some, all, amended (guide: Labs; webhook Lab order updated). Callers commit.

Each leaves the event `lab_order.updated`, with the webhook's word for the state. A document answers
the tests of which it has the markers: labs send together what they like, so that results and tests do not
match one to one.
"""

from __future__ import annotations

from typing import Literal

from fullscript_sandbox import events, lab_documents, lab_orders
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import Event, LabOrder, LabResult, LabTest
from fullscript_sandbox.refusals import NotFound, WrongState

# The lab company whose results can be shared without the practitioner's doing (guide: labs, step 10: the real
# setting is for Quest Diagnostics).
SHARED_COMPANY = "Tidewater Diagnostics"
WAITING = ("processing", "partial_results")
COMPLETE = ("results_ready", "results_amended", "interpretation_ready", "interpretation_shared")

# What comes instead of a PDF, where a test wants to know what a client does with it.
Document = Literal["pdf", "html", "disguised", "empty"]


def push(lab_order: LabOrder, *, complete: bool, document: Document = "pdf") -> Event:
    """Let results come: of half of the tests that wait for them, or of all.

    With all of them, results of SHARED_COMPANY are shared with the patient at once where the practitioner
    has it so; the event says all_results_received nevertheless. Raises WrongState before the sample is there,
    when all results are, and for a part of one test.
    """
    _need(lab_order, WAITING, "results come after processing and before all are there")
    tests = _unanswered(lab_order)
    if not complete and len(tests) < 2:  # noqa: PLR2004 -- one cannot be parted
        raise WrongState("Lab order waits for one result only; all results can be sent, a part cannot")
    _add(lab_order, tests if complete else tests[: len(tests) // 2], document)
    lab_orders.enter(lab_order, "results_ready" if complete else "partial_results")
    event = events.lab_order_updated(lab_order)
    if complete and _shares_automatically(lab_order):
        lab_orders.move(lab_order, "interpretation_shared")
    return event


def amend(lab_order: LabOrder, result_id: str | None = None, document: Document = "pdf") -> Event:
    """Let a result be replaced by another: the one named, or the latest.

    Raises WrongState before all results are there, NotFound for a result that is not one of this order or was
    replaced already.
    """
    _need(lab_order, COMPLETE, "results are amended after all are there")
    replaced = _latest(lab_order) if result_id is None else _named(lab_order, result_id)
    tests = [test for test in lab_order.lab.tests if test.id in replaced.test_ids]
    _add(lab_order, tests, document, replaced)
    lab_orders.enter(lab_order, "results_amended")
    return events.lab_order_updated(lab_order)


def send_next(lab_order: LabOrder) -> Event:
    """Whatever comes next of results, the way to them included: some, then all, then amended ones."""
    _need(lab_order, lab_orders.STATES[1:], "it has to be bought first")
    if lab_order.state in COMPLETE:
        return amend(lab_order)
    while lab_order.state not in WAITING:
        lab_orders.move(lab_order, lab_orders.next_states(lab_order)[0])
    several = len(_unanswered(lab_order)) > 1
    return push(lab_order, complete=lab_order.state == "partial_results" or not several)


def possible(lab_order: LabOrder) -> tuple[str, ...]:
    """What can come of results: `some`, `all`, `amended`."""
    if lab_order.state in COMPLETE:
        return ("amended",)
    if lab_order.state not in WAITING:
        return ()
    return ("some", "all") if len(_unanswered(lab_order)) > 1 else ("all",)


def current(lab_order: LabOrder) -> list[LabResult]:
    """The results that nothing replaced, each in the place of the first that it stands for."""
    after = {one.replaces_id: one for one in lab_order.results}

    def newest(result: LabResult) -> LabResult:
        while result.id in after:
            result = after[result.id]
        return result

    return [newest(one) for one in lab_order.results if one.replaces_id is None]


def _add(
    lab_order: LabOrder, tests: list[LabTest], document: Document, replaced: LabResult | None = None
) -> None:
    result = LabResult(id=new_id(), test_ids=[test.id for test in tests], created_at=now())
    result.replaces_id = replaced.id if replaced else None
    result.pdf, result.content_type = lab_documents.made(document, lab_order, result, tests)
    lab_order.results.append(result)
    db.session.flush()


def _need(lab_order: LabOrder, states: tuple[str, ...], why: str) -> None:
    if lab_order.state not in states:
        raise WrongState(f"Lab order is {lab_order.state}; {why}")


def _unanswered(lab_order: LabOrder) -> list[LabTest]:
    answered = {test_id for result in lab_order.results for test_id in result.test_ids}
    return [test for test in lab_order.lab.tests if test.id not in answered]


def _shares_automatically(lab_order: LabOrder) -> bool:
    return lab_order.practitioner.share_results_automatically and lab_order.lab.company == SHARED_COMPANY


def _latest(lab_order: LabOrder) -> LabResult:
    return max(current(lab_order), key=lambda one: one.created_at)


def _named(lab_order: LabOrder, result_id: str) -> LabResult:
    for one in current(lab_order):
        if one.id == result_id:
            return one
    raise NotFound("Lab result")
