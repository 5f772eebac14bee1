"""What every answer has in common: headers, error pages, request ids, and logs without patients."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from ehr.database import db
from ehr.declaring import PER_ENVIRONMENT
from tests.practice_host import PEOPLE, Visitor, words

JSON = {"Accept": "application/json"}
PRODUCTION = {
    "demo": False,
    "production": True,
    "https": True,
    "fullscript_environments": ("us",),
    "fullscript": {
        each.name("us"): each.suffix for each in PER_ENVIRONMENT if each.required or each.in_production
    },
}


def directives(answer: Any) -> dict[str, list[str]]:
    """The answer's Content-Security-Policy by directive."""
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


def break_database(app: Flask) -> None:
    """Take the table of patients away, so that charts cannot be read."""
    with app.app_context():
        db.session.execute(text("DROP TABLE visit"))
        db.session.commit()


def test_the_policy_allows_nothing_inline_and_no_eval(maya: Visitor) -> None:
    """Scripts and styles come from files only, on a page with the Fullscript feature too."""
    answer = maya.opens(f"/patients/{maya.patient('Amelia Burton')}")

    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert directives(answer)["default-src"] == ["'none'"]


def test_no_page_has_anything_inline(maya: Visitor) -> None:
    """Neither scripts nor styles nor handlers stand in the page itself."""
    page = maya.opens(f"/patients/{maya.patient('Amelia Burton')}").text

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize(
    ("role", "frame"),
    [("practitioner", ["http://127.0.0.1:9"]), ("anonymous", ["'none'"])],
    ids=["signed in", "signed out"],
)
def test_frames_come_from_the_fullscript_origin_in_use_only(
    visitor: Visitor, role: str, frame: list[str]
) -> None:
    """The page may show the frame of the user's own environment; the sign-in page none."""
    if role != "anonymous":
        visitor.signs_in_as(role)

    assert directives(visitor.opens("/integrations", follow_redirects=True))["frame-src"] == frame


def test_production_sends_people_to_https(make_app: Callable[..., Flask]) -> None:
    """A request over http is redirected, so that no cookie travels in the clear."""
    answer = Visitor(make_app(**PRODUCTION), base_url="http://app.example").opens("/sign-in")

    assert answer.location == "https://app.example/sign-in"


def test_production_keeps_browsers_on_https(make_app: Callable[..., Flask]) -> None:
    """Over https the answer has HSTS, and a cookie that is Secure, HttpOnly and bound to this host."""
    answer = Visitor(make_app(**PRODUCTION), base_url="https://app.example").opens("/sign-in")
    cookie = answer.headers["Set-Cookie"]

    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert cookie.startswith("__Host-practice=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


def test_without_https_there_is_no_hsts(visitor: Visitor) -> None:
    """A demo on http must not lock the browser out of localhost."""
    assert "Strict-Transport-Security" not in visitor.opens("/sign-in").headers


def test_a_request_for_another_host_is_refused(make_app: Callable[..., Flask]) -> None:
    """With TRUSTED_HOSTS set, a forged Host header cannot get into the redirect URI."""
    app = make_app(trusted_hosts=("app.example",))

    assert Visitor(app, base_url="http://evil.example").opens("/sign-in").status_code == 400
    assert Visitor(app, base_url="http://app.example").opens("/sign-in").status_code == 200


def test_a_proxy_is_believed_only_when_it_is_named(make_app: Callable[..., Flask]) -> None:
    """X-Forwarded-Host is in the redirect URI with PROXY_COUNT=1, and without it the host that was asked."""
    forwarded = {"X-Forwarded-Host": "forwarded.example"}
    sent_to = [
        Visitor(make_app(proxy_count=count))
        .signs_in_as("practitioner")
        .opens("/fullscript/connect", headers=forwarded)
        for count in (0, 1)
    ]

    assert ["forwarded.example" in answer.location for answer in sent_to] == [False, True]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/patients", 400, "bad_request"),
        ("GET", "/profile", 401, "unauthorized"),
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/sign-in", 405, "method_not_allowed"),
    ],
)
def test_programs_get_errors_as_json(
    visitor: Visitor, method: str, path: str, status: int, code: str
) -> None:
    """Whoever asks for JSON reads a code and a message in one shape."""
    answer = visitor.browser.open(path, method=method, headers=JSON)

    assert answer.status_code == status
    assert answer.json["error"]["code"] == code
    assert answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/sign-in", 405)]
)
def test_people_get_errors_as_a_page_of_ours(maya: Visitor, method: str, path: str, status: int) -> None:
    """The page says what happened, where to go, and has the reference that support asks for."""
    answer = maya.browser.open(path, method=method)

    assert answer.status_code == status
    assert "Go to the start page" in words(answer)
    assert answer.headers["X-Request-Id"] in answer.text


def test_an_address_of_another_role_gets_403(maya: Visitor) -> None:
    """Somebody without the role reads why, and not that the page does not exist."""
    answer = maya.opens("/admin/people")

    assert answer.status_code == 403
    assert "Your role in the practice does not include it" in words(answer)


def test_what_is_too_large_is_refused(maya: Visitor) -> None:
    """More than a megabyte is not read."""
    answer = maya.browser.post("/patients", data={"query": "x" * (1024 * 1024 + 1)})

    assert answer.status_code == 413


def test_an_old_page_is_told_to_reload(maya: Visitor) -> None:
    """A form without a valid token says that the page is old, not that somebody is a criminal."""
    answer = maya.browser.post("/patients", data={"csrf_token": "old"})

    assert answer.status_code == 400
    assert "Reload it and try again" in words(answer)


def test_a_crash_shows_a_page_and_no_detail(maya: Visitor, practice_app: Flask) -> None:
    """When something breaks, people read that it is our fault, and nothing of what it was."""
    break_database(practice_app)

    answer = maya.opens(f"/patients/{maya.patient('Amelia Burton')}")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in words(answer)
    assert not re.search(r"visit|sqlite|Traceback", answer.text)


def test_a_request_id_from_outside_is_not_taken_over(visitor: Visitor) -> None:
    """Each request gets an id of ours, which nobody outside can choose."""
    answer = visitor.opens("/sign-in", headers={"X-Request-Id": "planted"})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_logs_have_neither_patients_nor_secrets(
    maya: Visitor, practice_app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    """Names, addresses and passwords that pass through the app, and through its crash, are in no log line."""
    planted = {
        "first_name": "Zephyrine",
        "last_name": "Quillfeather",
        "email": "zephyrine@mail.example",
        "sex": "",
    }
    maya.submits("/patients/new", planted | {"allergies": "Moonwort"})
    maya.submits("/patients", {"query": "Quillfeather"})
    maya.opens("/patients?query=Quillfeather")
    maya.submits("/sign-out")
    maya.signs_in("quillfeather@mail.example", "planted-password")
    maya.signs_in(PEOPLE["practitioner"])
    break_database(practice_app)
    maya.submits(f"/patients/{maya.patient('Zephyrine Quillfeather')}/notes", {"note": "Moonwort"})

    logged = capfd.readouterr().err

    assert "crashed" in logged
    assert not re.search(
        r"zephyrine|quillfeather|moonwort|planted-password|practice-demo", logged, re.IGNORECASE
    )


def test_production_logs_json_with_the_requests_id(
    make_app: Callable[..., Flask], capfd: pytest.CaptureFixture[str]
) -> None:
    """Each line is one JSON object with the route, the status and the id that the browser got."""
    answer = Visitor(make_app(**PRODUCTION), base_url="https://app.example").opens("/nowhere/at/all")

    [line] = [
        json.loads(line) for line in capfd.readouterr().err.splitlines() if "nowhere" in line or "404" in line
    ]

    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["status"], line["route"]) == (404, None)
