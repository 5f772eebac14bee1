"""The doctor's look at clocks, with moments that are passed in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from fullscript_embed.doctor import look_at_clock

DATE = "Fri, 20 Nov 2026 10:00:00 GMT"
NOW = datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC)


def answered(date: str | None) -> requests.Response:
    """An answer of Fullscript's with that date."""
    answer = requests.Response()
    answer.headers.update({} if date is None else {"Date": date})
    return answer


@pytest.mark.parametrize(
    ("seconds", "good"),
    [(0, True), (30, True), (31, False), (-31, False), (3600, False)],
    ids=["right", "half a minute", "more", "behind", "an hour"],
)
def test_a_clock_that_is_off_is_noticed(seconds: int, good: bool) -> None:
    """Half a minute either way is fine; more is not, and the advice says what to do."""
    finding = look_at_clock("us", answered(DATE), now=datetime.fromtimestamp(NOW.timestamp() + seconds, UTC))

    assert finding.good is good
    assert bool(finding.advice) is not good


@pytest.mark.parametrize("date", [None, "yesterday"], ids=["no date", "not a date"])
def test_an_answer_without_a_readable_date_says_nothing_of_the_clock(date: str | None) -> None:
    """What could not be compared is neither good nor bad."""
    assert look_at_clock("us", answered(date), now=NOW).good is None
