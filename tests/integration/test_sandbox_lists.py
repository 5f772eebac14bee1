"""The sandbox's lists for people, a page at a time: what `?page=` may say."""

from __future__ import annotations

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.frame_actors import Partner
from tests.sandbox_actors import MAYA, Person
from tests.sandbox_rest import Api
from tests.shop_actors import Shopper

BEHIND = [pytest.param(1000, id="behind the last"), pytest.param(10**20, id="beyond all counting")]


@pytest.mark.parametrize("number", BEHIND)
@pytest.mark.parametrize(
    "path", ["/outbox", "/settings/labs", "/dashboard/apps/{app}/deliveries", "/dashboard/apps/{app}/labs"]
)
def test_a_page_behind_the_last_is_not_found(
    sandbox: Sandbox, sandbox_app: SandboxApp, path: str, number: int
) -> None:
    """In the sandbox's look, as any address at which there is nothing."""
    person = Person(sandbox)
    person.signs_in(MAYA)
    answer = person.opens(f"{path.format(app=sandbox_app.id)}?page={number}")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


@pytest.mark.parametrize("number", BEHIND)
def test_a_patients_orders_end_with_their_last_page(sandbox: Sandbox, number: int) -> None:
    """The shop says so as the other pages do."""
    api, shopper = Api(sandbox), Shopper(sandbox)
    patient = api.new_patient()
    page = shopper.comes_in(api.new_plan("active", patient["id"]), patient["email"])

    assert shopper.beside(page, "orders").status_code == 200
    assert shopper.beside(page, f"orders?page={number}").status_code == 404


@pytest.mark.parametrize("number", BEHIND)
@pytest.mark.parametrize("path", ["products", "labs", "patients"])
def test_the_platforms_lists_are_empty_behind_their_end(sandbox: Sandbox, path: str, number: int) -> None:
    """Its page asks for the next ones as somebody scrolls."""
    answer = Partner(sandbox).opens().asks("GET", path, params={"page": number}).json()

    assert (answer[path], answer["next_page"]) == ([], None)
    assert answer["total"] > 0
