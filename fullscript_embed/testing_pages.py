"""The sandbox's sign-in and consent pages, walked through without a browser; for testing.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

# Seconds to wait for one answer of the sandbox.
ANSWER_TIMEOUT = 30


class SandboxError(Exception):
    """The sandbox did not start, or refused what it was asked for; the message holds its own words."""


class Visitor:
    """A browser as far as the sign-in and consent pages need one: cookies, redirects, forms."""

    def __init__(self, url: str, destination: str) -> None:
        self._url, self._destination = url, destination.partition("?")[0]
        self._http = requests.Session()
        self._http.trust_env = False

    def agree(self, query: Mapping[str, str], account: Mapping[str, str]) -> str:
        """Open the authorize page, sign in, press Authorize; return where the app would be called back."""
        with self._http:
            page = self._open("GET", f"{self._url}/oauth/authorize", params=query)
            if login := page.form_with("password"):
                page = self._submit(page, login, account)
            if consent := page.form_with("authorize"):
                page = self._submit(page, consent, {"authorize": consent.buttons["authorize"]})
        if not page.url.startswith(self._destination):
            raise SandboxError(f"the pages led to {page.title.strip()!r} and not to the redirect URI")
        return page.url

    def _submit(self, page: _Page, form: _Form, values: Mapping[str, str]) -> _Page:
        return self._open("POST", urljoin(page.url, form.action), data={**form.fields, **values})

    def _open(self, method: str, url: str, **options: Any) -> _Page:
        """Go there, and on to where the answers lead; stop at a page, or on the way back to the app."""
        while not url.startswith(self._destination):
            answer = self._http.request(method, url, timeout=ANSWER_TIMEOUT, allow_redirects=False, **options)
            if not answer.is_redirect:
                return _Page(url, answer.text)
            method, url, options = "GET", urljoin(url, answer.headers["Location"]), {}
        return _Page(url)


@dataclass
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    """A page's title and forms."""

    def __init__(self, url: str, html: str = "") -> None:
        super().__init__()
        self.url, self.title = url, ""
        self._forms: list[_Form] = []
        self.feed(html)

    def form_with(self, name: str) -> _Form | None:
        """The first form that has a field or a button called *name*."""
        return next((form for form in self._forms if name in {**form.fields, **form.buttons}), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._forms.append(_Form(values.get("action") or self.url))
        elif tag in {"input", "button"} and self._forms and "name" in values:
            form = self._forms[-1]
            kept = form.buttons if tag == "button" or values.get("type") == "submit" else form.fields
            kept[values["name"]] = values.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "title":
            self.title += data
