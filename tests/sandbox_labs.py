"""Who meets labs in the sandbox: a practitioner who recommends them, and the partner who asks the API."""

from __future__ import annotations

import uuid
from typing import Any

import requests

from fullscript_embed.testing import Sandbox
from tests.frame_actors import Frame, Partner
from tests.sandbox_actors import MAYA, TIMEOUT, http

WITH_APPOINTMENT = ("schedule_appointment", "upcoming_appointment", "processing")
LIPIDS = "Lipid Panel"  # four tests, with an appointment, of the company that can share automatically
VITAMIN_D = "Vitamin D Home Test"  # one test, at home
STOOL = "Stool Pathogen Screen"  # three tests, at home


class Laboratory:
    """A practitioner and her partner's server; labs are named as the catalog names them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.partner = Partner(sandbox)
        token = sandbox.token(self.partner.app, MAYA)["oauth"]["access_token"]
        self._http = http()
        self._http.headers["Authorization"] = f"Bearer {token}"

    def finds(self, frame: Frame, name: str) -> str:
        """The id of the lab of that name."""
        labs = frame.asks("GET", "labs", params={"query": name}).json()["labs"]
        return next(str(one["id"]) for one in labs if one["name"] == name)

    def recommends(self, *names: str, patient: str = "Amelia Burton") -> str:
        """Send a plan with these labs, and return its id."""
        frame, plan_id = self.partner.opens(), str(uuid.uuid4())
        body = {
            "patient_id": frame.finds(patient)["id"],
            "practitioner_id": frame.desk()["practitioners"][0]["id"],
            "lab_ids": [self.finds(frame, name) for name in names],
        }
        assert frame.sends(plan_id, body).ok
        return plan_id

    def cancels(self, plan_id: str) -> None:
        """Take a plan back through the API."""
        path = f"{self.sandbox.url}/api/clinic/treatment_plans/{plan_id}/cancel"
        assert self._http.patch(path, timeout=TIMEOUT).ok

    def sells(self, name: str) -> str:
        """Recommend a lab, let the patient buy it, and return the lab order's id."""
        (lab_order,) = self.sandbox.purchase_labs(self.recommends(name))
        return str(lab_order["id"])

    def processes(self, name: str) -> str:
        """The same, until the laboratory has the sample."""
        lab_order_id = self.sells(name)
        self.sandbox.move_lab_order(
            lab_order_id, *(WITH_APPOINTMENT if name == LIPIDS else WITH_APPOINTMENT[-1:])
        )
        return lab_order_id

    def reads(self, path: str) -> requests.Response:
        """Ask the API, or for what it named by its address."""
        return self._http.get(
            path if path.startswith("http") else f"{self.sandbox.url}{path}", timeout=TIMEOUT
        )

    def order(self, lab_order_id: str) -> dict[str, Any]:
        """A lab order as the API has it."""
        order: dict[str, Any] = self.reads(f"/api/clinic/labs/orders/{lab_order_id}").json()["order"]
        return order

    def orders_of(self, plan_id: str) -> list[dict[str, Any]]:
        """The lab orders of a plan as the API lists them."""
        rows = self.reads("/api/clinic/labs/orders?page[size]=100").json()["orders"]
        return [one for one in rows if one["treatment_plan_id"] == plan_id]

    def events(self, lab_order_id: str) -> list[str]:
        """What the events of a lab order say, oldest first."""
        rows = self.reads("/api/events/lab_orders?page[size]=100").json()["events"]
        told = [self.reads(f"/api/events/{one['id']}").json()["event"]["data"]["lab_order"] for one in rows]
        return [one["status"] for one in told if one["id"] == lab_order_id]
