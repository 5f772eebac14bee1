"""A patient in front of the sandbox's shop, over plain HTTP. Knows its addresses and forms."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import requests

from fullscript_embed.testing import PASSWORD
from tests.sandbox_actors import Person

PAYS, IS_DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"
CARD = {"holder": "Ada Byron", "card_number": PAYS, "expiry": "04/39", "cvc": "123"}
ADDRESS = {"address1": "12 Alder Street", "city": "Portland", "state": "OR", "zipcode": "97205"}
MARK = re.compile(r'name="mark" value="([^"]+)"')
CHANGE = re.compile(r'/cart/([0-9a-f-]{36})"')


class Shopper(Person):
    """A patient, who claims an account, signs in, fills the cart and pays."""

    def claims(self, plan: dict[str, Any], email: str, password: str = PASSWORD) -> requests.Response:
        """Follow the link of a plan for the first time, and choose a password."""
        door = self.opens(plan["invitation_url"])
        return self.submits(door, email=email, password=password)

    def comes_in(self, plan: dict[str, Any], email: str) -> requests.Response:
        """The same, to the plan's page."""
        return self.follows(self.claims(plan, email))

    def enters(self, email: str, slug: str = "juniper", password: str = PASSWORD) -> requests.Response:
        """Sign in at the clinic's dispensary, and stay at the answer."""
        return self.submits(self.opens(f"/login/{slug}"), email=email, password=password)

    def adds(self, plan_page: requests.Response, **fields: Any) -> requests.Response:
        """Put something of a plan into the cart, all of it without fields; the page that comes then."""
        return self.follows(self.submits(plan_page, f"{urlsplit(plan_page.url).path}/cart", **fields))

    def beside(self, page: requests.Response, place: str) -> requests.Response:
        """Another page of the same person: cart, checkout, orders."""
        return self.opens(f"{self.home(page)}/{place}")

    def pays(self, page: requests.Response, **changes: Any) -> requests.Response:
        """Send the checkout form, filled in well but for the changes, and stay at the answer."""
        checkout = self.beside(page, "checkout")
        return self.submits(checkout, **self.form(checkout) | changes)

    def changes(self, page: requests.Response, item: str, quantity: Any) -> requests.Response:
        """Have so many of an item of the cart; the cart then."""
        answer = self.submits(page, f"{self.home(page)}/cart/{item}", quantity=quantity)
        return self.follows(answer) if answer.is_redirect else answer

    def form(self, checkout: requests.Response) -> dict[str, str]:
        """What a checkout page wants to know."""
        found = MARK.search(checkout.text)
        return {"mark": found[1] if found else "", **CARD, **ADDRESS}

    @staticmethod
    def home(page: requests.Response) -> str:
        """Where the pages of the person begin whose page this is."""
        return "/".join(urlsplit(page.url).path.split("/")[:4])

    @staticmethod
    def items(cart: requests.Response) -> list[str]:
        """The items of a cart, each once."""
        return list(dict.fromkeys(CHANGE.findall(cart.text)))

    @staticmethod
    def notices(page: requests.Response) -> str:
        """What the page says in its notices and beside its fields."""
        found = re.findall(
            r'(?:class="alert[^>]*>|class="invalid-feedback"[^>]*>)(.*?)</div>', page.text, re.DOTALL
        )
        return " ".join(" ".join(unescape(text).split()) for text in found)
