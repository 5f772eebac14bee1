"""Priya Raman, who has a past at Fullscript, and another application of her clinic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import session

from fullscript_embed.api import FullscriptClient, Recommendation
from fullscript_embed.plans import PlanView
from tests.partner_host import JUNIPER, Host, HostUser, plans_of

T = TypeVar("T")

PRIYA = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"
CHECK = "/fullscript/patients/7/plans/check"


def link(host: Host, patient: str = "7") -> None:
    """Say that a patient of the host is Priya."""
    place: dict[str, Any] = {"environment": "local", "clinic_id": JUNIPER}
    host.asks(lambda: host.extension.link_patient(patient, **place, fullscript_patient_id=PRIYA))


def asks_as(user: HostUser, question: Callable[[], T]) -> T:
    """What *question* answers in a request of that user."""
    with user.host.app.test_request_context():
        session["user"] = user.name
        return question()


def a_variant(client: FullscriptClient, number: int = 0) -> str:
    """A product's variant; another one for each number."""
    products = client.products.search(page_size=number + 1).page(1)
    return client.products.retrieve(products[number].id).variants[0].id


def sends_a_plan(client: FullscriptClient, state: str = "active") -> str:
    """Send Priya a plan with one product; its id."""
    lines = [Recommendation(variant_id=a_variant(client), units_to_purchase=1)]
    return client.treatment_plans.create(PRIYA, recommendations=lines, state=state).id


def kept(user: HostUser, plan_id: str) -> PlanView:
    """One of patient 7's plans, as the host is told."""
    return next(one for one in plans_of(user) if one.id == plan_id)
