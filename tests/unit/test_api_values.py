"""What the client sends: filters, bodies, and the hosts that it sends to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from fullscript_embed.api import (
    UNCHANGED,
    Dosage,
    FullscriptClient,
    LinkPatient,
    Recommendation,
    RequestInvalid,
    after,
    before,
    between,
    on,
)
from fullscript_embed.api.caller import fill
from fullscript_embed.api.transport import query
from fullscript_embed.api.values import DateFilter, changed, day_filter, encode, given

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        pytest.param(DAY, "2026-11-20", id="a date"),
        pytest.param(on(DAY), "2026-11-20", id="on"),
        pytest.param(before(DAY), "<2026-11-20", id="before"),
        pytest.param(after(DAY), ">2026-11-20", id="after"),
        pytest.param(between(DAY, DAY + timedelta(days=2)), "2026-11-20..2026-11-22", id="between"),
        pytest.param(datetime(2026, 11, 20, 9, tzinfo=UTC), "2026-11-20", id="a moment"),
        pytest.param(
            after(datetime(2026, 11, 20, 22, tzinfo=timezone(timedelta(hours=-5)))),
            ">2026-11-21",
            id="far west",
        ),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_dates_become_filters(wanted: date | DateFilter | None, sent: str | None) -> None:
    """A filter is the day, or a comparison with it; a moment counts as its day in UTC."""
    expression = day_filter(wanted)

    assert expression == sent


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    """Fullscript would answer such a range with an empty list, which looks like an answer."""
    with pytest.raises(RequestInvalid, match="before it begins"):
        between(DAY, DAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        pytest.param(True, "true", id="true"),
        pytest.param(False, "false", id="false"),
        pytest.param(2, "2", id="a count"),
        pytest.param(Decimal("12.50"), "12.50", id="a decimal"),
        pytest.param(Decimal("1E+2"), "100", id="a decimal with an exponent"),
        pytest.param(DAY, "2026-11-20", id="a day"),
        pytest.param("R1", "R1", id="text"),
        pytest.param(None, None, id="null"),
        pytest.param({"id": 7, "name": UNCHANGED}, {"id": "7"}, id="an object"),
        pytest.param(["a", 1], ["a", "1"], id="a list"),
    ],
)
def test_bodies_are_spelled_as_the_reference_does(value: Any, sent: Any) -> None:
    """The reference types nearly every field of a body as a string."""
    encoded = encode(value)

    assert encoded == sent


def test_what_has_no_spelling_is_refused() -> None:
    """An object that cannot be sent is named by its type, and not by its content."""
    with pytest.raises(RequestInvalid, match="A bytes cannot be sent"):
        encode(b"Amelia")


def test_a_create_leaves_out_what_is_none() -> None:
    """Null where the reference asks for text would be refused."""
    body = given(email="a@mail.example", mobile_number=None, send_welcome_email=False)

    assert body == {"email": "a@mail.example", "send_welcome_email": "false"}


def test_an_update_sends_null_for_none_and_leaves_out_what_is_unchanged() -> None:
    """Emptying a field and leaving it alone are different wishes."""
    body = changed(mobile_number=None, first_name=UNCHANGED, discount=5)

    assert body == {"mobile_number": None, "discount": "5"}


@pytest.mark.parametrize(
    ("times", "sent"),
    [
        pytest.param((), {}, id="none"),
        pytest.param(("morning",), {"time_of_day": "morning"}, id="one"),
        pytest.param(("morning", "evening"), {"time_of_day": ["morning", "evening"]}, id="two"),
    ],
)
def test_a_recommendation_is_sent_as_documented(times: tuple[str, ...], sent: dict[str, Any]) -> None:
    """A recommendation read from a plan can be sent back; the one time of day goes as a string."""
    wanted = Recommendation(
        variant_id="v1", units_to_purchase=2, refill=True, dosage=Dosage(amount="1-2", time_of_day=times)
    )

    assert encode([wanted]) == [
        {
            "variant_id": "v1",
            "units_to_purchase": "2",
            "refill": "true",
            "dosage": {"amount": "1-2", **sent},
        }
    ]


def test_a_patient_of_a_link_is_sent_under_the_references_names() -> None:
    """The id at Fullscript is called id there; what is not given is not sent."""
    body = LinkPatient(patient_id="p1", external_id="e1", date_of_birth=DAY, send_welcome_email=False).body()

    assert body == {
        "id": "p1",
        "external_id": "e1",
        "date_of_birth": "2026-11-20",
        "send_welcome_email": "false",
    }


def test_queries_are_spelled_as_the_reference_does() -> None:
    """Lists carry [] in their name, truth is a word, and what is None is not sent."""
    pairs = query({"query": "c", "allergen_ids": ["a", "b"], "available": True, "brand_id": None, "ids": ()})

    assert pairs == [("query", "c"), ("allergen_ids[]", "a"), ("allergen_ids[]", "b"), ("available", "true")]


def test_an_id_stays_one_segment_of_the_path() -> None:
    """Whatever an id holds, it cannot lead to another endpoint."""
    path = fill("/api/clinic/patients/{patient_id}/orders", ("a/../b?c#d",))

    assert path == "/api/clinic/patients/a%2F..%2Fb%3Fc%23d/orders"


@pytest.mark.parametrize("patient_id", ["", " ", ".", "..", None], ids=repr)
def test_an_id_that_is_none_is_refused_before_anything_is_sent(patient_id: Any) -> None:
    """An empty id would ask for the list, and two dots for something else altogether."""
    client = FullscriptClient("local", token="t")

    with pytest.raises(RequestInvalid, match="needs id"):
        client.patients.retrieve(patient_id)


@pytest.mark.parametrize("page_size", [0, 101, -1])
def test_a_page_size_that_fullscript_does_not_take_is_refused(page_size: int) -> None:
    """Fullscript would answer with fewer than asked for, which looks like the end of the list."""
    client = FullscriptClient("local", token="t")

    with pytest.raises(RequestInvalid, match="1 to 100"):
        client.patients.list(page_size=page_size)


@pytest.mark.parametrize(
    ("environment", "api_url"),
    [
        pytest.param("us", "https://api-us.fullscript.io", id="us"),
        pytest.param("ca", "https://api-ca.fullscript.io", id="ca"),
        pytest.param("us-snd", "https://api-us-snd.fullscript.io", id="us-snd"),
        pytest.param("ca-snd", "https://api-ca-snd.fullscript.io", id="ca-snd"),
        pytest.param("local", "http://localhost:8001", id="local"),
        pytest.param(
            "https://api-us.fullscript.com/api/", "https://api-us.fullscript.com", id="a URL with /api"
        ),
        pytest.param("http://127.0.0.1:9000", "http://127.0.0.1:9000", id="this machine"),
    ],
)
def test_an_environment_or_a_url_says_where_the_api_is(environment: str, api_url: str) -> None:
    """Environments have documented hosts, and each can be replaced by a URL."""
    client = FullscriptClient(environment)

    assert client.api_url == api_url


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        pytest.param("uk", "us, ca, us-snd, ca-snd", id="an unknown name"),
        pytest.param("", "no environment", id="nothing"),
        pytest.param("http://api-us.fullscript.io", "https", id="no TLS"),
        pytest.param("ftp://localhost", "no URL", id="another protocol"),
    ],
)
def test_an_environment_that_cannot_be_used_says_so_at_once(environment: str, told: str) -> None:
    """A typo in a setting is told at the start and not at the first call."""
    with pytest.raises(ValueError, match=told):
        FullscriptClient(environment)


def test_a_client_shows_no_token() -> None:
    """The repr of a client says where it calls and not as whom."""
    client = FullscriptClient("us-snd", token="secret-token")

    assert repr(client) == "FullscriptClient('https://api-us-snd.fullscript.io')"
