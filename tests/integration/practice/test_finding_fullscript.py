"""The three places where people find Fullscript, and what is shown to who has not connected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.practice_host import Visitor, words

INVITATION = "Connect your Fullscript account once"
CONNECT = "Connect my Fullscript account"


@pytest.mark.parametrize("path", ["/integrations", "/profile", "/patients"])
def test_each_place_leads_to_connecting_once(maya: Visitor, path: str) -> None:
    """The Integrations page, the profile, and the first page at first use."""
    page = maya.opens(path).text

    assert words(maya.opens(path)).count(CONNECT) == 1
    assert page.count('href="/fullscript/connect?next=') == 1


def test_an_invitation_that_was_sent_away_stays_away(maya: Visitor) -> None:
    """Not now is remembered for the user, in whichever browser they sign in next."""
    maya.submits("/integrations/invitation")
    elsewhere = Visitor(maya.app).signs_in_as("practitioner")

    assert INVITATION not in words(elsewhere.opens("/patients"))
    assert CONNECT in words(elsewhere.opens("/integrations"))


def test_an_invitation_that_one_sent_away_is_still_there_for_others(maya: Visitor) -> None:
    """What is first use for one is not for another."""
    maya.submits("/integrations/invitation")

    assert INVITATION in words(Visitor(maya.app).signs_in_as("staff").opens("/patients"))


def test_who_is_connected_is_not_invited(connect: Callable[[str], Visitor]) -> None:
    """The profile says where they are connected instead."""
    maya = connect("practitioner")

    assert INVITATION not in words(maya.opens("/patients"))
    assert "Connected Juniper Integrative Health" in words(maya.opens("/profile"))


@pytest.mark.parametrize(("setting", "shown"), [("connect", True), ("hide", False)])
def test_what_needs_a_connection_leads_to_it_or_is_hidden(
    make_app: Callable[..., Flask], setting: str, shown: bool
) -> None:
    """As the setting says, for who has no connection; connecting itself can always be found."""
    maya = Visitor(make_app(fullscript_without_connection=setting)).signs_in_as("practitioner")
    chart = maya.opens("/patients/1").text

    assert ("data-fullscript-recommend" in chart, "data-fullscript-redirect" in chart) == (shown, shown)
    assert CONNECT in words(maya.opens("/integrations"))
