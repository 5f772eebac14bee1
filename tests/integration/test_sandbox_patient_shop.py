"""The sandbox's shop: cart, card, order, refund, and checkout in the practice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox, SandboxError
from tests.sandbox_actors import SAM, Person, at_once
from tests.sandbox_rest import GRACE, Api
from tests.shop_actors import ADDRESS, CARD, IS_DECLINED, Shopper
from tests.webhook_receiver import Receiver

CLARA = "clara.dietrich@mail.example"


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    return Api(sandbox)


@pytest.fixture
def shopper(sandbox: Sandbox) -> Shopper:
    return Shopper(sandbox)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


class Errand:
    """A new patient of Juniper with one plan, two of one product, on the plan's page."""

    def __init__(self, api: Api, shopper: Shopper, **fields: Any) -> None:
        self.api, self.shopper = api, shopper
        self.patient = api.new_patient(**fields)
        self.plan = api.new_plan("active", self.patient["id"])
        self.page = shopper.comes_in(self.plan, self.patient["email"])

    @property
    def orders(self) -> list[dict[str, Any]]:
        """What the API knows of the patient's orders."""
        answer = self.api.maya.get(f"/api/clinic/patients/{self.patient['id']}/orders").json()
        found: list[dict[str, Any]] = answer["orders"]
        return found

    def checkout_url(self) -> str:
        """Empty and refill the cart, and where it is paid for."""
        path = f"/api/clinic/treatment_plans/{self.plan['id']}/in_office_checkout"
        url: str = self.api.maya.post(path).json()["in_office_checkout"]["url"]
        return url


@pytest.fixture
def errand(api: Api, shopper: Shopper) -> Errand:
    return Errand(api, shopper)


def test_a_plan_is_told_in_words_with_message_and_documents(api: Api, shopper: Shopper) -> None:
    """How to take it, what the practitioner wrote, and a file that can be opened."""
    patient = api.new_patient()
    dosage = {"amount": "2", "format": "capsule", "frequency": "twice per day", "duration": "30"}
    plan = api.maya.post(
        f"/api/clinic/patients/{patient['id']}/treatment_plans",
        recommendations=[{**api.recommendation, "take_with": "food", "dosage": dosage}],
        personal_message="Begin on Monday.",
        resource_ids=[api.resource],
    ).json()["treatment_plan"]
    page = shopper.comes_in(plan, patient["email"])
    document = page.text.partition("/documents/")[2].partition('"')[0]

    assert "2 capsules, twice per day, with food, for 30 days" in page.text
    assert "Begin on Monday." in page.text
    assert shopper.opens(f"{page.url}/documents/{document}").content.startswith(b"%PDF")
    assert shopper.opens(f"{page.url}/documents/{api.resource}").status_code == 404


def test_a_paid_cart_is_an_order_of_the_plan(errand: Errand) -> None:
    """With items, amounts and plan as the API has them (field notes, 1.10); the cart is empty then."""
    errand.shopper.adds(errand.page)
    answer = errand.shopper.pays(errand.page)
    page = errand.shopper.follows(answer)
    [row] = errand.orders
    order = errand.api.maya.get(f"/api/clinic/orders/{row['id']}").json()["order"]

    assert "Your order is placed" in errand.shopper.notices(page)
    assert page.url.endswith(f"/orders/{order['order_number']}")
    assert order["treatment_plan_ids"] == [errand.plan["id"]]
    assert order["line_items"] == [{"variant_id": errand.api.variant, "quantity": 2, "type": "supplement"}]
    assert float(order["item_total"]) == pytest.approx(float(order["msrp_total"]) * 0.9, abs=0.005)
    assert "The cart is empty" in errand.shopper.beside(page, "cart").text


def test_an_order_is_told_to_apps_and_to_the_patient(errand: Errand, receiver: Receiver) -> None:
    """By webhook as order.placed, and with a confirmation in the outbox."""
    app = errand.api.sandbox.create_app()
    receiver.challenge = app.challenge_token
    receiver.serves(errand.api.sandbox, app, webhook_events=["order.placed"])
    errand.api.sandbox.token(app, SAM)
    errand.shopper.adds(errand.page)
    errand.shopper.pays(errand.page)
    assert errand.api.sandbox.webhooks_idle()
    [event] = [one for one in receiver.events if one["type"] == "order.placed"]
    [message] = [one for one in errand.api.sandbox.messages() if one["kind"] == "order"]

    assert event["data"]["patient_id"] == errand.patient["id"]
    assert event["data"]["treatment_plan_ids"] == [errand.plan["id"]]
    assert message["recipient"] == errand.patient["email"]
    assert event["data"]["order_number"] in message["body"]


def test_a_declined_card_loses_nothing(errand: Errand) -> None:
    """It says so; nothing is ordered or told, the cart is as it was, and the address is still in the form."""
    errand.shopper.adds(errand.page)
    before = errand.shopper.items(errand.shopper.beside(errand.page, "cart"))
    answer = errand.shopper.pays(errand.page, card_number=IS_DECLINED)

    assert answer.status_code == 422
    assert "The card was declined. Nothing was ordered" in errand.shopper.notices(answer)
    assert ADDRESS["address1"] in answer.text
    assert 'value="4000' not in answer.text
    assert (errand.orders, errand.shopper.items(errand.shopper.beside(errand.page, "cart"))) == ([], before)
    assert [one for one in errand.api.sandbox.messages() if one["kind"] == "order"] == []


def test_what_is_wrong_in_the_form_is_said_at_its_field(errand: Errand) -> None:
    """And nothing is ordered."""
    errand.shopper.adds(errand.page)
    said = {
        change: errand.shopper.notices(errand.shopper.pays(errand.page, **dict([change])))
        for change in REFUSED
    }

    assert {change: said[change] for change, words in REFUSED.items() if said[change] != words} == {}
    assert errand.orders == []


REFUSED = {
    ("card_number", "4242 4242 4242 4241"): "Card number is not valid.",
    ("card_number", "4242"): "Card number is not valid.",
    ("card_number", "four two four two"): "Card number is not valid.",
    ("card_number", ""): "Enter the card number.",
    (
        "card_number",
        "5555 5555 5555 4444",
    ): "Card number is not one of a test card; 4242 4242 4242 4242 pays.",
    ("expiry", "04/20"): "Card has expired.",
    ("expiry", "13/39"): "Expiration has to be a month and a year, such as 04/31.",
    ("expiry", "soon"): "Expiration has to be a month and a year, such as 04/31.",
    ("cvc", "12"): "CVC has to be the 3 digits on the back of the card.",
    ("holder", ""): "Enter the name on the card.",
    ("zipcode", "K1P 1J1"): "This is no ZIP code; one looks like 97205.",
    ("state", "ON"): "Not a valid choice.",
    ("state", ""): "Choose the state.",
    ("address1", ""): "Enter the street.",
    ("csrf_token", "x"): "This page was open for too long, or its cookie is gone. Please send it again.",
    ("mark", "x"): "The cart changed in the meantime. Nothing was ordered: look at it again, below.",
}


def test_a_card_expires_by_the_clock_of_the_sandbox(errand: Errand) -> None:
    """What was good to the end of 2039 is not, thirty years on."""
    errand.api.sandbox.advance(30 * 365 * 24 * 3600)
    errand.shopper.adds(errand.page)

    assert errand.shopper.notices(errand.shopper.pays(errand.page)) == "Card has expired."


def test_who_pays_twice_at_once_orders_once(errand: Errand) -> None:
    """A double click buys nothing twice."""
    errand.shopper.adds(errand.page)
    checkout = errand.shopper.beside(errand.page, "checkout")
    form = errand.shopper.form(checkout)
    answers = at_once(*[lambda: errand.shopper.submits(checkout, **form)] * 2)

    assert len(errand.orders) == 1
    assert 302 in [one.status_code for one in answers]


def test_a_cart_holds_what_is_chosen(errand: Errand) -> None:
    """One thing in a quantity; another quantity replaces it; none takes it away."""
    page = errand.shopper.adds(errand.page, variant_id=errand.api.variant, quantity="3")
    cart = errand.shopper.beside(page, "cart")
    [item] = errand.shopper.items(cart)
    more = errand.shopper.changes(cart, item, 5)

    assert 'value="3"' in cart.text
    assert 'value="5"' in more.text
    assert "The cart is empty" in errand.shopper.changes(more, item, 0).text


def test_a_cart_takes_nothing_that_cannot_be_ordered(errand: Errand) -> None:
    """Quantities out of range, what the plan does not recommend, another's item, a form that is too old."""
    shopper, page, path = errand.shopper, errand.page, f"{errand.page.url}/cart"
    chosen = {"variant_id": errand.api.variant}
    for quantity in ("0", "100", "-1"):
        assert "between 1 and 99" in shopper.notices(shopper.adds(page, **chosen, quantity=quantity))

    assert shopper.submits(page, path, variant_id="unknown", quantity="1").status_code == 404
    assert "too long" in shopper.notices(shopper.adds(page, **chosen, csrf_token="x"))
    assert shopper.changes(page, "unknown", 1).status_code == 404
    assert "The cart is empty" in shopper.beside(page, "checkout").text


def test_the_item_of_another_cart_cannot_be_changed(api: Api, errand: Errand) -> None:
    """404, and it stays as it was."""
    errand.shopper.adds(errand.page)
    [item] = errand.shopper.items(errand.shopper.beside(errand.page, "cart"))
    stranger = Errand(api, Shopper(api.sandbox))

    assert stranger.shopper.changes(stranger.page, item, 0).status_code == 404
    assert errand.shopper.items(errand.shopper.beside(errand.page, "cart")) == [item]


def test_what_a_practitioner_cancels_is_not_ordered(errand: Errand) -> None:
    """It stays in the cart with the reason; its plan can be opened no more."""
    errand.shopper.adds(errand.page)
    errand.api.maya.patch(f"/api/clinic/treatment_plans/{errand.plan['id']}/cancel")
    cart = errand.shopper.beside(errand.page, "cart")

    assert "Maya Chen has cancelled the plan that recommends this" in cart.text
    assert "checkout" not in cart.text
    assert "has cancelled this plan" in errand.shopper.notices(errand.shopper.opens(errand.page.url))
    assert "only an active one" in errand.shopper.notices(errand.shopper.adds(errand.page))


def test_labs_of_an_order_are_purchased(api: Api, shopper: Shopper) -> None:
    """The laboratory is told what it has to know of the patient, who is asked where nobody said it."""
    clara = api.first("/api/clinic/search/patients", query=CLARA)
    api.maya.patch(f"/api/clinic/patients/{clara}", gender="")
    plans = shopper.follows(shopper.enters(CLARA))
    page = shopper.opens(plans.text.partition('<h2><a href="')[2].partition('"')[0])
    shopper.adds(page)
    refused = shopper.pays(page)
    answer = shopper.pays(page, gender="female")
    number = answer.headers["Location"].rpartition("/")[2]
    [order] = api.maya.get("/api/clinic/orders", order_number=number).json()["orders"]
    labs = api.maya.get("/api/clinic/labs/orders", patient_id=clara).json()["orders"]
    detail = api.maya.get(f"/api/clinic/orders/{order['id']}").json()["order"]

    assert "Choose one" in shopper.notices(refused)
    assert api.maya.get(f"/api/clinic/patients/{clara}").json()["patient"]["gender"] == "female"
    assert [one["state"] for one in labs if one["order_id"] == order["id"]] == ["purchased"]
    assert "labs" in [one["type"] for one in detail["line_items"]]


def test_a_refund_is_seen_by_the_patient_and_goes_on_to_be_listed(errand: Errand) -> None:
    """ "All completed or refunded orders" (reference: Orders); no field and no event tells of it."""
    sandbox = errand.api.sandbox
    order = sandbox.place_order(errand.plan["id"])
    before, events = errand.orders, errand.api.maya.get("/api/events/orders").json()["events"]
    refunded = sandbox.refund(order["id"])

    assert refunded["refunded_at"] is not None
    assert errand.orders == before
    assert errand.api.maya.get("/api/events/orders").json()["events"] == events
    assert "Refunded" in errand.shopper.beside(errand.page, f"orders/{order['order_number']}").text
    assert sandbox.messages()[0]["kind"] == "refund"
    with pytest.raises(SandboxError, match="refunded already"):
        sandbox.refund(order["id"])


def test_the_dashboard_refunds_an_order(errand: Errand) -> None:
    """A developer chooses it beside the button; it is not offered a second time."""
    order = errand.api.sandbox.place_order(errand.plan["id"])
    clinic = errand.api.maya.get("/api/clinic").json()["clinic"]["id"]
    developer, address = Person(errand.api.sandbox), f"/dashboard/apps/{errand.api.sandbox.apps()[0].id}"
    page = developer.opens(f"{address}/events?clinic={clinic}")
    after = developer.follows(developer.submits(page, f"{address}/refunds", clinic=clinic, order=order["id"]))

    assert order["id"] in page.text
    assert f"Order {order['order_number']} is refunded" in after.text
    assert order["id"] not in after.text


def test_a_test_places_an_order_without_a_browser(errand: Errand) -> None:
    """Some of a plan, with the event of it; refusals name their reason."""
    sandbox, plan, variant = errand.api.sandbox, errand.plan["id"], errand.api.variant
    order = sandbox.place_order(plan, {variant: 7})
    event = errand.api.maya.get(f"/api/events/{order['event_id']}").json()["event"]

    assert event["data"]["line_items"] == [{"variant_id": variant, "quantity": 7, "type": "supplement"}]
    for arguments, reason in (
        ((plan, {"unknown": 1}), "Recommendation not found"),
        ((plan, {variant: 0}), "between 1 and 99"),
        (("unknown",), "Treatment plan not found"),
        ((errand.api.draft_plan,), "only an active one"),
    ):
        with pytest.raises(SandboxError, match=reason):
            sandbox.place_order(*arguments)
    with pytest.raises(SandboxError, match="declined"):
        sandbox.place_order(plan, card=IS_DECLINED)


def test_staff_take_the_patients_card_in_the_practice(errand: Errand) -> None:
    """The page shows the refilled cart; the order is the patient's, with its plan."""
    sam = Person(errand.api.sandbox)
    sam.signs_in(SAM)
    page = sam.opens(errand.checkout_url())
    answer = sam.submits(page, **errand.shopper.form(page))
    [order] = errand.orders

    assert order["treatment_plan_ids"] == [errand.plan["id"]]
    assert f"The order for {errand.patient['first_name']}" in sam.follows(answer).text
    assert "The cart is empty" in sam.opens(page.url).text


def test_the_checkout_in_the_practice_is_for_its_own_people(errand: Errand) -> None:
    """Strangers and patients are asked to sign in, other clinics find nothing, and nobody pays there."""
    url = errand.checkout_url()
    grace = Person(errand.api.sandbox)
    grace.signs_in(GRACE)

    for person in (Person(errand.api.sandbox), errand.shopper):
        assert "/login?" in person.opens(url, follow=False).headers["Location"]
    assert grace.opens(url).status_code == 404
    assert grace.submits(grace.opens("/settings/connected-apps"), url, **CARD, **ADDRESS).status_code == 404
    assert errand.orders == []
