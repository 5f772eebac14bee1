"""An administrator switches Fullscript on and off for somebody, and who is off finds all of it closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, url_for

from tests.practice_host import Visitor, words

RECOMMEND = "data-fullscript-recommend"
# What asks for no session: files, and Fullscript's own servers.
OPEN_TO_ALL = {"fullscript.static", "fullscript.receive_webhook"}
ROOMS = {"fullscript", "chart_plans", "chart_orders", "chart_labs", "chart_links"}
# What stands in the variable parts of addresses.
PARTS = {"patient_id": 1, "environment": "local", "connection_id": 1}


@pytest.fixture
def switched_off(practice_app: Flask, admin: Visitor) -> Visitor:
    """A practitioner who is signed in and for whom Fullscript is switched off."""
    admin.submits(f"/admin/people/{admin.user('practitioner')}/fullscript", {"allowed": "0"})
    return Visitor(practice_app).signs_in_as("practitioner")


def test_an_administrator_switches_somebody_off_and_on(admin: Visitor) -> None:
    """Both are said on the page and written down."""
    address = f"/admin/people/{admin.user('practitioner')}/fullscript"
    off = words(admin.submits(address, {"allowed": "0"}, follow_redirects=True))
    on = words(admin.submits(address, {"allowed": "1"}, follow_redirects=True))
    trail = words(admin.opens("/admin/audit"))

    assert "Fullscript is switched off for Dr. Maya Chen." in off
    assert "Fullscript is switched on for Dr. Maya Chen." in on
    assert "Switched Fullscript off for somebody" in trail


def test_another_practices_people_are_not_there_to_be_switched(admin: Visitor) -> None:
    """An administrator's people are those of the own practice."""
    address = f"/admin/people/{admin.user('foreign practitioner')}/fullscript"

    assert admin.submits(address, {"allowed": "0"}).status_code == 404


def test_everything_of_the_extension_is_closed(switched_off: Visitor) -> None:
    """Each of its routes, and each of the chart's rooms that is about it, refuses whatever is asked."""
    answers = {
        f"{method} {path}": switched_off.opens(path) if method == "GET" else switched_off.submits(path)
        for method, path in addresses(switched_off.app)
    }
    let_through = {name: one.status_code for name, one in answers.items() if one.status_code != 403}
    unnamed = [name for name, one in answers.items() if "switched off for you" not in one.text]

    assert len(answers) > 15
    assert (let_through, unnamed) == ({}, [])


def test_the_pages_show_nothing_of_fullscript_to_who_is_switched_off(switched_off: Visitor) -> None:
    """No button, no plan, no invitation; Integrations and the profile say why."""
    chart, patients = words(switched_off.opens("/patients/1")), words(switched_off.opens("/patients"))

    assert "Fullscript is switched off for you" in chart
    assert RECOMMEND not in switched_off.opens("/patients/1").text
    assert "Known to Fullscript" not in patients
    assert "Switched off" in words(switched_off.opens("/integrations"))
    assert "Switched off" in words(switched_off.opens("/profile"))


def test_a_connection_outlives_being_switched_off(
    connect: Callable[[str], Visitor], connected_app: Flask
) -> None:
    """Switched on again, the user goes on where they were."""
    maya = connect("practitioner")
    admin = Visitor(connected_app).signs_in_as("administrator")
    address = f"/admin/people/{admin.user('practitioner')}/fullscript"
    admin.submits(address, {"allowed": "0"})
    off = words(maya.opens("/integrations"))
    admin.submits(address, {"allowed": "1"})

    assert "Disconnect my Fullscript account" not in off
    assert "Disconnect my Fullscript account" in words(maya.opens("/integrations"))


def test_others_are_not_switched_off(switched_off: Visitor, practice_app: Flask) -> None:
    """The switch is one person's."""
    sam = Visitor(practice_app).signs_in_as("staff")

    assert RECOMMEND in sam.opens("/patients/1").text
    assert RECOMMEND not in switched_off.opens("/patients/1").text


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Method and address of everything that is about Fullscript."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in ROOMS and rule.endpoint not in OPEN_TO_ALL
    ]
    with app.test_request_context():
        return [
            (method, url_for(rule.endpoint, **{name: PARTS.get(name, "x") for name in rule.arguments}))
            for rule in rules
            for method in sorted((rule.methods or set()) & {"GET", "POST"})
        ]
