"""The tree of errors."""

from __future__ import annotations

import pickle

import pytest

from fullscript_embed.api import errors
from fullscript_embed.api.errors import FullscriptError

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FullscriptError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_error_can_be_handed_on(kind: type[FullscriptError]) -> None:
    """Workers pickle errors; kind, message and ids come out as they went in."""
    error = kind("GET /api/clinic was answered with 503")
    error.status, error.request_id = 503, "r-1"
    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy), repr(copy)) == (kind, str(error), repr(error))


def test_each_error_has_a_reason_of_its_own() -> None:
    """Metrics and front ends tell errors apart by a word."""
    reasons = [kind.reason for kind in KINDS]

    assert len(set(reasons)) == len(reasons)
    assert all(reason.replace("_", "").isalpha() for reason in reasons)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_error_says_what_to_do(kind: type[FullscriptError]) -> None:
    """The message ends with advice for the person who must act, and names the request."""
    error = kind("GET /api/clinic was answered with 503")
    error.request_id = "r-1"

    assert str(error).startswith("GET /api/clinic was answered with 503 (request id r-1). ")
    assert str(error).endswith(error.advice)
    assert error.advice.endswith(".")
