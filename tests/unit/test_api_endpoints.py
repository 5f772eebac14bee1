"""The table of endpoints and the client say the same."""

from __future__ import annotations

import inspect

import pytest

from fullscript_embed import api
from fullscript_embed.api import FullscriptClient
from fullscript_embed.api.endpoints import BY_CALL, ENDPOINTS, Endpoint
from fullscript_embed.api.resources.base import Group

CLIENT = FullscriptClient("local")
# What the reference lists as six endpoints, one for each category of events.
FOR_SEVERAL_ENDPOINTS = {"events.list"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.title)
def test_each_endpoint_has_a_method_with_a_docstring(endpoint: Endpoint) -> None:
    """Whatever the reference lists can be called, and says what it does."""
    for call in endpoint.calls:
        group, name = call.split(".")
        method = getattr(getattr(CLIENT, group), name)

        assert inspect.getdoc(method)


def test_each_method_has_an_endpoint() -> None:
    """Nothing on the client calls what the reference does not list."""
    methods = {
        f"{name}.{method}"
        for name, group in vars(CLIENT).items()
        if isinstance(group, Group)
        for method, _ in inspect.getmembers(group, inspect.ismethod)
        if not method.startswith("_")
    }

    assert methods - set(BY_CALL) == FOR_SEVERAL_ENDPOINTS
    assert set(BY_CALL) <= methods


def test_the_reference_has_76_endpoints() -> None:
    """No row is listed twice."""
    routes = {endpoint.route for endpoint in ENDPOINTS}

    assert len(ENDPOINTS) == len(routes) == 76


def test_the_public_names_are_sorted_and_there() -> None:
    """What the package offers is one list, and all of it can be imported."""
    names = [name for name in api.__all__ if hasattr(api, name)]

    assert names == api.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name.islower(), name))
