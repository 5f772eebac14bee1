"""Catalog, people, documents and metadata of the sandbox's REST API, and the pages that describe it."""

from __future__ import annotations

from typing import Any

import pytest

from fullscript_embed.testing import Sandbox
from tests.sandbox_rest import ELISE, PDF, SCOPES, Api

SEARCH = "/api/catalog/search/products"


def ids(answer: Any) -> set[str]:
    """The ids of a list."""
    return {row["id"] for key, rows in answer.json().items() if key != "meta" for row in rows}


@pytest.fixture(scope="module")
def api(_sandbox_process: Sandbox) -> Api:
    """A sandbox that was put back to its seed once, for all tests of this module."""
    return Api(_sandbox_process)


def test_product_search_takes_every_filter(api: Api) -> None:
    """A product fits if it fits all of them; lists are written with brackets."""
    product = api.maya.get(SEARCH, query="magnesium").json()["products"][0]
    fitting = api.maya.get(SEARCH, query="MAGNESIUM", brand_id=product["brand"]["id"])
    none = api.maya.get(SEARCH, query="magnesium", **{"allergen_ids[]": [api.allergen, "none"]})

    assert product["id"] in ids(fitting)
    assert ids(none) == set()


def test_the_catalog_is_the_countrys(api: Api) -> None:
    """A Canadian clinic sees no product of the US alone, nor its sizes."""
    elise = api.caller(email=ELISE)
    both = [ids(one.get(SEARCH, **{"page[size]": 100, "page[number]": 1})) for one in (api.maya, elise)]
    american = next(iter(both[0] - both[1]), None)

    assert american
    assert elise.get(f"/api/catalog/products/{american}").status_code in (200, 404)


def test_a_practitioner_gets_an_invitation(api: Api) -> None:
    """Adding one sends it, and they have not accepted it yet."""
    person = {"email": api.email, "first_name": "Nina", "last_name": "New"}
    answer = api.maya.post("/api/clinic/practitioners", **person, practitioner_type_id=api.practitioner_type)
    sent = [one["kind"] for one in api.sandbox.messages() if one["recipient"] == person["email"]]

    assert answer.json()["practitioner"]["invite_accepted"] is False
    assert sent == ["invitation"]


@pytest.mark.parametrize("kind", ["staff", "practitioners"])
def test_an_account_needs_what_the_reference_asks(api: Api, kind: str) -> None:
    """One message for each field that is missing."""
    answer = api.maya.post(f"/api/clinic/{kind}", email="nobody")
    wanted = ["First name can't be blank", "Last name can't be blank", "Email is invalid"]

    assert answer.status_code == 422
    assert answer.json()["error"][:3] == wanted


def test_metadata_finds_the_record_that_carries_the_id(api: Api) -> None:
    """Whole, as its own endpoint shows it, and only to who may read such records."""
    patient = api.new_patient(metadata={"id": "ehr-77"})
    found = api.maya.get("/api/clinic/metadata", id="ehr-77").json()["metadata"]
    refused = api.lacking("patients:read").get("/api/clinic/metadata", id="ehr-77", type="patient")

    assert found == [{"id": "ehr-77", "type": "patient", "data": patient}]
    assert refused.status_code == 403


def test_a_document_is_kept_and_handed_back(api: Api) -> None:
    """Its attachment_url gives the very bytes, to those who may see it."""
    path = f"/api/clinic/practitioners/{api.practitioner}/resources/{api.new_resource()}"
    url = api.maya.get(path).json()["resource"]["attachment_url"].removeprefix(api.sandbox.url)
    answers = [one.get(url) for one in (api.maya, api.grace, api.stranger)]

    assert [answer.status_code for answer in answers] == [200, 404, 401]
    assert answers[0].content == PDF[1]


@pytest.mark.parametrize(
    ("form", "file", "message"),
    [
        ({}, ("a.exe", b"MZ"), "Attachment has a type that is not allowed"),
        ({}, ("a.pdf", b""), "Attachment can't be empty"),
        ({}, None, "Attachment must be a file"),
        ({"name": ""}, PDF, "Name can't be blank"),
        ({"type": "Song"}, PDF, "Type is not included in the list"),
        ({"category": "Fun"}, PDF, "Category is not included in the list"),
        ({"save_to_library": "perhaps"}, PDF, "Save to library must be true or false"),
        ({"treatment_plan_id": "none"}, PDF, "Treatment plan must exist"),
    ],
    ids=["type of file", "empty", "no file", "no name", "type", "category", "flag", "plan"],
)
def test_a_document_that_cannot_be_kept_says_why(
    api: Api, form: dict[str, str], file: Any, message: str
) -> None:
    """422, one sentence for what is wrong."""
    path = f"/api/clinic/practitioners/{api.practitioner}/resources"
    sent = {"name": "Plan", "save_to_library": "true", **form}
    files = {"attachment": file} if file else {"other": PDF}
    answer = api.maya.call("POST", path, data=sent, files=files)

    assert answer.status_code == 422
    assert answer.json()["error"][0].startswith(message)


@pytest.mark.parametrize("path", ["/openapi.json", "/api-explorer", "/endpoints"])
def test_the_description_is_open_to_all(api: Api, path: str) -> None:
    """No sign-in, and nothing inline that a strict policy would stop."""
    answer = api.stranger.get(path)

    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_list_of_endpoints_names_every_scope(api: Api) -> None:
    """The generated page has all 76 endpoints, and says of each what it takes."""
    page = api.stranger.get("/endpoints").text

    assert page.count('class="endpoint-path"') >= 76
    assert "All 76 endpoints" in page
    assert all(f"<code>{scope}</code>" in page for scope in SCOPES)
