"""Who meets the sandbox's Embed frame in tests without a browser: a partner, and the page in the frame."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import requests

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, TIMEOUT, http

PLATFORM = "/api/embeddable/session/embed/entry"
TREATMENT_PLAN = "/api/embeddable/session/treatment_plans/new"
ORIGIN = "http://127.0.0.1:5123"
PAGE = re.compile(r'<script type="application/json" id="page">(.*?)</script>', re.DOTALL)


class Partner:
    """A partner's page and server, with an app that may be framed on ORIGIN."""

    def __init__(self, sandbox: Sandbox, app: SandboxApp | None = None) -> None:
        self.sandbox = sandbox
        self.app = app or sandbox.create_app(origin_uris=[ORIGIN])
        self.tokens: list[str] = []
        self._http = http()

    def tokenizes(self, body: Any, **headers: str) -> requests.Response:
        """Hand a patient's data over, as the library does; *body* is text or becomes JSON."""
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"Content-Type": "application/json", "Origin": ORIGIN} | headers
        return self._http.post(
            f"{self.sandbox.url}/api/embeddable/tokenize", data, headers=headers, timeout=TIMEOUT
        )

    def asks_grant(self, email: str = MAYA) -> str:
        """The secret token of a fresh session grant."""
        address = f"{self.sandbox.url}/api/clinic/embeddable/session_grants"
        answer = self._http.post(address, headers=self._bearer(email), timeout=TIMEOUT)
        return str(answer.json()["secret_token"])

    def loads(self, path: str = PLATFORM, *, cookies: Any = None, **changes: str) -> requests.Response:
        """Load the frame's address, with a fresh grant unless *changes* brings a secret token."""
        query = {
            "public_key": self.app.public_key,
            "frame_id": str(uuid.uuid4()),
            "target_origin": ORIGIN,
            "data_token": "null",
            **changes,
        }
        query.setdefault("secret_token", changes.get("secret_token") or self.asks_grant())
        return self._http.get(f"{self.sandbox.url}{path}", params=query, cookies=cookies, timeout=TIMEOUT)

    def opens(self, email: str = MAYA, patient: dict[str, Any] | None = None, **changes: str) -> Frame:
        """Open the platform feature for a patient."""
        if patient is not None:
            changes["data_token"] = self.tokenizes({"data": patient}).json()["data_token"]
        return Frame(self, self.loads(secret_token=self.asks_grant(email), **changes))

    def reads(self, path: str, email: str = MAYA) -> Any:
        """Read something of the REST API as a user."""
        return self._http.get(
            f"{self.sandbox.url}{path}", headers=self._bearer(email), timeout=TIMEOUT
        ).json()

    def revokes_all(self) -> None:
        """Take every token back that was used so far."""
        credentials = {"client_id": self.app.client_id, "client_secret": self.app.client_secret}
        for token in self.tokens:
            body = credentials | {"token": token}
            self._http.post(f"{self.sandbox.url}/api/oauth/revoke", json=body, timeout=TIMEOUT)

    def _bearer(self, email: str) -> dict[str, str]:
        token = self.sandbox.token(self.app, email)["oauth"]["access_token"]
        self.tokens.append(token)
        return {"Authorization": f"Bearer {token}"}


class PlatformPage:
    """A page of the platform, however it came in, and the calls that it makes."""

    def __init__(self, url: str, session: requests.Session, response: requests.Response) -> None:
        self.url, self.response = url, response
        self.page = page_of(response)
        self._http = session

    def asks(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the platform's API."""
        address = f"{self.url}/platform/api/{path}"
        return self._http.request(method, address, timeout=TIMEOUT, **options)

    def desk(self) -> dict[str, Any]:
        """What the page shows first."""
        desk: dict[str, Any] = self.asks("GET", "desk").json()
        return desk

    def finds(self, query: str) -> dict[str, Any]:
        """The first patient that fits."""
        patient: dict[str, Any] = self.asks("GET", "patients", params={"query": query}).json()["patients"][0]
        return patient

    def plan(self, patient: str = "Amelia Burton", **changes: Any) -> dict[str, Any]:
        """A plan's body with one product, as the page would send it."""
        product = self.asks("GET", "products").json()["products"][0]
        recommendation = {
            "variant_id": product["variant"]["id"],
            "units_to_purchase": "2",
            "refill": True,
            "take_with": "food",
            "dosage": {
                "amount": "1-2",
                "frequency": "once per day",
                "duration": "30",
                "format": "capsule",
                "time_of_day": ["morning"],
                "additional_info": "Not on an empty stomach",
            },
        }
        return {
            "patient_id": self.finds(patient)["id"],
            "practitioner_id": self.desk()["practitioners"][0]["id"],
            "recommendations": [recommendation],
            "lab_ids": [],
            "personal_message": "Start slowly.",
        } | changes

    def saves(self, plan_id: str, body: dict[str, Any]) -> requests.Response:
        """Keep a draft."""
        return self.asks("PUT", f"plans/{plan_id}", json=body)

    def sends(self, plan_id: str, body: dict[str, Any]) -> requests.Response:
        """Send the plan to its patient."""
        return self.asks("PUT", f"plans/{plan_id}/activation", json=body)


class Frame(PlatformPage):
    """The page in the frame, which knows its key."""

    def __init__(self, partner: Partner, response: requests.Response) -> None:
        super().__init__(partner.sandbox.url, http(), response)
        self.partner = partner
        self._http.headers["Authorization"] = f"Frame {self.page.get('frameKey')}"


def page_of(response: requests.Response) -> dict[str, Any]:
    """The data that a frame's page carries for its scripts."""
    found = PAGE.search(response.text)
    page: dict[str, Any] = json.loads(found.group(1)) if found else {}
    return page


def ancestors_of(response: requests.Response) -> str:
    """Who may frame the page."""
    policy = response.headers["Content-Security-Policy"]
    return policy.split("frame-ancestors ")[1].split(";")[0]
