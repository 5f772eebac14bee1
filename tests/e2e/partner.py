"""A partner's own small application without the practice app: every layout, and the policy of the docs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Thread

from flask import Flask, Response, render_template_string
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from playwright.sync_api import Page
from werkzeug.serving import make_server

from fullscript_embed import FullscriptEmbed, Patient, User
from fullscript_embed.testing import Sandbox
from tests.e2e.people import Frame
from tests.e2e.servers import free_port, hosts

OMAR = "omar.haddad@juniper.example"
# Of Priya Raman in the sandbox's seed.
CLINIC_ID = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
PRIYA = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Chart</title></head><body>
{% from "fullscript_embed/macros.html" import recommend, treatment_plans, connection_card with context %}
<main><h1>Priya Raman</h1>
{{ recommend("7", layout=layout, open=opens) }}
{% if twice %}{{ recommend("7", layout=layout, label="Another") }}{% endif %}
{{ treatment_plans("7") }}{{ connection_card() }}</main></body></html>"""


class Partner:
    """The application, running in a thread, with Dr. Haddad signed in and connected."""

    def __init__(self, folder: Path, sandbox: Sandbox, **settings: str) -> None:
        port = free_port()
        self.sandbox = sandbox
        self.url = f"http://localhost:{port}"
        self.callback = f"{self.url}/fullscript/callback/local"
        self.registration = sandbox.create_app(
            name="Partner", redirect_uris=[self.callback], origin_uris=[self.url]
        )
        fullscript_url = sandbox.url.replace("//localhost", "//127.0.0.1")
        self.db = SQLAlchemy()
        self.app = self._build(
            folder, self.registration.settings() | hosts("local", fullscript_url) | settings
        )
        self._server = make_server("127.0.0.1", port, self.app, threaded=True)
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        """End the server and give back its connections."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        with self.app.app_context():
            self.db.engine.dispose()

    def connect(self, page: Page) -> None:
        """Connect Dr. Haddad in this browser, without showing it."""
        leave = page.request.get(f"{self.url}/fullscript/connect?next=/", max_redirects=0)
        state = leave.headers["location"].split("state=")[1].split("&")[0]
        back = self.sandbox.authorize(self.registration, OMAR, self.callback, state)
        page.request.get(back, max_redirects=0)

    def _build(self, folder: Path, settings: Mapping[str, str]) -> Flask:
        app = Flask("partner")
        app.config.from_mapping(
            settings,
            SECRET_KEY="of a test, and of nothing else",
            FULLSCRIPT_ENVIRONMENTS="local",
            SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'partner.db'}",
        )
        self.db.init_app(app)
        CSRFProtect(app)
        patients = {"7": Patient("7", "Priya", "Raman")}
        fullscript = FullscriptEmbed(
            app, db=self.db, current_user=lambda: User("1", "Dr. Haddad"), find_patient=patients.get
        )
        app.test_cli_runner().invoke(args=["fullscript", "upgrade"], catch_exceptions=False)
        with app.app_context():
            fullscript.link_patient(
                "7", environment="local", clinic_id=CLINIC_ID, fullscript_patient_id=PRIYA
            )
        add_pages(app, fullscript)
        return app


def add_pages(app: Flask, fullscript: FullscriptEmbed) -> None:
    """A page for each layout; the policy is the one that docs/embed.md recommends."""

    @app.get("/<layout>", defaults={"way": ""})
    @app.get("/<layout>/<way>")
    def chart(layout: str, way: str) -> str:
        return render_template_string(PAGE, layout=layout, opens=way == "opens", twice=way == "twice")

    @app.after_request
    def add_policy(response: Response) -> Response:
        policy = {"default-src": ["'self'"], **fullscript.content_security_policy()}
        lines = [f"{name} {' '.join(sources)}" for name, sources in policy.items()]
        response.headers["Content-Security-Policy"] = "; ".join(lines)
        return response


class Recommender:
    """Dr. Haddad in front of the partner's page."""

    def __init__(self, page: Page, partner: Partner) -> None:
        self.page = page
        self.partner = partner
        self.frame = Frame(page)
        partner.connect(page)

    def opens(self, path: str) -> None:
        """Open a page of the partner's."""
        self.page.goto(f"{self.partner.url}{path}")

    def presses(self, name: str) -> None:
        """Press a button of the page."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def hears(self, event: str, *, prevents: bool = False) -> None:
        """Listen to an event of the extension as the partner's own script would; `heard` counts it."""
        self.page.evaluate(
            """([name, prevents]) => {
              window.heard ??= {}
              document.addEventListener(`fullscript:${name}`, (event) => {
                window.heard[name] = (window.heard[name] ?? 0) + 1
                if (prevents) { event.preventDefault() }
              })
            }""",
            [event, prevents],
        )

    def heard(self, event: str) -> int:
        """How often the page heard the event."""
        return int(self.page.evaluate("(name) => window.heard?.[name] ?? 0", event))
