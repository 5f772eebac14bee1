"""A partner's page with the real browser library on it, and somebody who works in the frame that it shows.

The page is on 127.0.0.1 and the sandbox on localhost: to a browser these are two sites, so that the frame
is a third party as it is in real life.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from re import Pattern
from typing import Any

import requests
from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from fullscript_embed.testing import Sandbox, SandboxApp

MAYA = "maya.chen@juniper.example"  # owner
OMAR = "omar.haddad@juniper.example"  # practitioner
SAM = "sam.okafor@juniper.example"  # staff
ELISE = "elise.tremblay@cedarstone.example"  # owner, in Canada
PRIYA = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"  # a patient of all of the first three

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "fullscript_embed/static/vendor/@fullscript/fullscript-js/dist/fullscript-js.umd.min.js"
PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>A partner's page</title>
    <style>html, body, #mount { height: 100%; margin: 0; overflow: hidden }</style>
    <script src="/library.js"></script>
    <script src="/page.js"></script>
  </head>
  <body><div id="mount"></div></body>
</html>
"""
SCRIPT = """
window.told = []
window.failures = []
window.addEventListener("error", (event) => window.failures.push(event.message))
window.show = async ({ domain, env, publicKey, feature, options }) => {
  const shown = window.Fullscript({ domain, env, publicKey }).create(feature, options)
  for (const type of ["patient.selected", "treatmentPlan.activated"]) {
    shown.on(type, (event) => window.told.push(event))
  }
  await shown.mount("mount")
}
"""


class HostPage:
    """Serves the page on a free port until `stop()`."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    files: dict[str, tuple[str, Callable[[], str]]] = {  # noqa: RUF012 -- read only
        "/": ("text/html", lambda: PAGE),
        "/page.js": ("text/javascript", lambda: SCRIPT),
        "/library.js": ("text/javascript", partial(LIBRARY.read_text, encoding="utf-8")),
    }

    def do_GET(self) -> None:
        kind, read = self.files.get(self.path, ("text/plain", lambda: ""))
        body = read().encode()
        self.send_response(200 if self.path in self.files else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


class Recommender:
    """Somebody of a clinic, in front of the partner's page."""

    def __init__(self, page: Page, sandbox: Sandbox, app: SandboxApp, host: HostPage) -> None:
        self.page, self.sandbox, self.app, self.host = page, sandbox, app, host

    def opens(
        self, email: str, *, feature: str = "platform", secret_token: str | None = None, **options: Any
    ) -> None:
        """Have the library show the feature, as the user with that e-mail address."""
        self.page.goto(self.host.url)
        self.page.evaluate(
            "(order) => window.show(order)",
            {
                "domain": self.sandbox.url,
                "env": self.app.environment,
                "publicKey": self.app.public_key,
                "feature": feature,
                "options": {"secretToken": secret_token or self.secret_token(email), **options},
            },
        )

    def secret_token(self, email: str) -> str:
        """A fresh session grant's token."""
        token = self.sandbox.token(self.app, email)["oauth"]["access_token"]
        answer = requests.post(
            f"{self.sandbox.url}/api/clinic/embeddable/session_grants",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        return str(answer.json()["secret_token"])

    @property
    def frame(self) -> FrameLocator:
        """What the frame shows."""
        return self.page.frame_locator("iframe")

    @property
    def inside(self) -> Frame:
        """The frame itself, for scripts that look at it. It has to be there."""
        return next(one for one in self.page.frames if one.url.startswith(self.sandbox.url))

    def heading(self, name: str | Pattern[str]) -> Locator:
        """A heading in the frame."""
        return self.frame.get_by_role("heading", name=name)

    def button(self, name: str | Pattern[str]) -> Locator:
        """A button in the frame, by its whole name or a pattern."""
        return self.frame.get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        """A field in the frame."""
        return self.frame.get_by_label(label, exact=True)

    @property
    def plan(self) -> Locator:
        """The plan that is being written."""
        return self.frame.get_by_role("region", name="Treatment plan")

    def person(self, name: str) -> Locator:
        """Somebody in a list of people."""
        return self.frame.get_by_role("listitem").get_by_role("button", name=re.compile(re.escape(name)))

    def adds(self, name: str) -> None:
        """Search the catalog and put the first product of that name in the plan."""
        self.field("Search products").fill(name)
        card = self.frame.get_by_role("listitem").filter(has=self.button(name)).first
        card.get_by_role("button", name=re.compile("^Add ")).click()
        expect(card.get_by_role("button", name="In plan")).to_be_visible()

    def waits_for(self, kind: str) -> dict[str, Any]:
        """The first event of that type that the page was told."""
        self.page.wait_for_function("(kind) => window.told.some(({ type }) => type === kind)", arg=kind)
        return self.told(kind)[0]

    def told(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the page was told by the frame, in order."""
        events: list[dict[str, Any]] = self.page.evaluate("window.told")
        return [event for event in events if kind in (None, event["type"])]

    def waits_for_failure(self, words: str) -> None:
        """Wait until the library has thrown an error with these words: it may be later than the page."""
        self.page.wait_for_function(
            "(words) => window.failures.some((failure) => failure.includes(words))", arg=words
        )

    def was_told_once(self, kind: str) -> None:
        """Wait for an event of that type, which may be later than the frame's page; it came once."""
        self.waits_for(kind)
        assert len(self.told(kind)) == 1

    def failures(self) -> list[str]:
        """What the library threw on the page."""
        thrown: list[str] = self.page.evaluate("window.failures")
        return thrown
