"""Fullscript under load: many senders at once, that repeat what was not answered with the challenge."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Lock
from typing import Any

import requests

from fullscript_embed.testing import SandboxApp, sign_webhook

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
NOON = "2026-11-20T12:00:00.000Z"
# Seconds. Fullscript waits for two (the guide: Webhooks); where the answer itself is what is looked at, the
# machine may be as slow as it likes.
PATIENCE, NO_HURRY = 2.0, 60.0
# Fullscript repeats after 1, 5, 30, 60 minutes and 5 hours; here it is always a moment later.
PAUSE, MOST_TRIES = 0.1, 600
# Of these many events one is sent again although it was answered.
REPEATED = 10
PATIENTS = 20


class Load:
    """Sends *total* events from *senders* threads; `promised` are those answered with the challenge."""

    def __init__(
        self,
        url: str,
        app: SandboxApp,
        chance: Random,
        *,
        total: int,
        senders: int = 8,
        patience: float = PATIENCE,
    ) -> None:
        self.url, self.app = f"{url}/fullscript/webhooks/local", app
        self.total, self.senders, self.patience = total, senders, patience
        self.promised: set[str] = set()
        self.orders: set[str] = set()
        # What calls came to: a status, or that there was none.
        self.outcomes: Counter[str] = Counter()
        self._chance, self._lock = chance, Lock()
        self._events = self._make()
        self._threads: ThreadPoolExecutor | None = None

    @property
    def done(self) -> float:
        """The part of the events that was answered with the challenge."""
        return len(self.promised) / self.total

    def start(self) -> None:
        """Begin to send."""
        self._threads = ThreadPoolExecutor(self.senders)
        self._running = [self._threads.submit(self._send_all) for _ in range(self.senders)]

    def finish(self) -> None:
        """Return when every event was answered; raises what went wrong in a sender."""
        assert self._threads is not None
        for one in self._running:
            one.result()
        self._threads.shutdown()

    def send(self, event: dict[str, Any]) -> None:
        """Send one event until it is answered with the challenge."""
        with requests.Session() as http:
            self._deliver(http, event)

    def send_once(self, event: dict[str, Any]) -> requests.Response | None:
        """Send one event in its two calls, and return the last answer; None when there was none."""
        with requests.Session() as http:
            return self._call(http, event)

    def _send_all(self) -> None:
        with requests.Session() as http:
            while (event := self._next()) is not None:
                self._deliver(http, event)
                if int(event["id"][:8], 16) % REPEATED == 0:
                    self._call(http, event)

    def _next(self) -> dict[str, Any] | None:
        with self._lock:
            return next(self._events, None)

    def _deliver(self, http: requests.Session, event: dict[str, Any]) -> None:
        for _ in range(MOST_TRIES):
            answer = self._call(http, event)
            if answer is not None and self._has_challenge(answer):
                with self._lock:
                    self.promised.add(event["id"])
                    if event["type"] == "order.placed":
                        self.orders.add(event["data"]["id"])
                return
            time.sleep(PAUSE)
        raise AssertionError(f"an event was not taken in {MOST_TRIES} tries: {self.outcomes}")

    def _call(self, http: requests.Session, event: dict[str, Any]) -> requests.Response | None:
        body = json.dumps({"event": event}).encode()
        try:
            first = http.post(self.url, data=b"", timeout=self.patience)
            answer = first
            if self._has_challenge(first):
                headers = sign_webhook(body, self.app.signature_key)
                answer = http.post(self.url, data=body, headers=headers, timeout=self.patience)
        except requests.RequestException as error:
            self._count("no answer in time" if isinstance(error, requests.Timeout) else "no answer")
            return None
        self._count(str(answer.status_code))
        return answer if answer is not first else None

    def _has_challenge(self, answer: requests.Response) -> bool:
        return answer.ok and answer.json() == {"challenge": self.app.challenge_token}

    def _count(self, outcome: str) -> None:
        with self._lock:
            self.outcomes[outcome] += 1

    def _make(self) -> Iterator[dict[str, Any]]:
        for number in range(self.total):
            yield some_event(self._chance, number)


def some_event(chance: Random, number: int) -> dict[str, Any]:
    """What happens in a clinic: mostly orders; plans, and patients who are changed again and again."""
    kind = chance.choices(["order", "plan", "patient"], [6, 2, 2])[0]
    if kind == "order":
        return order(chance)
    if kind == "plan":
        return plan(chance, patient_id=f"patient-{number % PATIENTS}")
    told = {"id": f"patient-{number % PATIENTS}", "first_name": "Amelia", "last_name": f"Burton {number}"}
    return event(chance, "patient.updated", {"patient": told})


def order(chance: Random) -> dict[str, Any]:
    """An order of its own."""
    told = {
        "id": _id(chance),
        "order_number": "R1",
        "completed_at": NOON,
        "patient_id": "patient-1",
        "line_items": [{"variant_id": "variant-1", "quantity": 2}],
    }
    return event(chance, "order.placed", told)


def plan(chance: Random, *, patient_id: str | None, plan_id: str | None = None) -> dict[str, Any]:
    """A plan that was sent; without a patient Fullscript has to be asked whose it is."""
    told = {"id": plan_id or _id(chance), "state": "active", "recommendations": []}
    if patient_id:
        told["patient"] = {"id": patient_id}
    return event(chance, "treatment_plan.created", {"treatment_plan": told})


def event(chance: Random, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """An event of Juniper's."""
    return {"id": _id(chance), "type": kind, "created_at": NOON, "clinic_id": JUNIPER, "data": data}


def _id(chance: Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
