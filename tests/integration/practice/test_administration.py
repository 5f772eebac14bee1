"""Connections as users and administrators see and end them, against a running sandbox."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from fullscript_embed.testing import Sandbox
from tests.practice_host import PEOPLE, Visitor, words


def test_integrations_shows_what_is_connected(connect: Callable[[str], Visitor]) -> None:
    """After connecting, the page names the clinic, the scopes and the way to end it."""
    page = words(connect("practitioner").opens("/integrations"))

    assert "Connected Clinic Juniper Integrative Health" in page
    assert "catalog:read" in page
    assert "Disconnect my Fullscript account" in page


def test_integrations_offers_to_connect(maya: Visitor) -> None:
    """Without a connection the page has one thing to do."""
    assert "Connect my Fullscript account" in words(maya.opens("/integrations"))


def test_a_user_disconnects_on_integrations(connect: Callable[[str], Visitor], sandbox: Sandbox) -> None:
    """Disconnecting ends the connection here, and the token at Fullscript."""
    maya = connect("practitioner")

    answer = maya.submits("/fullscript/disconnect", {"next": "/integrations"}, follow_redirects=True)

    assert "Connect my Fullscript account" in words(answer)
    assert [call["status"] for call in sandbox.calls("/api/oauth/revoke")] == [200]


def test_a_linked_patient_is_known_on_the_chart(connect: Callable[[str], Visitor]) -> None:
    """The chart says that Fullscript knows Priya, and does not say it of others."""
    maya = connect("practitioner")
    priya, noah = (
        words(maya.opens(f"/patients/{maya.patient(name)}")) for name in ("Priya Raman", "Noah Whitfield")
    )

    assert ("Known to Fullscript" in priya, "Known to Fullscript" in noah) == (True, False)
    assert "Not linked to Fullscript yet" in noah


def test_an_administrator_sees_who_is_connected(
    connect: Callable[[str], Visitor], connected_app: Flask
) -> None:
    """The list of people counts the connections of the own practice only."""
    connect("practitioner")
    connect("foreign practitioner")

    page = words(Visitor(connected_app).signs_in_as("administrator").opens("/admin/people"))

    assert "6 people in Juniper Integrative Health, 1 connected to Fullscript" in page


def test_an_administrator_revokes_one_connection(
    connect: Callable[[str], Visitor], connected_app: Flask, sandbox: Sandbox
) -> None:
    """Revoke ends that person's connection and says that Fullscript confirmed it."""
    maya = connect("practitioner")
    admin = Visitor(connected_app).signs_in_as("administrator")
    address = f"/admin/people/{admin.user('practitioner')}/connections/1/revoke"

    answer = admin.submits(address, follow_redirects=True)

    assert "Dr. Maya Chen: disconnected, and Fullscript confirmed it." in words(answer)
    assert "Connect my Fullscript account" in words(maya.opens("/integrations"))
    assert len(sandbox.calls("/api/oauth/revoke")) == 1


def test_an_administrator_cannot_revoke_another_practices_connection(
    connect: Callable[[str], Visitor], connected_app: Flask
) -> None:
    """Neither under the own person's name nor under theirs."""
    grace = connect("foreign practitioner")
    admin = Visitor(connected_app).signs_in_as("administrator")
    people = (admin.user("practitioner"), admin.user("foreign practitioner"))

    statuses = [
        admin.submits(f"/admin/people/{person}/connections/1/revoke").status_code for person in people
    ]

    assert statuses == [404, 404]
    assert "Disconnect my Fullscript account" in words(grace.opens("/integrations"))


def test_revoking_all_asks_first(connect: Callable[[str], Visitor], connected_app: Flask) -> None:
    """The page before it names everybody who will be disconnected, and ends nothing."""
    maya = connect("practitioner")

    page = words(Visitor(connected_app).signs_in_as("administrator").opens("/admin/connections/revoke-all"))

    assert "Dr. Maya Chen Revoke 1 connection" in page
    assert "Disconnect my Fullscript account" in words(maya.opens("/integrations"))


def test_revoking_all_carries_on_past_a_failure_and_reports_it(
    connect: Callable[[str], Visitor], connected_app: Flask, sandbox: Sandbox
) -> None:
    """One revocation that Fullscript does not take keeps the other from nothing, and is shown."""
    connect("practitioner")
    connect("staff")
    sandbox.fault("/api/oauth/revoke", status=503, times=1)
    admin = Visitor(connected_app).signs_in_as("administrator")

    page = words(admin.submits("/admin/connections/revoke-all"))

    assert "Dr. Maya Chen disconnected here. Fullscript could not be told yet" in page
    assert "Sam Okafor disconnected, and Fullscript confirmed it." in page


def test_revoking_all_leaves_other_practices_alone(
    connect: Callable[[str], Visitor], connected_app: Flask
) -> None:
    """An administrator's "all" is their practice's."""
    grace = connect("foreign practitioner")
    connect("practitioner")

    Visitor(connected_app).signs_in_as("administrator").submits("/admin/connections/revoke-all")

    assert "Disconnect my Fullscript account" in words(grace.opens("/integrations"))


def test_the_trail_tells_a_connections_story(connect: Callable[[str], Visitor], connected_app: Flask) -> None:
    """Signing in, connecting and revoking stand in one list, newest first, with who did it."""
    connect("practitioner")
    admin = Visitor(connected_app).signs_in_as("administrator")
    admin.submits("/admin/connections/revoke-all")

    trail = words(admin.opens("/admin/audit"))
    steps = [
        "Alex Moreau Disconnected Fullscript",
        "Alex Moreau Signed in",
        "Dr. Maya Chen Connected Fullscript",
    ]
    places = [trail.find(step) for step in steps]

    assert -1 not in places
    assert places == sorted(places)


def test_the_trail_names_failed_attempts_on_accounts(admin: Visitor, visitor: Visitor) -> None:
    """Somebody who tries to get into a colleague's account is seen by the administrator."""
    visitor.signs_in(PEOPLE["staff"], "guess")

    assert "Sam Okafor Could not sign in" in words(admin.opens("/admin/audit?action=sign_in.failed"))


def test_the_trail_goes_on_where_a_page_ends(admin: Visitor, practice_app: Flask) -> None:
    """Fifty entries are a page; "Older entries" shows the rest once each."""
    maya = Visitor(practice_app).signs_in_as("practitioner")
    for _ in range(55):
        maya.opens(f"/patients/{1}")

    first = admin.opens("/admin/audit?action=chart.opened")
    older = first.text.split('href="/admin/audit?before=')[1].split('"')[0].replace("&amp;", "&")
    second = admin.opens(f"/admin/audit?before={older}")

    assert (first.text.count("Opened a chart</td>"), second.text.count("Opened a chart</td>")) == (50, 5)
