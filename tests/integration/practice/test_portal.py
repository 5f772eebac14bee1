"""The patient portal: who gets in, whom they see, and what they can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from ehr.database import db
from ehr.demo import PASSWORD
from ehr.models import Patient
from ehr.portal_models import PatientInvitation
from fullscript_embed.lab_models import LabResult
from fullscript_embed.models import LabOrder, Order, TreatmentPlan
from fullscript_embed.testing import Sandbox
from tests.integration.practice.test_access import ROUTES, fill
from tests.practice_host import Visitor, words

PRIYA, CLARA = "priya.raman@mail.example", "clara.dietrich@mail.example"
PRIYA_AT_FULLSCRIPT = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"
JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
NEW_PASSWORD = "a long enough password"
INVITE = "/patients/{}/portal-invitation"


class PortalVisitor(Visitor):
    """A patient with a browser of their own."""

    def enters(self, email: str = PRIYA, password: str = PASSWORD) -> TestResponse:
        """Send the portal's sign-in form."""
        return self.submits("/portal/sign-in", {"email": email, "password": password})

    def token(self) -> str:
        """A CSRF token, out of a page of the portal."""
        page = self.opens("/portal/profile", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page
        return found.group(1)


def patient_in(app: Flask, email: str = PRIYA) -> PortalVisitor:
    """A patient of the demo who is signed in."""
    visitor = PortalVisitor(app)
    assert visitor.enters(email).status_code == 302
    return visitor


@pytest.fixture
def priya(practice_app: Flask) -> PortalVisitor:
    """A patient, signed in."""
    return patient_in(practice_app)


@pytest.fixture
def clara(practice_app: Flask) -> PortalVisitor:
    """A guardian of two, signed in."""
    return patient_in(practice_app, CLARA)


@pytest.fixture(scope="module")
def reader(seeded_app: Flask) -> PortalVisitor:
    """A guardian of two, signed in once for tests that change nothing."""
    return patient_in(seeded_app, CLARA)


@pytest.fixture
def maya_connected(connect: Callable[[str], Visitor]) -> Visitor:
    """A practitioner who has compared Priya's plans with Fullscript."""
    maya = connect("practitioner")
    path = f"/fullscript/patients/{maya.patient('Priya Raman')}/plans/check"
    answer = maya.submits(path)
    assert answer.status_code < 400, answer.text
    return maya


def invites(staff: Visitor, name: str) -> str:
    """Press "Invite to the portal" on a chart; the path of the link."""
    page = staff.submits(INVITE.format(staff.patient(name))).text
    return page.partition('value="http://localhost')[2].partition('"')[0]


def joins(app: Flask, path: str, password: str = NEW_PASSWORD) -> tuple[PortalVisitor, TestResponse]:
    """Follow an invitation in a browser of one's own."""
    visitor = PortalVisitor(app)
    return visitor, visitor.submits(path, {"new": password, "repeated": password})


def changes(app: Flask, statement: Any) -> None:
    """Change what the database holds."""
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()


def plan_of(app: Flask) -> str:
    """An active plan of Priya's."""
    with app.app_context():
        wanted = select(TreatmentPlan.fullscript_id).where(
            TreatmentPlan.state == "active", TreatmentPlan.fullscript_patient_id == PRIYA_AT_FULLSCRIPT
        )
        return str(db.session.scalars(wanted).first())


def test_an_invitation_lets_one_patient_in_once(maya: Visitor) -> None:
    """The link is shown to staff once, and of no use after a password was set with it."""
    path = invites(maya, "Noah Whitfield")
    noah, answer = joins(maya.app, path)
    page = noah.opens("/portal/", follow_redirects=True)
    again = joins(maya.app, path)[1]

    assert (answer.status_code, page.status_code, again.status_code) == (302, 200, 404)
    assert "Plans for Noah" in words(page)


def test_opening_the_link_does_not_use_it_up(maya: Visitor) -> None:
    """Mail programs open links before people do."""
    path = invites(maya, "Noah Whitfield")
    looked = PortalVisitor(maya.app).opens(path)

    assert (looked.status_code, joins(maya.app, path)[1].status_code) == (200, 302)


def test_a_newer_invitation_ends_the_older_one(maya: Visitor) -> None:
    """And one for somebody who has an account sets a new password, and ends their stays."""
    older, newer = invites(maya, "Priya Raman"), invites(maya, "Priya Raman")
    before = patient_in(maya.app)
    statuses = [joins(maya.app, path)[1].status_code for path in (older, newer)]
    signed_out = before.opens("/portal/profile").status_code

    assert (statuses, signed_out) == ([404, 302], 302)
    assert PortalVisitor(maya.app).enters(PRIYA).status_code == 422


@pytest.mark.parametrize(
    ("damage", "status"),
    [
        pytest.param("old", 404, id="older than a week"),
        pytest.param("unknown", 404, id="made up"),
        pytest.param("short", 422, id="a short password"),
    ],
)
def test_a_link_that_is_no_good_is_refused(maya: Visitor, damage: str, status: int) -> None:
    """With words that say what to do."""
    path = invites(maya, "Noah Whitfield")
    if damage == "old":
        changes(maya.app, update(PatientInvitation).values(ends_at=datetime.now(UTC) - timedelta(minutes=1)))
    password = "short" if damage == "short" else NEW_PASSWORD
    answer = joins(maya.app, path + ("x" if damage == "unknown" else ""), password)[1]

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("Teodor Ilves", "e-mail address first", id="no address"),
        pytest.param("Jonas Dietrich", "Another patient signs in", id="the guardian's address"),
    ],
)
def test_who_cannot_be_invited_is_said(maya: Visitor, name: str, reason: str) -> None:
    """An address signs one person in."""
    answer = maya.submits(INVITE.format(maya.patient(name)), follow_redirects=True)

    assert reason in words(answer)


def test_only_staff_of_the_practice_invite(maya: Visitor, admin: Visitor) -> None:
    """Charts are not for administrators, nor for other practices."""
    number = maya.patient("Noah Whitfield")
    foreign = Visitor(maya.app).signs_in_as("foreign practitioner")

    statuses = [one.submits(INVITE.format(number)).status_code for one in (admin, foreign)]
    assert statuses == [403, 404]


def test_guessing_a_password_ends_in_429(practice_app: Flask) -> None:
    """As on the staff's page, and the same is said of an address that nobody has."""
    visitor = PortalVisitor(practice_app)
    statuses = [visitor.enters(PRIYA, f"wrong {number}").status_code for number in range(11)]

    assert statuses == [422] * 10 + [429]
    assert "do not match" in words(visitor.enters("nobody@mail.example", "wrong"))


@pytest.mark.parametrize(
    ("name", "practice", "status"),
    [
        ("Clara Dietrich", "Juniper Integrative Health", 200),
        ("Jonas Dietrich", "Juniper Integrative Health", 200),
        ("Amelia Burton", "Juniper Integrative Health", 404),
        ("Amelia Burton", "Harbor Light Wellness", 404),
    ],
    ids=["herself", "her child", "a stranger", "another practice"],
)
def test_a_patient_sees_nobody_else(reader: PortalVisitor, name: str, practice: str, status: int) -> None:
    """But whom they care for; on every page."""
    number = reader.patient(name, practice)
    pages = [reader.opens(f"/portal/{number}/{room}").status_code for room in ("plans", "orders", "labs")]

    assert pages == [status] * 3


def test_who_came_of_age_is_not_shown_to_the_guardian(clara: PortalVisitor) -> None:
    """It ends with the next page."""
    jonas = clara.patient("Jonas Dietrich")
    changes(clara.app, update(Patient).where(Patient.id == jonas).values(guardian_id=None))

    assert clara.opens(f"/portal/{jonas}/plans").status_code == 404


def test_neither_sign_in_opens_the_others_pages(priya: PortalVisitor, maya: Visitor) -> None:
    """Staff are no patients, patients no staff, and the extension's own routes are for neither of these."""
    number = maya.patient("Priya Raman")
    as_staff = maya.opens(f"/portal/{number}/plans")
    staff_pages = ["/patients", f"/patients/{number}", "/profile", "/integrations"]
    as_patient = [priya.opens(path).location for path in staff_pages]

    assert as_staff.location.startswith("/portal/sign-in")
    assert all(location.startswith("/sign-in") for location in as_patient)
    assert priya.opens(f"/fullscript/patients/{number}/plans").status_code == 401


def test_a_patient_is_nobody_on_the_staffs_pages(reader: PortalVisitor) -> None:
    """Every route outside the portal answers a patient as it answers somebody who is not signed in."""
    values: dict[str, str | int] = {"patient_id": reader.patient("Priya Raman"), "user_id": 1}
    values |= {"connection_id": 1, "number": 1, "plan_id": "plan-1", "environment": "local"}
    wrong = []
    for each in ROUTES:
        if not each.rule.startswith("/portal"):
            path = fill(each.rule, values)
            answer = reader.opens(path) if each.method == "GET" else reader.submits(path)
            wrong += [each.rule] if answer.status_code != each.statuses[0] else []

    assert wrong == []


def test_signing_out_ends_every_copy_of_the_cookie(priya: PortalVisitor) -> None:
    """A cookie that was copied before opens nothing afterwards."""
    cookie = priya.browser.get_cookie("portal", path="/portal")
    assert cookie is not None
    priya.submits("/portal/sign-out")
    thief = PortalVisitor(priya.app)
    thief.browser.set_cookie("portal", cookie.value, path="/portal")

    assert thief.opens("/portal/profile").status_code == 302
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


@pytest.mark.usefixtures("maya_connected")
def test_plans_are_told_in_plain_words(connected_app: Flask) -> None:
    """With a link to order that opens a tab of its own, and no draft."""
    priya = patient_in(connected_app)
    page = priya.opens("/portal/", follow_redirects=True)

    assert re.search(r"Take \d", words(page))
    assert 'target="_blank" rel="noopener">Order supplements' in page.text
    assert "Draft" not in page.text


@pytest.mark.usefixtures("maya_connected")
def test_ordering_leads_to_the_patients_own_page_at_fullscript(
    connected_app: Flask, sandbox: Sandbox
) -> None:
    """Asked for anew, by whoever of the practice is connected."""
    priya = patient_in(connected_app)
    number = priya.patient("Priya Raman")
    answer = priya.opens(f"/portal/{number}/plans/{plan_of(connected_app)}/order")

    assert answer.status_code == 302
    assert answer.location.startswith(f"{sandbox.url}/")


@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [
        pytest.param("down", 502, "cannot be reached", id="Fullscript is down"),
        pytest.param("revoked", 409, "not connected to Fullscript now", id="nobody is connected"),
        pytest.param("cancelled", 409, "cancelled meanwhile", id="the plan was cancelled"),
        pytest.param("another's", 404, "no such treatment plan", id="somebody else's plan"),
    ],
)
def test_what_keeps_an_order_from_being_made_is_said(
    connected_app: Flask, maya_connected: Visitor, sandbox: Sandbox, trouble: str, status: int, said: str
) -> None:
    """On a page of the portal, in a tab that can be closed."""
    priya, plan = patient_in(connected_app), plan_of(connected_app)
    if trouble == "down":
        sandbox.fault("/api/clinic/treatment_plans/*", status=503, times=20)
    elif trouble == "revoked":
        maya_connected.submits("/fullscript/disconnect")
    elif trouble == "cancelled":
        sandbox.emit("treatment_plan.updated", plan_id=plan)
    else:
        plan = "of-somebody-else"
    answer = priya.opens(f"/portal/{priya.patient('Priya Raman')}/plans/{plan}/order")

    assert answer.status_code == status
    assert said in words(answer)
    assert "You can close this tab" in words(answer)


def add(app: Flask, *rows: Any) -> None:
    """Keep what Fullscript would have told of Priya."""
    with app.app_context():
        for row in rows:
            row.environment, row.clinic_id, row.happened_at = "local", JUNIPER, datetime.now(UTC)
            row.stamps = {}
            row.fullscript_patient_id = PRIYA_AT_FULLSCRIPT
        db.session.add_all(rows)
        db.session.commit()


def test_orders_are_listed(priya: PortalVisitor) -> None:
    """With their number and what was in them."""
    lines = [{"variant_id": "variant-1", "quantity": 2, "is_lab": False}]
    order = Order(
        fullscript_id="order-1",
        order_number="R100",
        line_items=lines,
        treatment_plan_ids=[],
        practitioner_ids=[],
    )
    add(priya.app, order)
    page = words(priya.opens(f"/portal/{priya.patient('Priya Raman')}/orders"))

    assert "Order R100" in page
    assert "2 packages" in page


@pytest.mark.parametrize(
    ("state", "shown"), [("interpretation_shared", True), ("results_ready", False), ("purchased", False)]
)
def test_labs_are_shown_when_they_were_shared(priya: PortalVisitor, state: str, shown: bool) -> None:
    """And neither their existence nor their file before."""
    add(priya.app, LabOrder(fullscript_id="lab-1", state=state))
    with priya.app.app_context():
        result = LabResult(
            environment="local",
            clinic_id=JUNIPER,
            lab_order_id="lab-1",
            fullscript_id="result-1",
            heard_at=datetime.now(UTC),
        )
        db.session.add(result)
        db.session.commit()
    number = priya.patient("Priya Raman")
    page = priya.opens(f"/portal/{number}/labs").text
    file = priya.opens(f"/portal/{number}/labs/lab-1/results/result-1")

    assert ("lab-1" in page) is shown
    assert file.status_code == (409 if shown else 404)


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        pytest.param("+44 20 7946 0018", "from abroad (United Kingdom)", id="United Kingdom"),
        pytest.param("+1 876 555 0123", "from abroad (Jamaica)", id="Jamaica, which has +1 too"),
        pytest.param("555", "with its area code", id="no number"),
        pytest.param("", "leave this box empty", id="consent without a number"),
    ],
)
def test_a_number_that_gets_no_text_messages_is_refused(reader: PortalVisitor, phone: str, said: str) -> None:
    """With the reason."""
    answer = reader.submits("/portal/profile", {"phone": phone, "consent": "y"})

    assert answer.status_code == 422
    assert said in words(answer)


@pytest.mark.usefixtures("maya_connected")
def test_the_number_goes_to_fullscript_while_the_patient_agrees(
    connected_app: Flask, maya_connected: Visitor
) -> None:
    """In the guide's form; taken back, it is taken out there."""
    priya = patient_in(connected_app)
    record = f"/patients/{priya.patient('Priya Raman')}/fullscript-record"
    kept = priya.submits("/portal/profile", {"phone": "(503) 555-0188", "consent": "y"})
    agreed = maya_connected.opens(record).text
    priya.submits("/portal/profile", {"phone": "(503) 555-0188"})
    refused = maya_connected.opens(record).text

    assert kept.status_code == 302
    assert 'value="+15035550188"' in priya.opens("/portal/profile").text
    assert ("+15035550188" in agreed, "+15035550188" in refused) == (True, False)
