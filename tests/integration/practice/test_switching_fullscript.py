"""An administrator switches Fullscript on and off for somebody, and who is off finds all of it closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.practice_host import Visitor, words

RECOMMEND = "data-fullscript-recommend"
CLOSED = [
    pytest.param("GET", "/fullscript/session", id="the session of the browser modules"),
    pytest.param("GET", "/fullscript/connect", id="connecting"),
    pytest.param("POST", "/fullscript/disconnect", id="disconnecting"),
    pytest.param("POST", "/fullscript/patients/1/session-grants", id="opening the frame"),
    pytest.param("POST", "/fullscript/patients/1/links", id="opening a tab"),
    pytest.param("POST", "/fullscript/links", id="opening a tab without a patient"),
    pytest.param("GET", "/fullscript/patients/1/plans", id="the plans on the chart"),
    pytest.param("POST", "/fullscript/events", id="reports of the frame"),
]


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


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_everything_of_the_extension_is_closed(switched_off: Visitor, method: str, path: str) -> None:
    """Each of its routes refuses by name, whatever is asked of it."""
    answer = switched_off.opens(path) if method == "GET" else switched_off.submits(path)

    assert answer.status_code == 403
    assert "switched off for you" in answer.text


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
