"""Secrets and patient data stay where they belong: walked through after a whole main job."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from cryptography.fernet import Fernet
from itsdangerous import base64_decode
from playwright.sync_api import Browser, Error, Page, Request, expect

from tests.e2e.people import Person
from tests.e2e.servers import Practice

PATIENT = "Noah Whitfield"
PATIENT_DATA = ("Whitfield", "noah.whitfield@mail.example", "1996-02-29", "5035550112")
# What the page asks for by itself; its answers are data for the page, and not its source.
GRANT = re.compile(r"/session-grants$")


@dataclass
class Walk:
    """What was seen of one main job: every answer of the practice app, and the addresses asked for."""

    page: Page
    person: Person
    sources: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Look at everything that the page asks for from now on."""
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("requestfinished", self.note)

    def note(self, request: Request) -> None:
        """Remember one answer. What was still on its way when its page was left is lost."""
        if not request.url.startswith(self.person.practice.url) or "/static/" in request.url:
            return
        try:
            response = request.response()
            if response is None or response.status in {204, 302, 303, 304}:
                return
            if GRANT.search(request.url):
                self.grants.append(response.json()["secret_token"])
            else:
                self.sources[request.url] = response.text()
        except Error:  # the browser has forgotten it
            return

    def secrets(self) -> Iterator[str]:
        """Everything that must not be seen anywhere: tokens, grants, the app's own secrets."""
        environ = self.person.practice.environ
        yield from self.grants
        yield from (environ[name] for name in environ if name.endswith(("_CLIENT_SECRET", "_SIGNATURE_KEYS")))
        yield from (environ["SECRET_KEY"], environ["FULLSCRIPT_ENCRYPTION_KEYS"])
        opener = Fernet(environ["FULLSCRIPT_ENCRYPTION_KEYS"])
        for row in self.person.practice.rows("SELECT access_token, refresh_token FROM fullscript_connection"):
            yield from (opener.decrypt(str(token)).decode() for token in row)


@pytest.fixture(scope="module")
def walk(browser: Browser, _practice_process: Practice) -> Iterator[Walk]:
    """A plan that Sam Okafor wrote for a new patient, from signing in to the plan on the chart.

    Walked once, because the tests only look at what it left.
    """
    _practice_process.sandbox.reset()
    _practice_process.reset()
    page = browser.new_page()
    sam = Person(page, _practice_process, "sam.okafor@juniper.example")
    walk = Walk(page, sam)
    walk.begin()
    sam.opens_chart(PATIENT)
    sam.recommend_button().click()
    sam.agrees()
    sam.frame.picks_practitioner("Omar Haddad")
    sam.frame.adds_new_patient()
    sam.frame.recommends()
    expect(sam.plans).to_have_count(1)
    yield walk
    page.close()


def test_no_secret_leaves_the_server(walk: Walk) -> None:
    """Neither pages nor storage, cookies or addresses hold a token, a grant or a key of the app."""
    seen = {
        **walk.sources,
        "page": walk.page.content(),
        "storage": walk.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"),
        "cookies": "".join(map(read_cookie, cookies(walk.page))),
        "addresses": "\n".join(url for url in walk.addresses if url.startswith(walk.person.practice.url)),
    }
    secrets = list(walk.secrets())

    assert any(PATIENT in text for text in walk.sources.values())
    assert len(secrets) > 6
    assert [
        (where, number) for where, text in seen.items() for number, s in enumerate(secrets) if s in text
    ] == []


def test_patient_data_is_in_no_address(walk: Walk) -> None:
    """Names and dates travel in bodies only, so that no log or history of anybody's holds them."""
    assert walk.grants
    assert [url for url in walk.addresses for data in PATIENT_DATA if data.lower() in url.lower()] == []


def test_nothing_private_is_logged(walk: Walk) -> None:
    """Web server and worker say what happened without naming a patient or showing a token."""
    logs = walk.person.practice.logs()

    assert "session-grants" in logs
    assert [data for data in (*PATIENT_DATA, *walk.secrets()) if data in logs] == []


def test_the_chart_s_own_source_holds_nothing_for_fullscript(walk: Walk) -> None:
    """Patient data for the frame comes with the grant, when it is asked for, and not in the page."""
    source = walk.page.request.get(walk.page.url).text()
    button = source[source.index("data-fullscript-recommend") :].split("</div>")[0]

    assert [data for data in PATIENT_DATA if data in button] == []
    assert "csrf" not in button.lower()


def cookies(page: Page) -> list[str]:
    """The values of all cookies."""
    return [str(cookie["value"]) for cookie in page.context.cookies()]


def read_cookie(value: str) -> str:
    """What anybody can read in a cookie: Flask's session is signed, and not hidden."""
    payload = value.lstrip(".").split(".")[0]
    try:
        content = base64_decode(payload)
        return value + (zlib.decompress(content) if value.startswith(".") else content).decode()
    except (ValueError, zlib.error):
        return value
