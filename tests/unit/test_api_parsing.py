"""Records are read from whatever JSON comes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullscript_embed.api.parsing import (
    Record,
    parse,
    read_count,
    read_day,
    read_decimal,
    read_flag,
    read_moment,
    read_text,
)
from fullscript_embed.api.records import base, catalog, clinics, events, found, labs, orders, patients, plans
from fullscript_embed.api.records import tokens as token_records

MODULES = (base, catalog, clinics, events, found, labs, orders, patients, plans, token_records)
KINDS = sorted(
    {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
    },
    key=lambda kind: kind.__name__,
)
NAMES = sorted(
    {field.name for kind in KINDS for field in fields(kind)} | {"active", "status", "event", "new"}
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["2020-01-01T05:00:00.000Z", "2018-03-02", "19.99", "true", "1e999999999", "٣", ""]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
    max_leaves=30,
)


@given(kind=st.sampled_from(KINDS), value=JSON)
def test_any_json_is_read_as_any_kind_of_record(kind: type[Record], value: Any) -> None:
    """Whatever is missing, null, unknown or of a wrong kind, reading gives a record and never raises."""
    record = parse(kind, value)

    assert isinstance(record, kind)


@given(kind=st.sampled_from(KINDS), value=st.dictionaries(st.sampled_from(NAMES), JSON))
def test_a_record_says_the_same_however_often_it_is_asked(kind: type[Record], value: dict[str, Any]) -> None:
    """Derived values, the extra keys and the repr come from any JSON without raising."""
    record = parse(kind, value)

    assert set(record.extra) <= set(value)
    assert repr(record) == repr(parse(kind, value))


@given(value=st.dictionaries(st.sampled_from(NAMES), JSON))
def test_the_subject_of_any_event_can_be_asked_for(value: dict[str, Any]) -> None:
    """An event of any type with any data has a subject that is a record, or none."""
    for known in ("patient.created", "order.placed", "fulfillment.shipment.shipped", "no.such"):
        subject = parse(events.Event, {"type": known, "data": value}).subject

        assert subject is None or isinstance(subject, Record)


@given(value=st.dictionaries(st.text(max_size=8), SCALARS, max_size=5))
def test_the_answer_itself_is_kept(value: dict[str, Any]) -> None:
    """`raw` is the answer as it came, known keys and unknown ones."""
    record = parse(patients.Patient, value)

    assert record.raw is value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_records_are_frozen(kind: type[Record]) -> None:
    """What Fullscript answered cannot be changed by accident."""
    record = parse(kind, {})

    with pytest.raises(FrozenInstanceError):
        record.raw = {}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("x1", "x1", id="text"),
        pytest.param(17, "17", id="a number as an id"),
        pytest.param(True, "true", id="truth"),
        pytest.param(None, None, id="null"),
        pytest.param(["x"], None, id="a list"),
        pytest.param({"id": "x"}, None, id="an object"),
    ],
)
def test_text_is_read(value: Any, expected: str | None) -> None:
    """Scalars become text; what is no scalar becomes None."""
    text = read_text(value)

    assert text == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(True, True, id="true"),
        pytest.param("true", True, id="the word true"),
        pytest.param(1, True, id="one"),
        pytest.param(0, False, id="zero"),
        pytest.param("False", False, id="the word False"),
        pytest.param("maybe", None, id="another word"),
        pytest.param(2, None, id="two"),
        pytest.param(None, None, id="null"),
    ],
)
def test_truth_is_read_however_it_is_spelled(value: Any, expected: bool | None) -> None:
    """true, "true", 1 and their opposites are understood; anything else is unknown."""
    flag = read_flag(value)

    assert flag is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("19.99", Decimal("19.99"), id="money as text"),
        pytest.param(12.5, Decimal("12.5"), id="a JSON number"),
        pytest.param("", None, id="nothing"),
        pytest.param("NaN", None, id="not a number"),
        pytest.param("Infinity", None, id="infinite"),
        pytest.param("1e999999999", None, id="far too big"),
        pytest.param(True, None, id="truth"),
    ],
)
def test_amounts_are_exact(value: Any, expected: Decimal | None) -> None:
    """Money and percentages become decimals without passing through binary fractions."""
    amount = read_decimal(value)

    assert amount == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(10, 10, id="a number"),
        pytest.param("2", 2, id="text"),
        pytest.param(3.0, 3, id="a whole fraction"),
        pytest.param(2.5, None, id="half a unit"),
        pytest.param("two", None, id="a word"),
    ],
)
def test_counts_are_whole(value: Any, expected: int | None) -> None:
    """Counts become integers, or unknown."""
    count = read_count(value)

    assert count == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2020-01-01T05:00:00.000Z", datetime(2020, 1, 1, 5, tzinfo=UTC), id="UTC"),
        pytest.param(
            "2018-03-02T13:26:02.000-05:00", datetime(2018, 3, 2, 18, 26, 2, tzinfo=UTC), id="offset"
        ),
        pytest.param("2018-03-02T05:00:00", datetime(2018, 3, 2, 5, tzinfo=UTC), id="none"),
        pytest.param("0001-01-01T00:00:00+14:00", None, id="before all time in UTC"),
        pytest.param("9999-12-31T23:59:59-14:00", None, id="after all time in UTC"),
        pytest.param("soon", None, id="a word"),
        pytest.param(1591826856, None, id="a number"),
    ],
)
def test_moments_are_aware(value: Any, expected: datetime | None) -> None:
    """Timestamps become aware datetimes; one without an offset is UTC."""
    moment = read_moment(value)

    assert moment == expected
    assert moment is None or moment.utcoffset() is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2018-03-02", date(2018, 3, 2), id="a day"),
        pytest.param("2018-03-02T05:00:00.000Z", date(2018, 3, 2), id="the timestamp of an event"),
        pytest.param("2018-13-45", None, id="no such day"),
        pytest.param("", None, id="nothing"),
        pytest.param(20180302, None, id="a number"),
    ],
)
def test_days_are_dates(value: Any, expected: date | None) -> None:
    """Days become dates, also where an event writes a timestamp for one."""
    day = read_day(value)

    assert day == expected


DOSAGE = plans.Dosage(
    amount="1-2", frequency="once per day", duration="30", format="capsule", additional_info="with food"
)


@pytest.mark.parametrize(
    "recommendation",
    [
        pytest.param(
            {
                "dosage": {
                    "amount": "1-2",
                    "frequency": "once per day",
                    "duration": "30",
                    "format": "capsule",
                    "additional_info": "with food",
                }
            },
            id="a treatment plan",
        ),
        pytest.param(
            {
                "dosage": {
                    "recommended_amount": "1-2",
                    "recommended_frequency": "once per day",
                    "recommended_duration": "30",
                    "format": "capsule",
                    "additional_info": "with food",
                }
            },
            id="an event",
        ),
        pytest.param(
            {
                "dosage_amount": "1-2",
                "dosage_frequency": "once per day",
                "dosage_duration": "30",
                "dosage_format": "capsule",
                "dosage_permutations": "with food",
            },
            id="a protocol",
        ),
        pytest.param(
            {
                "dosage": {
                    "recommendedAmount": "1-2",
                    "recommendedFrequency": "once per day",
                    "recommendedDuration": "30",
                    "format": "capsule",
                    "additionalInfo": "with food",
                }
            },
            id="Embed",
        ),
    ],
)
def test_every_spelling_of_a_dosage_comes_out_as_one(recommendation: dict[str, Any]) -> None:
    """Plans, events, protocols and Embed name the same dosage in different words."""
    read = parse(plans.Recommendation, {"variant_id": "v", **recommendation})

    assert read.dosage == DOSAGE
    assert read.extra == {}


@pytest.mark.parametrize(
    ("data", "state"),
    [
        pytest.param({"state": "cancelled"}, "cancelled", id="as documented"),
        pytest.param({"active": "true"}, "active", id="the word active"),
        pytest.param({"active": "false"}, None, id="not active"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_the_state_of_a_plan_is_read(data: dict[str, Any], state: str | None) -> None:
    """Some payloads say that a plan is active in place of its state."""
    plan = parse(plans.TreatmentPlan, data)

    assert plan.state == state


@pytest.mark.parametrize(
    ("data", "state"),
    [
        pytest.param({"state": "processing"}, "processing", id="REST"),
        pytest.param({"status": "results_received"}, "partial_results", id="some results"),
        pytest.param({"status": "all_results_received"}, "results_ready", id="all results"),
        pytest.param({"status": "results_amended"}, "results_amended", id="amended"),
    ],
)
def test_a_status_of_a_lab_order_is_read_as_its_state(data: dict[str, Any], state: str) -> None:
    """Webhooks and events use words of their own for the states of the REST API."""
    order = parse(labs.LabOrder, data)

    assert order.state == state


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"id": "e1", "type": "patient.created"}, id="bare"),
        pytest.param({"event": {"id": "e1", "type": "patient.created"}}, id="a webhook's body"),
        pytest.param(
            {"event_payload": {"event": {"id": "e1", "type": "patient.created"}}}, id="a delivery's"
        ),
    ],
)
def test_an_event_is_read_out_of_each_of_its_envelopes(payload: dict[str, Any]) -> None:
    """The same event comes bare, under `event` and under `event_payload.event`."""
    event = parse(events.Event, payload)

    assert (event.id, event.type) == ("e1", "patient.created")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"id": "o1", "order_number": "R1"}, id="flat"),
        pytest.param({"order": {"id": "o1", "order_number": "R1"}}, id="nested"),
    ],
)
def test_the_subject_of_an_event_is_read_flat_or_nested(data: dict[str, Any]) -> None:
    """order.placed comes flat while others nest their record."""
    subject = parse(events.Event, {"type": "order.placed", "data": data}).subject

    assert subject == orders.Order(id="o1", order_number="R1")


def test_a_token_knows_its_end() -> None:
    """A token counts as expired from a minute before its end on."""
    created = datetime(2026, 11, 20, 12, tzinfo=UTC)
    token = token_records.Token(created_at=created, expires_in=7200, access_token="t")
    end = created + timedelta(hours=2)

    assert token.expires_at == end
    assert token.has_expired(now=end - timedelta(seconds=60))
    assert not token.has_expired(now=end - timedelta(seconds=61))


def test_reprs_hold_no_secret_and_no_patient() -> None:
    """The repr of a record shows its id, so that a record in a log tells nothing."""
    shown = repr(
        [
            parse(patients.Patient, {"id": "p1", "first_name": "Amelia", "email": "amelia@mail.example"}),
            parse(token_records.Token, {"access_token": "secret-a", "refresh_token": "secret-b"}),
            parse(token_records.SessionGrant, {"id": "g1", "secret_token": "secret-c"}),
        ]
    )

    assert "p1" in shown
    assert not any(word in shown for word in ("Amelia", "mail.example", "secret"))
