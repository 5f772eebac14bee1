"""Signing in and out, and how long somebody stays signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from ehr.database import db, utcnow
from ehr.models import SignIn
from ehr.throttle import DatabaseStorage
from tests.practice_host import PEOPLE, Visitor, words

MAYA = PEOPLE["practitioner"]


def age_stays(app: Flask, **moments: Any) -> None:
    """Let every stay look as if it had been used, or begun, at another time."""
    with app.app_context():
        db.session.execute(update(SignIn).values(**moments))
        db.session.commit()


def test_the_start_page_leads_a_practitioner_to_the_patients(visitor: Visitor) -> None:
    """Signing in with the right password leads to where the user's work is."""
    answer = visitor.signs_in(MAYA, follow_redirects=True)

    assert answer.request.path == "/patients"


def test_case_and_spaces_of_the_address_do_not_matter(visitor: Visitor) -> None:
    """People are known by their address, however they type it."""
    assert visitor.signs_in(f" {MAYA.upper()} ").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param(MAYA, "not her password", id="wrong password"),
        pytest.param("nobody@juniper.example", "practice-demo", id="unknown address"),
        pytest.param(MAYA, "x" * 501, id="endless password"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_failed_sign_in_signs_nobody_in(visitor: Visitor, email: str, password: str) -> None:
    """Whatever is wrong, the answer is the form again, and protected pages stay closed."""
    answer = visitor.signs_in(email, password)

    assert answer.status_code == 422
    assert visitor.opens("/patients").status_code == 302


def test_the_refusal_does_not_say_whether_the_account_exists(visitor: Visitor) -> None:
    """A wrong password and an unknown address get the same words."""
    wrong, unknown = visitor.signs_in(MAYA, "no"), visitor.signs_in("nobody@juniper.example", "no")

    assert words(wrong) == words(unknown)


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        pytest.param("/patients/1?fullscript=open", "/patients/1?fullscript=open", id="a page of ours"),
        pytest.param("//evil.example", "/", id="another host"),
        pytest.param("https://evil.example/", "/", id="a whole address"),
        pytest.param("/\\evil.example", "/", id="a backslash, which browsers read as a slash"),
        pytest.param("/\tx//evil.example", "/", id="a tab, which browsers drop"),
        pytest.param("javascript:alert(1)", "/", id="a script"),
        pytest.param("patients", "/", id="a relative path"),
        pytest.param("/fullscript/connect?next=/patients/1", "/patients/1", id="the way to Fullscript"),
        pytest.param("/fullscript/connect?next=//evil.example", "/", id="another host behind that"),
    ],
)
def test_signing_in_leads_only_to_pages_of_ours(visitor: Visitor, wanted: str, led_to: str) -> None:
    """`next` is followed when it is a path of this app, and otherwise not."""
    answer = visitor.signs_in(MAYA, to=wanted)

    assert answer.location == led_to


def test_a_page_that_asked_for_sign_in_is_shown_after_it(visitor: Visitor) -> None:
    """Somebody who opens a chart and has to sign in first ends up on that chart."""
    asked = visitor.opens(f"/patients/{visitor.patient('Amelia Burton')}", follow_redirects=True)
    form_next = asked.request.args["next"]

    answer = visitor.signs_in(MAYA, to=form_next, follow_redirects=True)

    assert "Amelia Burton" in words(answer)


def test_what_was_in_the_session_before_is_gone_after_signing_in(visitor: Visitor) -> None:
    """A session that somebody prepared beforehand is not the one that is signed in."""
    visitor.opens("/sign-in")
    with visitor.browser.session_transaction() as session:
        session["planted"] = "before"

    visitor.signs_in(MAYA)

    with visitor.browser.session_transaction() as session:
        assert "planted" not in session


def test_signing_out_ends_every_copy_of_the_cookie(maya: Visitor, practice_app: Flask) -> None:
    """A cookie that was copied before signing out opens nothing afterwards."""
    cookie = maya.browser.get_cookie("practice")
    maya.submits("/sign-out")
    thief = Visitor(practice_app)
    thief.browser.set_cookie("practice", cookie.value)

    assert thief.opens("/patients").status_code == 302


def test_signing_out_by_a_link_does_not_work(maya: Visitor) -> None:
    """GET /sign-out is refused, so that no page elsewhere can sign somebody out."""
    assert maya.opens("/sign-out").status_code == 405


@pytest.mark.parametrize(
    ("moment", "minutes", "status"),
    [
        pytest.param("seen_at", 29, 200, id="29 minutes without a click"),
        pytest.param("seen_at", 31, 302, id="31 minutes without a click"),
        pytest.param("started_at", 12 * 60 - 1, 200, id="nearly twelve hours of work"),
        pytest.param("started_at", 12 * 60 + 1, 302, id="twelve hours of work"),
    ],
)
def test_a_stay_ends_by_idleness_and_by_age(
    maya: Visitor, practice_app: Flask, moment: str, minutes: int, status: int
) -> None:
    """After 30 minutes without activity, or 12 hours in all, one has to sign in again."""
    age_stays(practice_app, **{moment: utcnow() - timedelta(minutes=minutes)})

    assert maya.opens("/patients").status_code == status


def test_stays_that_are_over_are_forgotten_at_the_next_sign_in(maya: Visitor, practice_app: Flask) -> None:
    """The table of stays does not grow for ever; the audit trail remembers them."""
    age_stays(practice_app, started_at=utcnow() - timedelta(days=2))

    maya.signs_in_as("practitioner")

    with practice_app.app_context():
        assert len(db.session.scalars(select(SignIn)).all()) == 1


def test_somebody_who_was_idle_is_told_so(maya: Visitor, practice_app: Flask) -> None:
    """The sign-in page says why it is there again."""
    age_stays(practice_app, seen_at=utcnow() - timedelta(hours=1))

    answer = maya.opens("/patients", follow_redirects=True)

    assert "signed out because nothing happened" in words(answer)


def test_what_a_page_asks_by_itself_does_not_keep_anybody_signed_in(
    maya: Visitor, practice_app: Flask
) -> None:
    """Polling for new plans is no sign of a person."""
    age_stays(practice_app, seen_at=utcnow() - timedelta(minutes=20))
    maya.opens("/fullscript/patients/1/plans", headers={"Accept": "*/*"})
    with practice_app.app_context():
        [stay] = db.session.scalars(select(SignIn))

        assert utcnow() - stay.seen_at > timedelta(minutes=19)


def test_a_search_after_the_end_leads_the_whole_page_to_sign_in(maya: Visitor, practice_app: Flask) -> None:
    """htmx is told to leave the page, instead of getting a sign-in form for the list."""
    token = maya.token()
    age_stays(practice_app, seen_at=utcnow() - timedelta(hours=1))
    form = {"query": "burton", "csrf_token": token}

    answer = maya.browser.post("/patients", data=form, headers={"HX-Request": "true"}, **maya.options)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_ten_failures_close_an_account_to_that_address(visitor: Visitor) -> None:
    """The eleventh try is refused, with the right password too, and the answer says when to come back."""
    for _ in range(10):
        visitor.signs_in(MAYA, "guess")

    answer = visitor.signs_in(MAYA)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60


def test_guessing_locks_nobody_out_elsewhere(visitor: Visitor, practice_app: Flask) -> None:
    """The account's owner, at another address, signs in while somebody guesses."""
    for _ in range(11):
        visitor.signs_in(MAYA, "guess")

    assert Visitor(practice_app, address="192.0.2.7").signs_in(MAYA).status_code == 302


def test_processes_count_failures_together(make_app: Callable[..., Flask]) -> None:
    """Two processes on the same database share the limit."""
    first, second = Visitor(make_app()), Visitor(make_app())
    for visitor in (first, second) * 5:
        visitor.signs_in(MAYA, "guess")

    assert first.signs_in(MAYA, "guess").status_code == 429


def test_successes_are_not_counted(visitor: Visitor) -> None:
    """Somebody who signs in and out all day is not refused."""
    statuses = set()
    for _ in range(12):
        statuses.add(visitor.signs_in(MAYA).status_code)
        visitor.submits("/sign-out")

    assert statuses == {302}


def test_a_window_of_attempts_begins_anew_when_it_is_over(practice_app: Flask) -> None:
    """Counting starts again at one after the window's end."""
    with practice_app.app_context():
        storage = DatabaseStorage("database://")
        storage.incr("key", expiry=-1, amount=5)

        assert (storage.get("key"), storage.incr("key", expiry=60)) == (0, 1)


def test_a_new_password_ends_the_stays_in_other_browsers(maya: Visitor, practice_app: Flask) -> None:
    """Whoever changes the password because somebody else knows it is alone afterwards."""
    elsewhere = Visitor(practice_app).signs_in_as("practitioner")
    new = "a considerably longer one"

    answer = maya.submits("/profile", {"current": "practice-demo", "new": new, "repeated": new})

    assert answer.status_code == 302
    assert (maya.opens("/profile").status_code, elsewhere.opens("/profile").status_code) == (200, 302)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"current": "wrong"}, id="wrong current password"),
        pytest.param({"new": "short", "repeated": "short"}, id="too short"),
        pytest.param({"repeated": "another long password"}, id="not repeated"),
    ],
)
def test_a_password_is_changed_only_by_its_owner_and_on_purpose(
    maya: Visitor, fields: dict[str, str]
) -> None:
    """With anything wrong the old password stays."""
    right = {"current": "practice-demo", "new": "a long password", "repeated": "a long password"}

    answer = maya.submits("/profile", right | fields)

    assert answer.status_code == 422
    assert maya.signs_in(MAYA).status_code == 302


def test_demo_accounts_are_shown_in_demo_mode_only(make_app: Callable[..., Flask]) -> None:
    """Outside the demo the sign-in page names no account and no password."""
    shown = Visitor(make_app()).opens("/sign-in").text
    hidden = Visitor(make_app(demo=False, production=False)).opens("/sign-in").text

    assert (MAYA in shown, MAYA in hidden, "practice-demo" in hidden) == (True, False, False)
