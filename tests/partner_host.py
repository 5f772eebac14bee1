"""A partner's application of a few lines, and the people who use it. Only these classes know its URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

from flask import Flask, render_template_string, session
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from werkzeug.test import TestResponse

from fullscript_embed import FullscriptEmbed, Patient, User
from fullscript_embed.applying import apply
from fullscript_embed.connections import access_token
from fullscript_embed.inbox import replay
from fullscript_embed.models import Base, Connection, InboxEvent
from fullscript_embed.plans import PlanView
from fullscript_embed.state import current
from fullscript_embed.testing import Sandbox, SandboxApp

T = TypeVar("T")

REDIRECT_URI = "http://localhost/fullscript/callback/local"
JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
HARBORLIGHT = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a102"
ACCOUNTS = {
    "maya": "maya.chen@juniper.example",
    "sam": "sam.okafor@juniper.example",
    "grace": "grace.lindqvist@harborlight.example",
    "elise": "elise.tremblay@cedarstone.example",
}
USERS = {
    "maya": User("maya", "Dr. Maya Chen"),
    "sam": User("sam", "Sam Okafor"),
    "grace": User("grace", "Grace Lindqvist"),
    "elise": User("elise", "Elise Tremblay"),
    "admin": User("admin", "Ada Min", is_admin=True),
}
AMELIA = Patient(
    "7",
    first_name="Amelia",
    last_name="Burton",
    email="amelia.burton@mail.example",
    date_of_birth=date(1984, 3, 12),
    sex="female",
    mobile_number="(503) 555-0142",
    discount=10,
)
NOBODY_KNOWN = Patient("8")
# Who may see whom: patient 9 is one of Sam's only.
PATIENTS = {"7": AMELIA, "8": NOBODY_KNOWN, "9": Patient("9", first_name="Walter", last_name="Iverson")}
OF_SAM_ONLY = {"9"}
PAGE = """
{% from "fullscript_embed/macros.html" import recommend, treatment_plans, connection_card with context %}
{{ recommend(patient_id) }} {{ treatment_plans(patient_id) }} {{ connection_card() }}
"""


def settings_for(sandbox: Sandbox, app: SandboxApp, name: str = "local") -> dict[str, str]:
    """The extension's settings of an environment that is served by *sandbox*."""
    prefix = f"FULLSCRIPT_{name.upper().replace('-', '_')}"
    return {
        **app.settings(name),
        f"{prefix}_AUTHORIZE_URL": f"{sandbox.url}/oauth/authorize",
        f"{prefix}_API_URL": f"{sandbox.url}/api",
        f"{prefix}_EMBED_ORIGIN": sandbox.url,
    }


def create_host(
    config: Mapping[str, Any],
    *,
    celery: Any = None,
    own_csrf: bool = False,
    environment: Callable[[User], str] | None = None,
) -> Flask:
    """The partner's application. Its tables are there when this returns, if *config* names a new database."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="of tests only, and long enough", FULLSCRIPT_ENVIRONMENTS="local")
    app.config.update(config)
    db = SQLAlchemy(app)
    if own_csrf:
        CSRFProtect(app)
    FullscriptEmbed(
        app,
        db=db,
        current_user=lambda: USERS.get(session.get("user", "")),
        find_patient=find_patient,
        environment=environment,
        celery=celery,
    )
    app.add_url_rule("/patients/<patient_id>", view_func=chart)
    return app


def find_patient(patient_id: str) -> Patient | None:
    """The host's own check of who may see whom."""
    if patient_id in OF_SAM_ONLY and session.get("user") != "sam":
        return None
    return PATIENTS.get(patient_id)


def chart(patient_id: str) -> str:
    """A page with everything of the extension on it."""
    return render_template_string(PAGE, patient_id=patient_id)


class Host:
    """The partner's application, running against a sandbox."""

    def __init__(self, sandbox: Sandbox, registered: SandboxApp, app: Flask) -> None:
        self.sandbox, self.registered, self.app = sandbox, registered, app
        self.extension: FullscriptEmbed = app.extensions["fullscript"]

    def make_tables(self) -> None:
        """As the migrations would, but quicker; test_extension_commands.py holds both to each other."""
        with self.app.app_context():
            Base.metadata.create_all(self.extension.db.engine)

    def user(self, name: str) -> HostUser:
        """Somebody who is signed in, in a browser of their own."""
        return HostUser(self, name)

    def connection(self, user: str = "maya") -> Connection:
        """What the extension keeps of that user's connection, disconnected or not."""
        with self.app.app_context():
            wanted = select(Connection).filter_by(user_id=user)
            connection: Connection = self.extension.db.session.scalars(wanted).one()
            return connection

    def change_connection(self, user: str = "maya", **values: Any) -> None:
        """Put *values* into that user's connection, as time or an accident would."""
        with self.app.app_context():
            wanted = select(Connection).filter_by(user_id=user)
            connection = self.extension.db.session.scalars(wanted).one()
            for name, value in values.items():
                setattr(connection, name, value)
            self.extension.db.session.commit()

    def let_token_end(self, user: str = "maya") -> None:
        """Make the access token one that is due for a refresh."""
        self.change_connection(user, token_expires_at=datetime.now(UTC))

    def asks(self, question: Callable[[], T]) -> T:
        """What *question* answers in the application's context."""
        with self.app.app_context():
            return question()

    def runs(self, *command: str) -> tuple[int, str]:
        """`flask fullscript …`: its exit code and what it printed, or else its complaint."""
        result = self.app.test_cli_runner().invoke(args=["fullscript", *command])
        return result.exit_code, result.stdout or result.output

    def calls(self, path: str) -> list[int]:
        """The statuses that the sandbox answered to calls of *path*."""
        return [call["status"] for call in self.sandbox.calls(path)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.app.app_context():
            current().calls.write()  # and nothing is left to do for its timer, when the database is gone
            self.extension.db.engine.dispose()


class HostUser:
    """Somebody of the partner's, with a browser."""

    def __init__(self, host: Host, name: str) -> None:
        self.host, self.name = host, name
        self.browser = host.app.test_client()
        self.signs_in(name)

    def signs_in(self, name: str) -> None:
        """Be *name* from now on, in the same browser."""
        with self.browser.session_transaction() as kept:
            kept["user"] = name

    def signs_out(self) -> None:
        """End the session."""
        with self.browser.session_transaction() as kept:
            kept.clear()

    def leaves_for_fullscript(self, path: str = "/patients/7") -> tuple[str, str]:
        """Press Connect; the redirect URI and the state that Fullscript is given."""
        answer = self.browser.get("/fullscript/connect", query_string={"next": path})
        query = parse_qs(urlsplit(answer.location).query)
        return query["redirect_uri"][0], query["state"][0]

    def agrees(self, uri: str, state: str, account: str | None = None) -> str:
        """Sign in at the sandbox and authorize; the address that the browser is sent back to."""
        email = ACCOUNTS[account or self.name]
        return self.host.sandbox.authorize(self.host.registered, email, uri, state)

    def connects(self, path: str = "/patients/7", account: str | None = None) -> TestResponse:
        """The whole way through OAuth; the last answer."""
        return self.browser.get(self.agrees(*self.leaves_for_fullscript(path), account))

    @property
    def csrf_token(self) -> str:
        """What this session's posts have to carry."""
        return str(self.browser.get("/fullscript/session").get_json()["csrf_token"])

    def posts(self, path: str, body: Any = None, *, token: str | None = None) -> TestResponse:
        """POST JSON as the browser modules do."""
        headers = {"X-CSRFToken": self.csrf_token if token is None else token}
        return self.browser.post(path, json=body or {}, headers=headers)

    def submits(self, path: str, **fields: str) -> TestResponse:
        """POST a form as a page does."""
        return self.browser.post(path, data={"csrf_token": self.csrf_token, **fields})

    def opens_fullscript(self, patient: str = "7", **body: Any) -> TestResponse:
        """Press "Recommend with Fullscript" on a patient's chart."""
        return self.posts(f"/fullscript/patients/{patient}/session-grants", body)

    def reports(self, event: Any, patient: str = "7", environment: str = "local") -> TestResponse:
        """Post what the browser library told the page."""
        body = {"patient_id": patient, "environment": environment, "event": event}
        return self.posts("/fullscript/events", body)

    def sees_plans(self, patient: str = "7", seen: str = "") -> TestResponse:
        """Poll for a patient's plans."""
        return self.browser.get(f"/fullscript/patients/{patient}/plans", query_string={"seen": seen})


def patient_selected(client_id: str, **changes: Any) -> dict[str, Any]:
    """The event of a chosen patient, as the library gives it."""
    patient = {"id": "fullscript-amelia", "firstNane": "Amelia", "lastName": "Burton"}
    event = _event("patient.selected", "event-selected", client_id, {"patient": patient})
    return {**event, **changes}


def plan_activated(client_id: str, variant_id: str = "variant-1", **changes: Any) -> dict[str, Any]:
    """The event of a plan that was sent, as the library gives it."""
    plan = {
        "id": "plan-1",
        "state": "active",
        "patient": {"id": "fullscript-amelia", "firstNane": "Amelia", "lastName": "Burton"},
        "practitioner": {"id": "practitioner-1"},
        "availableAt": "2026-11-20T10:00:00.000Z",
        "personalMessage": "Take care.",
        "recommendations": [
            {
                "variantId": variant_id,
                "refill": True,
                "unitsToPurchase": 2,
                "takeWith": "food",
                "dosage": {
                    "recommendedAmount": "2",
                    "recommendedFrequency": "twice per day",
                    "recommendedDuration": "30",
                    "timeOfDay": ["morning"],
                    "format": "capsule",
                    "additionalInfo": "with water",
                },
            }
        ],
        "labRecommendations": [
            {
                "id": "lab-1",
                "name": "Thyroid panel",
                "requiresFasting": True,
                "instructions": "Fast.",
                "tests": [{"id": "test-1", "name": "TSH"}],
            }
        ],
    }
    event = _event("treatmentPlan.activated", "event-activated", client_id, {"treatmentPlan": plan})
    return {**event, **changes}


def _event(kind: str, event_id: str, client_id: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": kind,
        "data": data,
        "createdAt": "2026-11-20T10:00:00.000Z",
        "clinicId": JUNIPER,
        "oauth": {"clientId": client_id},
    }


def at_once(count: int, do: Callable[[int], T]) -> list[T]:
    """What *do* answers in each of *count* threads that begin in the same moment."""
    barrier = Barrier(count)

    def begin(number: int) -> T:
        barrier.wait(timeout=30)
        return do(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count)))


def tokens_of_another_process(config: Mapping[str, Any], connection_id: int, count: int) -> list[str]:
    """Ask for the access token from *count* threads at once; runs in a process of its own."""
    app = create_host(config)

    def ask(_number: int) -> str:
        with app.app_context():
            return access_token(connection_id, now=datetime.now(UTC))

    return at_once(count, ask)


def apply_in_another_process(config: Mapping[str, Any], numbers: Sequence[int]) -> int:
    """Apply stored events one after the other, as a worker does; how many were applied afterwards."""
    app = create_host(config)
    applied = 0
    for number in numbers:
        with app.app_context():
            applied += apply(number)
    return applied


def apply_and_replay_in_another_process(config: Mapping[str, Any], numbers: Sequence[int]) -> None:
    """Two workers that apply stored events, and two people who replay whatever is not done, all at once."""
    app = create_host(config)

    def act(who: int) -> None:
        if who % 2:
            with app.app_context():
                replay()
            return
        for number in numbers if who else numbers[::-1]:
            with app.app_context():
                apply(number)

    at_once(4, act)


def selected(user: HostUser, **changes: Any) -> dict[str, Any]:
    """A chosen patient, reported by this application."""
    return patient_selected(user.host.registered.client_id, **changes)


def activated(user: HostUser, **changes: Any) -> dict[str, Any]:
    """A plan that was sent, reported by this application."""
    return plan_activated(user.host.registered.client_id, **changes)


def plans_of(user: HostUser, patient: str = "7") -> list[PlanView]:
    """What the host is told of a patient's plans."""
    return user.host.asks(lambda: user.host.extension.treatment_plans(patient))


def events_of(user: HostUser) -> list[InboxEvent]:
    """The inbox."""
    return user.host.asks(lambda: user.host.extension.db.session.query(InboxEvent).all())
