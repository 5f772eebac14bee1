"""A lab in a partner's application that meets the sandbox: what becomes of it, and what people see of it."""

from __future__ import annotations

from typing import Any

import requests
from flask import session
from werkzeug.test import TestResponse

from fullscript_embed.lab_views import LabOrderView, LabResultView
from fullscript_embed.labs import PatientLabs
from tests.partner_host import ACCOUNTS, HostUser
from tests.sandbox_actors import http

TIMEOUT = 30


class Lab:
    """One lab order of Juniper's, of a patient who is the host's patient 7 for whoever looks at it."""

    def __init__(self, user: HostUser, order: dict[str, Any]) -> None:
        self.user, self.host, self.sandbox = user, user.host, user.host.sandbox
        self.id, self.patient_id = order["id"], order["patient_id"]
        self.place = "local", str(self.host.connection().clinic_id)
        self.links("7", self.patient_id)

    def links(self, patient: str, fullscript_patient_id: str) -> None:
        """Say who a patient of the host is."""
        environment, clinic_id = self.place
        link = self.host.extension.link_patient
        self.host.asks(
            lambda: link(
                patient,
                environment=environment,
                clinic_id=clinic_id,
                fullscript_patient_id=fullscript_patient_id,
            )
        )

    def moves(self, *states: str) -> None:
        """Let it go on in Fullscript."""
        self.sandbox.move_lab_order(self.id, *states)

    def checks(self, **headers: str) -> TestResponse:
        """Press the button."""
        data = {"csrf_token": self.user.csrf_token, "next": "/patients/7"}
        return self.user.browser.post("/fullscript/patients/7/labs/check", data=data, headers=headers)

    def opens(
        self, result_id: str, *, patient: str = "7", user: HostUser | None = None, **headers: str
    ) -> TestResponse:
        """Open a result's PDF."""
        path = f"/fullscript/patients/{patient}/lab-orders/{self.id}/results/{result_id}"
        return (user or self.user).browser.get(path, headers=headers, buffered=True)

    @property
    def shown(self) -> LabOrderView:
        """It, as the host's pages have it."""
        orders = self.host.asks(lambda: self.host.extension.lab_orders("7"))
        [mine] = [one for one in orders if one.id == self.id]
        return mine

    @property
    def results(self) -> list[LabResultView]:
        """Its results, as the host's pages have them."""
        return list(self.shown.results)

    def all(self) -> PatientLabs:
        """All that the host's page has for the user."""
        with self.host.app.test_request_context():
            session["user"] = self.user.name
            return self.host.extension.labs.of_patient("7")


def choose_lab(user: HostUser, state: str, *, tests: int = 1) -> Lab:
    """A lab order of the user's clinic in that state, with at least so many tests."""
    orders = [one for one in _orders(user) if one["state"] == state and len(one["tests"]) >= tests]
    return Lab(user, orders[0])


def buy_lab(user: HostUser, *, tests: int = 2) -> Lab:
    """A lab order that was bought just now, with at least so many tests."""
    waiting = [one for one in _orders(user) if one["state"] == "not_purchased" and len(one["tests"]) >= tests]
    bought = user.host.sandbox.purchase_labs(waiting[0]["treatment_plan_id"])
    return Lab(user, next(one for one in bought if one["id"] == waiting[0]["id"]))


def process_lab(user: HostUser, *, tests: int = 2) -> Lab:
    """A lab order whose sample is at the laboratory, and that was just checked."""
    lab = choose_lab(user, "processing", tests=tests)
    lab.checks()
    return lab


def _orders(user: HostUser) -> list[dict[str, Any]]:
    """All lab orders of the user's clinic, as the API answers them."""
    token = user.host.sandbox.token(user.host.registered, ACCOUNTS[user.name])["oauth"]["access_token"]
    answer: requests.Response = http().get(
        f"{user.host.sandbox.url}/api/clinic/labs/orders",
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT,
    )
    orders: list[dict[str, Any]] = answer.json()["orders"]
    return orders
