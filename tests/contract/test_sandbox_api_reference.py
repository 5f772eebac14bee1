"""Every endpoint of the vendor's reference: served, guarded, and within the clinic of the token."""

from __future__ import annotations

from typing import Any

import pytest

from fullscript_embed.testing import Sandbox
from tests.reference_table import LISTS, OWNED, REST, ROWS, Row
from tests.sandbox_rest import NOBODY, Api

SCOPED = [(row, scope) for row in REST for scope in row.scopes if scope != "catalog:read"]


@pytest.fixture(scope="module")
def api(_sandbox_process: Sandbox) -> Api:
    """A sandbox that was put back to its seed once, for all tests of this module."""
    return Api(_sandbox_process)


def test_the_reference_has_76_endpoints_and_each_is_described(api: Api) -> None:
    """/openapi.json describes exactly the endpoints of the reference, and what it adds is marked."""
    paths = api.stranger.get("/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}

    assert len({(row.method, row.path) for row in ROWS}) == 76
    assert {(row.method, row.path) for row in ROWS} <= described


@pytest.mark.parametrize("row", REST, ids=lambda row: row.id)
def test_an_endpoint_answers_as_the_reference_says(api: Api, row: Row) -> None:
    """With every scope and a record of one's own, the documented status and wrapper come back."""
    answer = api.maya.call(row.method, row.path_with(row.ids(api)), **row.request(api))

    assert answer.status_code == row.status, answer.text
    assert row.wrapper is None or row.wrapper in answer.json()
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("row", REST, ids=lambda row: row.id)
def test_nobody_gets_in_without_a_token(api: Api, row: Row) -> None:
    """401, and not a word about whether the record exists."""
    answer = api.stranger.call(row.method, row.path_with(dict.fromkeys(row.names, NOBODY)))

    assert answer.status_code == 401
    assert answer.json() == {"error": "The access token is invalid"}


@pytest.mark.parametrize(
    ("row", "scope"), [pytest.param(*case, id=f"{case[0].id} {case[1]}") for case in SCOPED]
)
def test_a_missing_scope_is_named(api: Api, row: Row, scope: str) -> None:
    """403 with a sentence that names the scope."""
    path = row.path_with(dict.fromkeys(row.names, NOBODY))
    answer = api.lacking(scope).call(row.method, path, **row.request(api))

    assert answer.status_code == 403
    assert f"`{scope}`" in answer.json()["error"]


@pytest.mark.parametrize("row", [row for row in REST if row.restricted], ids=lambda row: row.id)
def test_a_restricted_endpoint_is_for_apps_that_were_granted_it(api: Api, row: Row) -> None:
    """403 for an app that has every scope and no grant."""
    path = row.path_with(dict.fromkeys(row.names, NOBODY))
    answer = api.caller(grants=()).call(row.method, path, **row.request(api))

    assert answer.status_code == 403
    assert "restricted" in answer.json()["error"]


@pytest.mark.parametrize("row", OWNED, ids=lambda row: row.id)
def test_another_clinics_record_does_not_exist(api: Api, row: Row) -> None:
    """404 for the token of another clinic, whatever the record."""
    answer = api.grace.call(row.method, row.path_with(row.ids(api)), **row.request(api))

    assert answer.status_code == 404
    assert "not found" in answer.json()["error"]


@pytest.mark.parametrize("row", [row for row in REST if row.names], ids=lambda row: row.id)
@pytest.mark.parametrize("wrong", [NOBODY, "%00", "🌿", "x" * 500], ids=["unknown", "nul", "leaf", "long"])
def test_an_unknown_id_is_not_found(api: Api, row: Row, wrong: str) -> None:
    """404 for an id of no record, also for what can be no id."""
    answer = api.maya.call(row.method, row.path_with(dict.fromkeys(row.names, wrong)), **row.request(api))

    assert answer.status_code == 404


@pytest.mark.parametrize("row", LISTS, ids=lambda row: row.id)
def test_a_list_comes_in_pages(api: Api, row: Row) -> None:
    """The meta has the reference's five keys, and a page of one holds at most one."""
    answer = api.maya.get(row.path_with(row.ids(api)), **{"page[size]": 1}).json()
    meta = answer["meta"]

    assert list(meta) == ["current_page", "next_page", "prev_page", "total_pages", "total_count"]
    assert len(answer[str(row.wrapper)]) == min(1, meta["total_count"])
    assert meta["total_pages"] == meta["total_count"]


@pytest.mark.parametrize("row", LISTS, ids=lambda row: row.id)
def test_pages_follow_each_other_without_gap_or_overlap(api: Api, row: Row) -> None:
    """All pages of three put together are the list, each record once."""
    path, rows, number = row.path_with(row.ids(api)), [], 1
    while number:
        answer = api.maya.get(path, **{"page[size]": 40, "page[number]": number}).json()
        rows += answer[str(row.wrapper)]
        number = answer["meta"]["next_page"]
    ids = [_identity(one) for one in rows]

    assert len(ids) == len(set(ids)) == answer["meta"]["total_count"]


def _identity(record: dict[str, Any]) -> tuple[Any, ...]:
    return record["id"], record.get("type"), str(record.get("data", {}).get("id"))
