"""Somebody of the practice, at the other end of a plain HTTP connection: what the benches measure with."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from fullscript_embed.testing import Sandbox, SandboxApp, start_sandbox
from tests.e2e.servers import Practice

MAYA = "maya.chen@juniper.example"
PASSWORD = "practice-demo"
CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
APP = "Demo practice app"


class Visitor:
    """A practitioner who is signed in and connected; `post` sends what the page's modules send."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.http = requests.Session()
        self.csrf = ""

    def signs_in(self) -> None:
        page = self.http.get(f"{self.practice.url}/sign-in").text
        form = {"email": MAYA, "password": PASSWORD, "csrf_token": csrf_of(page)}
        landing = self.http.post(f"{self.practice.url}/sign-in", data=form)
        landing.raise_for_status()
        self.csrf = csrf_of(landing.text)

    def connects(self) -> None:
        """Go through the sandbox's consent pages, as Maya does once."""
        address = self.http.get(f"{self.practice.url}/fullscript/connect", allow_redirects=False).headers[
            "Location"
        ]
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        back = self.practice.sandbox.authorize(
            demo_app(self.practice.sandbox), MAYA, query["redirect_uri"], query["state"]
        )
        self.http.get(back).raise_for_status()

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        """Post JSON as the page's own modules do. Raises for any answer that is not 2xx."""
        response = self.http.post(f"{self.practice.url}{path}", json=body, headers={"X-CSRFToken": self.csrf})
        response.raise_for_status()
        return response


def csrf_of(page: str) -> str:
    found = CSRF_FIELD.search(page)
    if not found:
        raise SystemExit("bench: the page has no CSRF token; did the sign-in work?")
    return found.group(1)


def demo_app(sandbox: Sandbox) -> SandboxApp:
    return next(app for app in sandbox.apps() if app.name == APP)


@contextmanager
def connected_visitor(*, worker: bool = False) -> Iterator[Visitor]:
    """Sandbox and practice app on free ports, and a practitioner who is signed in and connected."""
    with tempfile.TemporaryDirectory() as folder, start_sandbox() as sandbox:
        practice = Practice(Path(folder), sandbox)
        practice.prepare()
        try:
            practice.start()
            if worker:
                practice.start_worker()
            practice.reset()
            visitor = Visitor(practice)
            visitor.signs_in()
            visitor.connects()
            yield visitor
        finally:
            practice.stop_all()
