"""A patient at a browser, from the link of a plan to an order; and staff who take the card for one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.e2e.accessibility import problems_in_both_schemes
from tests.e2e.platform.host import SAM
from tests.sandbox_rest import Api

CLARA = "clara.dietrich@mail.example"
PAYS, IS_DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    return Api(sandbox)


class Patient:
    """Somebody who shops."""

    def __init__(self, page: Page, sandbox: Sandbox) -> None:
        self.page, self.sandbox = page, sandbox

    def claims(self, link: str, email: str) -> None:
        """Follow the link of a message for the first time."""
        self.page.goto(link)
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Choose a password").fill("a password of mine")
        self.page.get_by_role("button", name="See my plan").click()
        self.page.wait_for_url("**/plans/*")

    def signs_in(self, email: str) -> None:
        self.page.goto(f"{self.sandbox.url}/login/juniper")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/plans")

    def goes(self, place: str) -> None:
        """Choose Plans, Orders or Cart at the top."""
        self.page.get_by_role("navigation", name="My Health").get_by_role("link", name=place).click()
        self.page.wait_for_url(f"**/{place.lower()}")

    def fills_in_the_card(self, number: str) -> None:
        card = {"Name on card": "Ada Byron", "Card number": number, "Expiration": "04/39", "CVC": "123"}
        for label, value in card.items():
            self.page.get_by_label(label).fill(value)

    def fills_in_the_address(self) -> None:
        address = {"Street address": "12 Alder Street", "City": "Portland", "ZIP code": "97205"}
        for label, value in address.items():
            self.page.get_by_label(label).fill(value)
        self.page.get_by_label("State").select_option("OR")


@pytest.fixture
def patient(page: Page, sandbox: Sandbox) -> Patient:
    return Patient(page, sandbox)


def test_a_patient_goes_from_the_message_to_an_order(patient: Patient, api: Api) -> None:
    """Claim, plan, quantity, cart, a card that is declined, one that pays; the order is in the history."""
    page, person = patient.page, api.new_patient(first_name="Ada", last_name="Byron")
    api.new_plan("active", person["id"])
    patient.claims(re.findall(r"http\S+", api.sandbox.messages()[0]["body"])[0], person["email"])
    expect(page.get_by_role("heading", name="Your plan from Maya Chen")).to_be_visible()
    page.get_by_label("Quantity").fill("3")
    page.get_by_role("button", name=re.compile("^Add to cart")).click()
    expect(page.get_by_text("In the cart", exact=True)).to_be_visible()
    patient.goes("Cart")
    page.get_by_role("link", name="Go to checkout").click()
    page.wait_for_url("**/checkout")
    patient.fills_in_the_address()
    patient.fills_in_the_card(IS_DECLINED)
    page.get_by_role("button", name="Place your order").click()
    expect(page.get_by_role("alert")).to_contain_text("The card was declined. Nothing was ordered")
    expect(page.get_by_label("Street address")).to_have_value("12 Alder Street")
    patient.fills_in_the_card(PAYS)
    page.get_by_role("button", name="Place your order").click()
    page.wait_for_url("**/orders/R*")
    expect(page.get_by_role("status")).to_contain_text("Your order is placed")
    number = page.url.rpartition("/")[2]
    patient.goes("Orders")

    expect(page.get_by_role("row", name=number)).to_contain_text("Placed")
    orders = api.maya.get(f"/api/clinic/patients/{person['id']}/orders").json()["orders"]
    assert [one["order_number"] for one in orders] == [number]


def test_a_guardian_shops_for_a_child_with_the_keyboard(patient: Patient, api: Api) -> None:
    """The whole way from the sign-in page to the checkout is walked with Tab, arrows and Enter."""
    clara = api.first("/api/clinic/search/patients", query=CLARA)
    jonas = api.maya.get(f"/api/clinic/patients/{clara}/dependents").json()["patients"][0]
    api.new_plan("active", jonas["id"])
    patient.signs_in(CLARA)
    page = patient.page
    presses(page, "link", jonas["first_name"])
    expect(page.get_by_role("heading", name=f"{jonas['first_name']}'s plans")).to_be_visible()
    page.get_by_role("link", name="Plan from Maya Chen").first.press("Enter")
    page.wait_for_url("**/plans/*")
    presses(page, "button", "Add all to cart")
    expect(page.get_by_role("status")).to_contain_text("It is in the cart")
    presses(page, "link", "Go to the cart")
    page.wait_for_url("**/cart")
    presses(page, "link", "Go to checkout")
    page.wait_for_url("**/checkout")

    expect(page.get_by_role("heading", name=f"Checkout for {jonas['first_name']}")).to_be_visible()


def test_staff_take_the_card_in_the_practice(page: Page, api: Api) -> None:
    """The link of an in-office checkout asks to sign in, shows the cart, and places the order."""
    person = api.new_patient(first_name="Ada", last_name="Byron")
    plan = api.new_plan("active", person["id"])
    path = f"/api/clinic/treatment_plans/{plan['id']}/in_office_checkout"
    page.goto(api.maya.post(path).json()["in_office_checkout"]["url"])
    page.get_by_label("E-mail address").fill(SAM)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/checkout")
    expect(page.get_by_role("heading", name="Checkout for Ada Byron")).to_be_visible()
    desk = Patient(page, api.sandbox)
    desk.fills_in_the_address()
    desk.fills_in_the_card(PAYS)
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/orders/R*")

    expect(page.get_by_role("status")).to_contain_text("The order for Ada Byron is placed")


def test_every_page_of_the_shop_is_accessible_and_fits(patient: Patient, api: Api) -> None:
    """Doors, plans, empty and full cart, checkout with what is wrong in it, orders."""
    page, found = patient.page, dict[str, list[str]]()
    new = api.new_patient()
    page.goto(api.new_plan("active", new["id"])["invitation_url"])
    found["welcome"] = problems_in_both_schemes(page)
    page.goto(f"{api.sandbox.url}/login/juniper")
    found["sign in"] = problems_in_both_schemes(page)
    patient.signs_in(CLARA)
    home = page.url.removesuffix("/plans")
    for place in ("plans", "cart", "orders"):
        page.goto(f"{home}/{place}")
        found[place] = problems_in_both_schemes(page)
    page.get_by_role("link", name=re.compile("^R")).first.click()
    page.wait_for_url("**/orders/R*")
    found["order"] = problems_in_both_schemes(page)
    patient.goes("Plans")
    page.get_by_role("link", name=re.compile("^Plan from")).first.click()
    page.wait_for_url("**/plans/*")
    page.get_by_role("button", name="Add all to cart").click()
    expect(page.get_by_role("status")).to_contain_text("It is in the cart")
    found["plan"] = problems_in_both_schemes(page)
    patient.goes("Cart")
    found["full cart"] = problems_in_both_schemes(page)
    page.goto(f"{home}/checkout")
    page.get_by_role("button", name="Place your order").click()
    expect(page.get_by_text("Enter the card number.")).to_be_visible()
    expect(page.get_by_label("Name on card")).to_be_focused()
    found["checkout"] = problems_in_both_schemes(page)

    assert {name: lines for name, lines in found.items() if lines} == {}


def presses(page: Page, role: Any, name: str) -> None:
    """Walk there with Tab, and press Enter; fails where Tab does not lead."""
    wanted = page.get_by_role(role, name=name, exact=True)
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not lead to {name}")
