"""The practice app as tests start it, and the people who use it in a browser without scripts."""

from __future__ import annotations

import re
import secrets
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select
from werkzeug.test import TestResponse

from ehr.database import db
from ehr.demo import PASSWORD
from ehr.models import Patient, User
from ehr.settings import Settings

# Nothing listens there: these tests need no Fullscript.
NOWHERE = "http://127.0.0.1:9"
PEOPLE = {
    "practitioner": "maya.chen@juniper.example",
    "staff": "sam.okafor@juniper.example",
    "administrator": "admin@juniper.example",
    "foreign practitioner": "grace.lindqvist@harborlight.example",
    "foreign administrator": "admin@harborlight.example",
    "canadian": "elise.tremblay@cedarstone.example",
}


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Settings of a demo that keeps everything in *folder* and works without a worker."""
    names = ("LOCAL", "LOCAL_CA")
    credentials = {
        f"FULLSCRIPT_{name}_{key}": f"{key.lower()}-of-{name.lower()}"
        for name in names
        for key in ("CLIENT_ID", "CLIENT_SECRET", "PUBLIC_KEY")
    }
    hosts = {
        f"FULLSCRIPT_{name}_{key}": f"{NOWHERE}{path}"
        for name in names
        for key, path in (("AUTHORIZE_URL", "/oauth/authorize"), ("API_URL", "/api"), ("EMBED_ORIGIN", ""))
    }
    values = {
        "secret_key": secrets.token_hex(32),
        "demo": True,
        "instance_dir": folder,
        "celery_broker_url": "none",
        "fullscript_environments": ("local", "local-ca"),
        "fullscript_encryption_keys": (Fernet.generate_key().decode(),),
        "fullscript": credentials | hosts,
    }
    return Settings(**(values | changes))


def prepare(app: Flask) -> None:
    """Make all tables and the demo's people, as `make demo` does."""
    with app.app_context():
        upgrade()
    for command in (["fullscript", "upgrade"], ["seed"]):
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == 0, result.output


def close(app: Flask) -> None:
    """Give back the app's database connections, so that none is left open after the test."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


class Visitor:
    """A browser without scripts: fills forms in, follows redirects when told to, and reads pages."""

    def __init__(self, app: Flask, *, address: str = "127.0.0.1", base_url: str = "http://localhost") -> None:
        self.app = app
        # buffered: a file that is served is closed again.
        self.options = {"environ_overrides": {"REMOTE_ADDR": address}, "base_url": base_url, "buffered": True}
        self.browser: FlaskClient = app.test_client()

    def signs_in_as(self, role: str) -> Visitor:
        """Sign in with the demo account of that role."""
        answer = self.signs_in(PEOPLE[role])
        assert answer.status_code == 302, answer.text
        return self

    def signs_in(self, email: str, password: str = PASSWORD, *, to: str = "", **options: Any) -> TestResponse:
        """Send the sign-in form, on the way to the page *to*."""
        return self.submits("/sign-in", {"email": email, "password": password, "next": to}, **options)

    def opens(self, path: str, **options: Any) -> TestResponse:
        return self.browser.get(path, **(self.options | options))

    def submits(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the CSRF token of this browser's session."""
        data = {"csrf_token": self.token(), **(fields or {})}
        return self.browser.post(path, data=data, **(self.options | options))

    def token(self) -> str:
        """A CSRF token of this browser's session, out of a page."""
        page = self.opens("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page
        return found.group(1)

    def patient(self, name: str, practice: str = "Juniper Integrative Health") -> int:
        """The number of a seeded patient."""
        first, last = name.split()
        with self.app.app_context():
            found = select(Patient.id).where(Patient.first_name == first, Patient.last_name == last)
            return db.session.scalars(found.where(Patient.practice.has(name=practice))).one()

    def user(self, role: str) -> int:
        """The number of the account of that role."""
        with self.app.app_context():
            return db.session.scalars(select(User.id).where(User.email == PEOPLE[role])).one()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to read nothing: no hidden element has another of its own name in it."""
        if self._hidden is None and "hidden" in dict(attrs):
            self._hidden = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = None

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            self.parts.append(data)


def words(answer: TestResponse) -> str:
    """What a person reads on the page, with single spaces."""
    parser = _Text()
    parser.feed(answer.text)
    return " ".join(" ".join(parser.parts).split())
