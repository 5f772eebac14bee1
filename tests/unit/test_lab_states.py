"""What states of labs mean, what results are called, and what replaces what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fullscript_embed.api.parsing import parse
from fullscript_embed.api.records.labs import LabOrder
from fullscript_embed.lab_results import Listed, replacements, title_of
from fullscript_embed.lab_states import STATES, in_words, is_under_way, next_look, steps_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
# In the order of the guide's table.
LIFE_CYCLE = [
    "not_purchased",
    "purchased",
    "schedule_appointment",
    "upcoming_appointment",
    "processing",
    "partial_results",
    "results_ready",
    "results_amended",
    "interpretation_ready",
    "interpretation_shared",
]
STEPS = ["recommended", "purchased", "appointment", "processing", "results", "interpretation", "shared"]


def steps(state: str | None, *reached: str) -> list[tuple[str, str]]:
    """The keys of the steps, each with its status."""
    seen = dict.fromkeys(reached, NOON)
    return [(one.key, one.status) for one in steps_of(state, seen)]


def current(state: str | None) -> list[str]:
    """The steps that the order is at: one, or none."""
    return [key for key, status in steps(state) if status == "current"]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"status": "results_received"}, "partial_results"),
        ({"status": "all_results_received"}, "results_ready"),
        ({"status": "results_amended"}, "results_amended"),
        ({"state": "processing"}, "processing"),
        ({"state": "all_results_received"}, "results_ready"),
        ({"state": "processing", "status": "results_received"}, "processing"),
        ({"status": "lost_in_the_mail"}, "lost_in_the_mail"),
        ({"status": None}, None),
        ({"status": 5}, None),
        ({}, None),
    ],
)
def test_the_words_of_webhooks_and_answers_are_one(said: dict[str, object], state: str | None) -> None:
    """The guide's two vocabularies, and a word that neither has."""
    assert parse(LabOrder, {"id": "lab-1", **said}).state == state


def test_every_state_of_the_guide_is_known() -> None:
    """In its order, so that later ones are never on an earlier step but for an amendment."""
    assert list(STATES) == LIFE_CYCLE
    assert [STEPS.index(STATES[state].step) for state in LIFE_CYCLE] == [0, 1, 2, 2, 3, 4, 4, 4, 5, 6]


@pytest.mark.parametrize("state", LIFE_CYCLE)
def test_each_state_is_at_its_step(state: str) -> None:
    """And at no other."""
    assert current(state) == [STATES[state].step]


@pytest.mark.parametrize(
    ("state", "reached", "has_appointment"),
    [
        ("purchased", (), True),
        ("schedule_appointment", (), True),
        ("processing", (), False),
        ("processing", ("upcoming_appointment",), True),
        ("interpretation_shared", (), False),
    ],
)
def test_an_appointment_is_shown_where_there_may_be_one(
    state: str, reached: tuple[str, ...], has_appointment: bool
) -> None:
    """Not all labs need one: it goes when it was passed over."""
    assert ("appointment" in dict(steps(state, *reached))) is has_appointment


def test_what_lies_behind_is_done() -> None:
    """Also steps that nobody saw it at."""
    assert steps("processing") == [
        ("recommended", "done"),
        ("purchased", "done"),
        ("processing", "current"),
        ("results", "ahead"),
        ("interpretation", "ahead"),
        ("shared", "ahead"),
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("lost_in_the_mail", "lost_in_the_mail"),
        (None, "State not known yet"),
        ("results_ready", "All results"),
    ],
)
def test_a_word_that_is_not_known_is_shown_as_it_is(state: str | None, words: str) -> None:
    """And not as one that it may not mean."""
    assert in_words(state) == words


def test_an_unknown_state_keeps_the_steps_that_were_reached() -> None:
    """Without claiming that it is at one of them."""
    found = dict(steps("lost_in_the_mail", "purchased", "processing"))

    assert current("lost_in_the_mail") == []
    assert [found[key] for key in ("purchased", "processing", "results")] == ["done", "done", "ahead"]


@pytest.mark.parametrize(
    ("tests", "order_name", "title"),
    [
        (["TSH"], "Thyroid Panel", "TSH"),
        (["TSH", "Free T4"], "Thyroid Panel", "Thyroid Panel"),
        (["TSH", "Free T4"], None, "result-1"),
        ([], "Thyroid Panel", "Thyroid Panel"),
        ([""], None, "result-1"),
    ],
)
def test_a_result_is_called_as_the_guide_says(tests: list[str], order_name: str | None, title: str) -> None:
    """One test: its name; several: the order's, else the result's id."""
    assert title_of(tests, order_name, "result-1") == title


OLD, OTHER, NEW, NEWER = Listed("old", "A"), Listed("other", "B"), Listed("new", "A"), Listed("newer", "B")


@pytest.mark.parametrize(
    ("news", "gone", "still", "amended", "found"),
    [
        ([], [], [OLD], False, {}),
        ([NEW], [], [OLD], False, {}),
        ([NEW], [OLD], [], True, {"new": ["old"]}),
        ([NEW], [OLD, OTHER], [], True, {"new": ["old", "other"]}),
        ([NEW], [], [OLD], True, {"new": ["old"]}),
        ([NEW], [], [OLD, OTHER], True, {}),
        ([NEW, NEWER], [OLD, OTHER], [], True, {"new": ["old"], "newer": ["other"]}),
        ([Listed("new"), Listed("newer")], [OLD], [], True, {}),
        ([Listed("new", replaces_id="other")], [], [OLD, OTHER], True, {"new": ["other"]}),
        (
            [Listed("new", replaces_id="other"), NEWER],
            [OLD, OTHER],
            [],
            True,
            {"new": ["other"], "newer": ["old"]},
        ),
        ([Listed("new", replaces_id="never seen")], [], [], False, {"new": ["never seen"]}),
    ],
)
def test_what_an_amended_result_stands_in_for(
    news: list[Listed], gone: list[Listed], still: list[Listed], amended: bool, found: dict[str, list[str]]
) -> None:
    """What Fullscript says, else what can be told from what it lists no more; nothing is guessed."""
    assert replacements(news, gone, still, amended=amended) == found


@pytest.mark.parametrize(
    ("orders", "hours"),
    [
        ([], None),
        ([("interpretation_shared", 1)], None),
        ([("processing", 1)], 1),
        ([("not_purchased", 1)], 6),
        ([("results_ready", 1), ("not_purchased", 1)], 3),
        ([("processing", 20)], 4),
        ([("processing", 200)], None),
        ([("lost_in_the_mail", 1)], 3),
        ([("processing", 200), ("results_ready", 1), (None, 200)], 3),
    ],
)
def test_labs_that_may_move_are_asked_about_again(
    orders: list[tuple[str | None, int]], hours: int | None
) -> None:
    """Often while something is expected, seldom when it has stood still for long, at last never."""
    ways = [(state, NOON - timedelta(days=days)) for state, days in orders]

    assert next_look(ways, now=NOON) == (hours and NOON + timedelta(hours=hours))


def test_only_shared_results_are_at_their_end() -> None:
    """Everything else may change without an event."""
    assert [state for state in LIFE_CYCLE if not is_under_way(state)] == ["interpretation_shared"]
