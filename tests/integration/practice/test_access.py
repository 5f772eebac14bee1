"""Who may do what: every route of the app, asked by everybody."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from flask import Flask

from tests.practice_host import Visitor

VISITORS = (
    "anonymous",
    "practitioner",
    "staff",
    "administrator",
    "foreign practitioner",
    "foreign administrator",
)


class Route(NamedTuple):
    """A route and a method, and the status that each of VISITORS gets, in that order."""

    method: str
    rule: str
    statuses: tuple[int, ...]


def route(method: str, rule: str, statuses: str) -> Route:
    return Route(method, rule, tuple(int(status) for status in statuses.split()))


# What stands in the address is Juniper's: Amelia Burton's chart, the practitioner's account. Forms are sent
# with a CSRF token and no fields. 302 for a visitor who is not signed in leads to the sign-in page.
ROUTES = [
    route("GET", "/", "302 302 302 302 302 302"),
    route("GET", "/healthz", "200 200 200 200 200 200"),
    route("GET", "/readyz", "200 200 200 200 200 200"),
    route("GET", "/metrics", "200 200 200 200 200 200"),
    route("GET", "/static/<path:filename>", "200 200 200 200 200 200"),
    route("GET", "/sign-in", "200 302 302 302 302 302"),
    route("POST", "/sign-in", "422 302 302 302 302 302"),
    route("POST", "/sign-out", "302 302 302 302 302 302"),
    route("GET", "/patients", "302 200 200 403 200 403"),
    route("POST", "/patients", "302 200 200 403 200 403"),
    route("GET", "/patients/new", "302 200 200 403 200 403"),
    route("POST", "/patients/new", "302 422 422 403 422 403"),
    route("GET", "/patients/<int:patient_id>", "302 200 200 403 404 403"),
    route("GET", "/patients/<int:patient_id>/edit", "302 200 200 403 404 403"),
    route("POST", "/patients/<int:patient_id>/edit", "302 302 302 403 404 403"),
    route("POST", "/patients/<int:patient_id>/notes", "302 422 422 403 404 403"),
    route("GET", "/integrations", "302 200 200 200 200 200"),
    route("POST", "/integrations/invitation", "302 302 302 302 302 302"),
    route("GET", "/profile", "302 200 200 200 200 200"),
    route("POST", "/profile", "302 422 422 422 422 422"),
    route("GET", "/admin/people", "302 403 403 200 403 200"),
    route("GET", "/admin/audit", "302 403 403 200 403 200"),
    route("GET", "/admin/connections/revoke-all", "302 403 403 200 403 200"),
    route("POST", "/admin/connections/revoke-all", "302 403 403 200 403 200"),
    route(
        "POST",
        "/admin/people/<int:user_id>/connections/<int:connection_id>/revoke",
        "302 403 403 404 403 404",
    ),
    route("POST", "/admin/people/<int:user_id>/fullscript", "302 403 403 400 403 404"),
    route("GET", "/patients/updates", "302 200 200 403 200 403"),
    route("GET", "/admin/activity", "302 403 403 200 403 200"),
    route("GET", "/admin/activity/webhooks", "302 403 403 200 403 200"),
    route("GET", "/admin/activity/polling", "302 403 403 200 403 200"),
    # Nobody of the practice has connected a clinic, so there is no event of theirs.
    route("POST", "/admin/activity/polling", "302 403 403 404 403 404"),
    route("GET", "/admin/activity/events/<int:number>", "302 403 403 404 403 404"),
    route("POST", "/admin/activity/events/<int:number>/replay", "302 403 403 404 403 404"),
    route("GET", "/admin/activity/replay", "302 403 403 200 403 200"),
    route("POST", "/admin/activity/replay", "302 403 403 302 403 302"),
    route("GET", "/fullscript/static/<path:filename>", "200 200 200 200 200 200"),
    route("GET", "/fullscript/session", "401 200 200 200 200 200"),
    route("GET", "/fullscript/connect", "302 302 302 302 302 302"),
    route("GET", "/fullscript/callback/<environment>", "302 400 400 400 400 400"),
    route("POST", "/fullscript/disconnect", "302 409 409 409 409 409"),
    # An administrator is one of a practice; the extension's own, of everything, nobody is.
    route("POST", "/fullscript/connections/<int:connection_id>/revoke", "302 403 403 403 403 403"),
    route("POST", "/fullscript/connections/revoke-all", "302 403 403 403 403 403"),
    route("POST", "/fullscript/patients/<patient_id>/session-grants", "401 409 409 404 404 404"),
    route("GET", "/fullscript/patients/<patient_id>/plans", "401 200 200 404 404 404"),
    route("POST", "/fullscript/patients/<patient_id>/plans/check", "401 409 409 404 404 404"),
    route("POST", "/fullscript/patients/<patient_id>/plans/<plan_id>/cancel", "401 409 409 404 404 404"),
    route(
        "POST",
        "/fullscript/patients/<patient_id>/plans/<plan_id>/in-office-checkout",
        "401 409 409 404 404 404",
    ),
    route("POST", "/fullscript/patients/<patient_id>/plans/<plan_id>/invitation", "401 409 409 404 404 404"),
    route("GET", "/fullscript/patients/<patient_id>/orders", "401 200 200 404 404 404"),
    route("POST", "/fullscript/patients/<patient_id>/orders/check", "401 409 409 404 404 404"),
    route("GET", "/fullscript/patients/<patient_id>/orders/adherence", "401 200 200 404 404 404"),
    route("GET", "/patients/<int:patient_id>/plans", "302 200 200 403 404 403"),
    route("GET", "/patients/<int:patient_id>/plans/<plan_id>", "302 404 404 403 404 403"),
    route("GET", "/patients/<int:patient_id>/orders", "302 200 200 403 404 403"),
    route("POST", "/fullscript/patients/<patient_id>/links", "401 409 409 404 404 404"),
    route("POST", "/fullscript/patients/<patient_id>/plans/<plan_id>/links", "401 409 409 404 404 404"),
    route("POST", "/fullscript/links", "401 409 409 409 409 409"),
    route("GET", "/patients/<int:patient_id>/labs", "302 200 200 403 404 403"),
    route("GET", "/fullscript/patients/<patient_id>/labs", "401 200 200 404 404 404"),
    route("POST", "/fullscript/patients/<patient_id>/labs/check", "302 409 409 404 404 404"),
    route(
        "GET",
        "/fullscript/patients/<patient_id>/lab-orders/<lab_order_id>/results/<result_id>",
        "302 409 409 404 404 404",
    ),
    route("GET", "/patients/<int:patient_id>/fullscript-record", "302 200 200 403 404 403"),
    route("POST", "/patients/<int:patient_id>/fullscript-record", "302 409 409 403 404 403"),
    route("GET", "/fullscript/patients/<patient_id>/record", "302 200 200 404 404 404"),
    route("POST", "/fullscript/patients/<patient_id>/record", "302 409 409 404 404 404"),
    route("POST", "/patients/<int:patient_id>/portal-invitation", "302 200 200 403 404 403"),
    # Staff are no patients: the portal sends them to a sign-in page of its own.
    route("GET", "/portal/", "302 302 302 302 302 302"),
    route("GET", "/portal/sign-in", "200 200 200 200 200 200"),
    route("POST", "/portal/sign-in", "422 422 422 422 422 422"),
    route("POST", "/portal/sign-out", "302 302 302 302 302 302"),
    route("GET", "/portal/welcome/<token>", "404 404 404 404 404 404"),
    route("POST", "/portal/welcome/<token>", "404 404 404 404 404 404"),
    route("GET", "/portal/<int:patient_id>/plans", "302 302 302 302 302 302"),
    route("GET", "/portal/<int:patient_id>/plans/<plan_id>/order", "302 302 302 302 302 302"),
    route("GET", "/portal/<int:patient_id>/orders", "302 302 302 302 302 302"),
    route("GET", "/portal/<int:patient_id>/labs", "302 302 302 302 302 302"),
    route(
        "GET",
        "/portal/<int:patient_id>/labs/<lab_order_id>/results/<result_id>",
        "302 302 302 302 302 302",
    ),
    route("GET", "/portal/profile", "302 302 302 302 302 302"),
    route("POST", "/portal/profile", "302 302 302 302 302 302"),
    route("POST", "/fullscript/events", "401 400 400 400 400 400"),
    # Fullscript's servers have no session and no CSRF token: their signature is asked for.
    route("POST", "/fullscript/webhooks/<environment>", "401 401 401 401 401 401"),
]
CASES = [
    pytest.param(each.method, each.rule, visitor, status, id=f"{each.method} {each.rule} {visitor}")
    for each in ROUTES
    for visitor, status in zip(VISITORS, each.statuses, strict=True)
]


@pytest.fixture(scope="module")
def visitors(seeded_app: Flask) -> dict[str, Visitor]:
    """Everybody of the table, signed in once for all its rows."""
    known = {role: Visitor(seeded_app).signs_in_as(role) for role in VISITORS[1:]}
    return {"anonymous": Visitor(seeded_app), **known}


@pytest.fixture
def address(visitors: dict[str, Visitor]) -> dict[str, str | int]:
    """What is put into the variable parts of a rule."""
    somebody = visitors["anonymous"]
    return {
        "patient_id": somebody.patient("Amelia Burton"),
        "user_id": somebody.user("practitioner"),
        "connection_id": 1,
        "number": 1,
        "plan_id": "plan-1",
        "environment": "local",
    }


def fill(rule: str, values: dict[str, str | int]) -> str:
    """An address of the rule."""
    file = "embed.css" if rule.startswith("/fullscript") else "css/app.css"
    for name, value in {**values, "filename": file}.items():
        for kind in ("", "int:", "path:"):
            rule = rule.replace(f"<{kind}{name}>", str(value))
    return rule


def test_every_route_stands_in_the_table(seeded_app: Flask) -> None:
    """A new route has to say who may use it before this passes."""
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    mapped = {
        (method, str(rule))
        for rule in seeded_app.url_map.iter_rules()
        for method in (rule.methods or set()) & methods
    }

    assert mapped == {(each.method, each.rule) for each in ROUTES}


@pytest.mark.parametrize(("method", "rule", "who", "status"), CASES)
def test_a_route_answers_each_visitor_as_the_table_says(
    visitors: dict[str, Visitor], address: dict[str, str | int], method: str, rule: str, who: str, status: int
) -> None:
    """Roles and practices are checked wherever somebody could ask for what is not theirs."""
    visitor, path = visitors[who], fill(rule, address)

    answer = visitor.opens(path) if method == "GET" else visitor.submits(path)
    if path == "/sign-out" and who != "anonymous":
        visitor.signs_in_as(who)

    assert answer.status_code == status


@pytest.mark.parametrize(
    "each",
    [each for each in ROUTES if each.method != "GET" and "/webhooks/" not in each.rule],
    ids=lambda each: f"{each.method} {each.rule}",
)
def test_a_form_without_its_token_changes_nothing(
    visitors: dict[str, Visitor], address: dict[str, str | int], each: Route
) -> None:
    """Whatever is posted without the session's CSRF token is refused."""
    visitor = visitors["practitioner"]

    answer = visitor.browser.post(fill(each.rule, address), **visitor.options)

    assert answer.status_code == 400


def test_another_practices_patient_cannot_become_a_guardian(visitors: dict[str, Visitor]) -> None:
    """Naming a stranger's patient in a form is refused as if there were none."""
    theirs = visitors["anonymous"].patient("Amelia Burton", "Harbor Light Wellness")
    fields = {"first_name": "A", "last_name": "B", "guardian_id": str(theirs)}

    assert visitors["practitioner"].submits("/patients/new", fields).status_code == 422


def test_the_audit_trail_shows_the_own_practice_only(
    visitors: dict[str, Visitor], address: dict[str, str | int]
) -> None:
    """An administrator sees neither another practice's entries nor may ask for its people."""
    visitors["practitioner"].opens(f"/patients/{address['patient_id']}")
    stranger = visitors["foreign administrator"]

    assert "Maya" not in stranger.opens("/admin/audit").text
    assert stranger.opens(f"/admin/audit?user={address['user_id']}").status_code == 404
