"""Who meets the sandbox in tests: a person with a browser, and a partner's server. They know its URLs."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

from fullscript_embed.testing import PASSWORD, Sandbox, SandboxApp

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = 30
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

MAYA = "maya.chen@juniper.example"
SAM = "sam.okafor@juniper.example"
ELISE = "elise.tremblay@cedarstone.example"


def http() -> requests.Session:
    """A session that goes straight to loopback, whatever proxy the machine has."""
    session = requests.Session()
    session.trust_env = False
    return session


class Person:
    """Somebody with a browser of their own: cookies, forms, redirects within the sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self._http = http()

    @property
    def session(self) -> requests.Session:
        """The browser's cookies, for what a page's scripts call."""
        return self._http

    def opens(self, address: str, *, follow: bool = True) -> requests.Response:
        """Go to an address of the sandbox."""
        return self._http.get(urljoin(self.url, address), timeout=TIMEOUT, allow_redirects=follow)

    def submits(self, page: requests.Response, path: str | None = None, **fields: Any) -> requests.Response:
        """Send the form of *page* with its CSRF token, and stop at the answer."""
        token = CSRF.search(page.text)
        data = {"csrf_token": unescape(token.group(1)) if token else "", **fields}
        address = urljoin(page.url, path or "")
        return self._http.post(address, data=data, timeout=TIMEOUT, allow_redirects=False)

    def follows(self, answer: requests.Response) -> requests.Response:
        """Go where a redirect leads."""
        return self.opens(urljoin(answer.url, answer.headers["Location"]))

    def signs_in(self, email: str = MAYA, at: str = "/login") -> requests.Response:
        """Sign in on the sign-in page, or on the page that asks for it, and stay at the answer."""
        return self.submits(self.opens(at), email=email, password=PASSWORD)


class Partner:
    """A partner's server, which has an app's credentials."""

    def __init__(self, sandbox: Sandbox, app: SandboxApp) -> None:
        self.sandbox, self.app, self.redirect_uri = sandbox, app, app.redirect_uris[0]
        self._http = http()

    def authorize_address(self, **changes: str) -> str:
        """Where it sends a person who wants to connect."""
        query = {
            "client_id": self.app.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "state": "where-i-was",
        }
        return f"/oauth/authorize?{urlencode(query | changes)}"

    def gets_code(self, email: str = MAYA) -> str:
        """An authorization code, from a person who signed in and agreed."""
        address = self.sandbox.authorize(self.app, email, self.redirect_uri)
        return parse_qs(urlsplit(address).query)["code"][0]

    def asks_token(self, **body: Any) -> requests.Response:
        """Call the token endpoint with the app's credentials and *body*."""
        return self.posts("/api/oauth/token", body)

    def exchanges(self, code: str, /, **changes: Any) -> requests.Response:
        """Change a code for tokens."""
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self.asks_token(**body | changes)

    def refreshes(self, refresh_token: str) -> requests.Response:
        """Change a refresh token for a new pair."""
        return self.asks_token(grant_type="refresh_token", refresh_token=refresh_token)

    def revokes(self, token: str, /, **changes: Any) -> requests.Response:
        """End an authorization."""
        return self.posts("/api/oauth/revoke", {"token": token, **changes})

    def gets_pair(self, email: str = MAYA) -> dict[str, Any]:
        """A pair of tokens, without the pages."""
        pair: dict[str, Any] = self.sandbox.token(self.app, email)["oauth"]
        return pair

    def uses(self, access_token: str, **body: Any) -> requests.Response:
        """Call the API: ask for a session grant."""
        headers = {"Authorization": f"Bearer {access_token}"}
        address = f"{self.sandbox.url}/api/clinic/embeddable/session_grants"
        return self._http.post(address, json=body or None, headers=headers, timeout=TIMEOUT)

    def reads(self, access_token: str, path: str) -> requests.Response:
        """Call the API with GET."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self._http.get(f"{self.sandbox.url}{path}", headers=headers, timeout=TIMEOUT)

    def posts(self, path: str, body: dict[str, Any]) -> requests.Response:
        """Call an OAuth endpoint with JSON; *body* may replace the credentials."""
        credentials = {"client_id": self.app.client_id, "client_secret": self.app.client_secret}
        return self._http.post(f"{self.sandbox.url}{path}", json=credentials | body, timeout=TIMEOUT)


def at_once(*calls: Callable[[], requests.Response]) -> list[requests.Response]:
    """Make calls at the same moment, each on a thread of its own."""
    barrier = Barrier(len(calls))

    def start(call: Callable[[], requests.Response]) -> requests.Response:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(start, calls))
