"""Fullscript for the tests of your own app: starts a sandbox, and orders of it what a test needs.

    # conftest.py
    pytest_plugins = ["fullscript_embed.testing"]

    # test_connect.py
    def test_a_clinic_that_cannot_be_read_is_asked_for_again(fullscript_sandbox, client):
        app = fullscript_sandbox.create_app(redirect_uris=["http://localhost/fullscript/callback/local"])
        fullscript_sandbox.fault("/api/clinic", status=503, headers={"Retry-After": "1"})

        assert ...

The fixture `fullscript_sandbox` starts one sandbox for the whole run and puts it back to its seed before
each test that asks for it; with pytest-xdist each worker has its own. All goes over HTTP, to a process of
its own. The sandbox comes with the extra of that name: pip install "fullscript-embed[sandbox]".
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import pytest
import requests

from fullscript_embed.testing_pages import ANSWER_TIMEOUT, SandboxError, Visitor

__all__ = [
    "PASSWORD",
    "Sandbox",
    "SandboxApp",
    "SandboxError",
    "fullscript_sandbox",
    "sign_webhook",
    "start_sandbox",
]

# Of every account in the sandbox's seed; its start page lists them.
PASSWORD = "fullscript-sandbox"  # noqa: S105 -- opens invented accounts only
# Seconds to wait for the process to end.
END_TIMEOUT = 10
READY = re.compile(r"ready on (\S+)")


@dataclass(frozen=True)
class SandboxApp:
    """An application registered in a sandbox, with what a developer would copy from the dashboard."""

    id: str
    name: str
    environment: str
    client_id: str
    client_secret: str = field(repr=False)
    public_key: str
    challenge_token: str = field(repr=False)
    signature_key: str = field(repr=False)
    redirect_uris: Sequence[str] = ()
    origin_uris: Sequence[str] = ()
    scopes: Sequence[str] = ()
    webhook_url: str | None = None
    webhook_events: Sequence[str] = ()
    webhook_envelope: str = "event"
    webhook_disabled: bool = False

    def settings(self, environment: str = "local") -> dict[str, str]:
        """What the extension reads about this app for *environment*: FULLSCRIPT_LOCAL_CLIENT_ID and so on."""
        prefix = f"FULLSCRIPT_{environment.upper().replace('-', '_')}"
        return {
            f"{prefix}_CLIENT_ID": self.client_id,
            f"{prefix}_CLIENT_SECRET": self.client_secret,
            f"{prefix}_PUBLIC_KEY": self.public_key,
            f"{prefix}_WEBHOOK_CHALLENGE": self.challenge_token,
            f"{prefix}_WEBHOOK_SIGNATURE_KEYS": self.signature_key,
        }

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Self:
        """Read what the control plane answers; keys that are not known here are left out."""
        return cls(**{one.name: answer[one.name] for one in fields(cls)})


class Sandbox(AbstractContextManager["Sandbox"]):
    """A running sandbox, as a test speaks to it. Ends with the `with` block, or with `stop()`."""

    def __init__(
        self, url: str, process: Popen[str] | None = None, folder: TemporaryDirectory[str] | None = None
    ) -> None:
        """Speak to the sandbox at *url*; `stop()` ends the process and removes the folder, if given."""
        self.url = url.rstrip("/")
        self._process, self._folder = process, folder
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of this machine has nothing to say about loopback

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def create_app(self, name: str = "Test app", **options: Any) -> SandboxApp:
        """Register an application.

        Options: `redirect_uris`, `origin_uris`, `scopes` (all, when left out), `environment` ("us-snd" or
        "ca-snd": the country whose practitioners may use it), `level` ("user" or "clinic"),
        `restricted_grants` (names of restricted endpoints that it was approved for). For webhooks:
        `webhook_url`, `webhook_events` (all, when left out), `webhook_envelope` ("event", or "event_payload"
        as the guide's examples have it), `challenge_token` and `signature_key` (fresh ones, when left out).
        """
        return SandboxApp.from_answer(self._control("POST", "apps", json={"name": name, **options}))

    def apps(self) -> list[SandboxApp]:
        """Every registered application, those of the seed first."""
        return [SandboxApp.from_answer(one) for one in self._control("GET", "apps")["apps"]]

    def change_app(self, app: SandboxApp, **changes: Any) -> SandboxApp:
        """Change an application, as on the dashboard. Tokens keep the scopes that they were given with.

        Takes what `create_app` takes, and `webhook_disabled`; an empty `webhook_url` ends its webhooks.
        """
        return SandboxApp.from_answer(self._control("PATCH", f"apps/{app.id}", json=changes))

    def token(self, app: SandboxApp, email: str) -> dict[str, Any]:
        """The token answer (nested under "oauth") for a practitioner or staff member, without any page."""
        answer: dict[str, Any] = self._control(
            "POST", "tokens", json={"client_id": app.client_id, "email": email}
        )
        return answer

    def authorize(
        self, app: SandboxApp, email: str, redirect_uri: str, state: str = "", password: str = PASSWORD
    ) -> str:
        """Sign in and agree on the sandbox's own pages, and return the address that the browser is sent to.

        That is *redirect_uri* with `code` and `state`. Raises SandboxError with the page's title when the
        pages lead nowhere: an unknown client, a redirect_uri that is not registered, a wrong password.
        """
        query = {
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "state": state,
        }
        return Visitor(self.url, redirect_uri).agree(query, {"email": email, "password": password})

    def advance(self, seconds: float) -> str:
        """Move the sandbox's clock forward and return its new time: codes, tokens and grants expire by it."""
        return str(self._control("POST", "clock/advance", json={"seconds": seconds})["now"])

    def fault(self, path: str, **order: Any) -> None:
        """Let the next `times` (1) calls of *path* go wrong; `*` in it crosses slashes.

        `method` narrows it to one method. What goes wrong: `status` with `body` and `headers` (the call is
        not carried out), `delay_seconds`, `drop=True` (carried out, but the connection ends in the middle of
        the answer), `malformed=True` (carried out, but the answer is half of its JSON).
        """
        self._control("POST", "faults", json={"path": path, **order})

    def clear_faults(self) -> None:
        """Forget the faults that are still to come."""
        self._control("DELETE", "faults")

    def calls(self, path: str = "*") -> list[dict[str, Any]]:
        """The calls it answered: method, path (without query), status, at, request_id, fault."""
        calls: list[dict[str, Any]] = self._control("GET", "calls", params={"path": path})["calls"]
        return calls

    def clear_calls(self) -> None:
        """Forget the calls that were answered."""
        self._control("DELETE", "calls")

    def messages(self) -> list[dict[str, Any]]:
        """The e-mails and text messages that Fullscript would have sent, newest first, at most 100."""
        messages: list[dict[str, Any]] = self._control("GET", "messages")["messages"]
        return messages

    def emit(self, kind: str, **order: Any) -> dict[str, Any]:
        """Let an event happen, as if in Fullscript's pages, and return it as the API would.

        With `data` it is told as it stands, whatever its type. Without, it happens to the record that is
        named (`patient_id`, `plan_id`, `order_id`, `lab_order_id`, `product_id`) or to the latest one that
        it can happen to: a draft is activated, a plan cancelled, results come. `clinic_id` is the first
        clinic's when left out; with `data` it may have an `id` and a `created_at` of its own.
        """
        event: dict[str, Any] = self._control("POST", "events", json={"type": kind, **order})
        return event

    def place_order(
        self, plan_id: str, quantities: Mapping[str, int] | None = None, **options: str
    ) -> dict[str, Any]:
        """Let an active plan's patient buy of it, as in the shop, and return the order.

        *quantities* says how many of which variant; all that is recommended, when left out. `card` is the
        number of another card: 4000000000000002 is declined, which raises SandboxError. The labs among it
        become lab orders, and order.placed is told, with its `event_id` in the answer.
        """
        order = {"plan_id": plan_id, "quantities": quantities, **options}
        placed: dict[str, Any] = self._control("POST", "orders", json=order)
        return placed

    def refund(self, order_id: str) -> dict[str, Any]:
        """Give an order's money back and return it. The API goes on to list it, and no event tells of it."""
        refunded: dict[str, Any] = self._control("POST", f"orders/{order_id}/refund")
        return refunded

    def deliver(self, event_id: str, **order: Any) -> list[dict[str, Any]]:
        """Send an event now, whatever the rules say, and return the attempts with their answers.

        `app_id` names the app (all that are to know of the event, when left out); `times`, `at_once`. What
        is wrong with it: `bad_signature`, `unsigned`, `timestamp_offset` (seconds), `cut_body`,
        `skip_challenge`.
        With `late_seconds` it is sent when the sandbox's clock gets there, and nothing is returned.
        """
        sent: list[dict[str, Any]] = self._control(
            "POST", "webhooks/deliver", json={"event_id": event_id, **order}
        )["deliveries"]
        return sent

    def deliveries(self, **query: str) -> list[dict[str, Any]]:
        """The attempts that were made, oldest first, at most 1000; `app_id` and `event_id` narrow them."""
        made: list[dict[str, Any]] = self._control("GET", "webhooks/deliveries", params=query)["deliveries"]
        return made

    def hold_webhooks(self) -> None:
        """Send no webhook by itself from now on; what happens waits."""
        self._control("POST", "webhooks/hold")

    def release_webhooks(self, order: str = "same", *, at_once: int = 1) -> None:
        """Let webhooks go in the "same" order, in "reverse" or "random", so many at once to each app."""
        self._control("POST", "webhooks/release", json={"order": order, "at_once": at_once})

    def drop_webhooks(self, **which: str) -> int:
        """Forget webhooks that wait, and return how many: of `app_id`, of `event_id`, or all; retries too."""
        return int(self._control("POST", "webhooks/drop", json=which)["dropped"])

    def webhooks_idle(self, timeout: float = 20) -> bool:
        """Wait until nothing is due by the sandbox's clock; False after *timeout* seconds, 20 at most."""
        return bool(self._control("GET", "webhooks/idle", params={"timeout": timeout})["idle"])

    def lab_orders(self, patient_id: str | None = None) -> list[dict[str, Any]]:
        """Every lab order, oldest first, of a patient if one is named: id, state, lab, tests, results, ..."""
        query = {"patient_id": patient_id} if patient_id else {}
        found: list[dict[str, Any]] = self._control("GET", "lab_orders", params=query)["orders"]
        return found

    def purchase_labs(self, plan_id: str) -> list[dict[str, Any]]:
        """Let a plan's patient buy all that it recommends; the lab orders that came of it, `purchased`."""
        made: list[dict[str, Any]] = self._control("POST", "lab_orders", json={"plan_id": plan_id})["orders"]
        return made

    def move_lab_order(self, lab_order_id: str, *states: str) -> dict[str, Any]:
        """Take one step after the other, in the API's words, and return the lab order as it is then.

        Where an appointment is needed: "schedule_appointment", "upcoming_appointment", "processing"; else
        "processing". After results: "interpretation_ready", "interpretation_shared". No event comes of it.
        Raises SandboxError for a step that cannot follow.
        """
        path = f"lab_orders/{lab_order_id}/state"
        moved: dict[str, Any] = [self._control("POST", path, json={"state": one}) for one in states][-1]
        return moved

    def push_lab_results(
        self, lab_order_id: str, *, complete: bool = True, document: str = "pdf"
    ) -> dict[str, Any]:
        """Let results of a lab that is processed come, all or some, and return the lab order.

        `document` "html" brings a web page, "disguised" one that calls itself a PDF, "empty" no byte. Raises
        SandboxError before the sample is there and after all results are.
        """
        order = {"complete": complete, "document": document}
        pushed: dict[str, Any] = self._control("POST", f"lab_orders/{lab_order_id}/results", json=order)
        return pushed

    def amend_lab_result(
        self, lab_order_id: str, result_id: str | None = None, *, document: str = "pdf"
    ) -> dict[str, Any]:
        """Let a result, the latest when left out, be replaced by another, and return the lab order."""
        order = {"result_id": result_id, "document": document}
        amended: dict[str, Any] = self._control("POST", f"lab_orders/{lab_order_id}/amendments", json=order)
        return amended

    def register_for_labs(
        self, email: str, *, registered: bool = True, share_results_automatically: bool = False
    ) -> None:
        """Register a practitioner for labs, or end it; and set whether results are shared automatically."""
        order = {"email": email, "registered": registered}
        order["share_results_automatically"] = share_results_automatically
        self._control("POST", "lab_registrations", json=order)

    def reset(self) -> None:
        """Put data, clock, faults, webhooks and journal back to the start. Tokens from before are unknown."""
        self._control("POST", "reset")

    def stop(self) -> None:
        """End the process, if this object started it. Doing it twice changes nothing."""
        self._http.close()
        if self._process:
            self._process.terminate()
            _wait_for_end(self._process)
        if self._folder:
            self._folder.cleanup()

    def kill(self) -> None:
        """End the process at once, as a power cut would: what it was doing stays half done."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
        self.stop()

    def _control(self, method: str, path: str, **options: Any) -> Any:
        url = f"{self.url}/_sandbox/{path}"
        response = self._http.request(method, url, timeout=ANSWER_TIMEOUT, **options)
        if not response.ok:
            raise SandboxError(f"{method} /_sandbox/{path}: {response.status_code} {response.text.strip()}")
        return response.json() if response.content else None


def start_sandbox(data_dir: Path | str | None = None, *, port: int = 0) -> Sandbox:
    """Start a sandbox on a free port and return when it answers. Raises SandboxError with what it said.

    Its data lives in *data_dir*, or in a temporary folder that goes when the sandbox ends. It also ends
    when the process that started it does, however that happens.
    """
    folder = TemporaryDirectory(prefix="fullscript-sandbox-", ignore_cleanup_errors=True)
    log = Path(folder.name, "sandbox.log")
    command = [sys.executable, "-m", "fullscript_sandbox", "serve", "--watch-stdin", "--port", str(port)]
    command += ["--data-dir", str(data_dir or folder.name)]
    with log.open("w") as stderr:
        process = Popen(  # noqa: S603 -- our own
            command, text=True, stdin=PIPE, stdout=PIPE, stderr=stderr, start_new_session=True
        )
    assert process.stdout is not None  # noqa: S101 -- for type checkers: it is a pipe
    ready = READY.search(process.stdout.readline())
    sandbox = Sandbox(ready.group(1) if ready else "", process, folder)
    if not ready:
        message = log.read_text().strip()
        sandbox.stop()
        raise SandboxError(f"the sandbox did not start: {message}")
    return sandbox


def sign_webhook(body: bytes, key: str, now: float | None = None) -> dict[str, str]:
    """The headers with which Fullscript sends *body*, signed with *key* at *now* (Unix seconds; the present).

    headers = sign_webhook(body, app.signature_key)
    answer = client.post("/fullscript/webhooks/local", data=body, headers=headers)
    """
    timestamp = int(time.time() if now is None else now)
    signature = hmac.new(key.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "Fullscript-Signature": f"t={timestamp},v1={signature}"}


def _wait_for_end(process: Popen[str]) -> None:
    """Wait for a process that was told to end, and end it by force when it does not listen."""
    try:
        process.communicate(timeout=END_TIMEOUT)
    except TimeoutExpired:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def _sandbox_process() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def fullscript_sandbox(_sandbox_process: Sandbox) -> Sandbox:
    """A running sandbox in the state of its seed: no faults ordered, an empty journal, the clock right."""
    _sandbox_process.reset()
    return _sandbox_process
