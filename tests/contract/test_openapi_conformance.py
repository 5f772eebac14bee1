"""The sandbox does what /openapi.json says, whatever is sent: requests are made up by schemathesis.

SCHEMATHESIS_EXAMPLES sets how many are made up for each operation, 10 when it is not set. They are sent to
a running sandbox over HTTP; what is checked is that nothing crashes, that no status or content type comes
that is not described, and that answers have the described shape.
"""

from __future__ import annotations

import os

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fullscript_embed.testing import Sandbox
from fullscript_sandbox.reference.openapi import describe
from tests.reference_table import ROWS
from tests.sandbox_rest import RESTRICTED, Api

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "10"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# Which record each name in a path can stand for.
NAMES = {row.path: row.names for row in ROWS}

schema = schemathesis.openapi.from_dict(describe())
schema.config.phases.coverage.enabled = EXAMPLES > 10
schema.config.phases.stateful.enabled = False


@pytest.fixture(scope="module")
def api(_sandbox_process: Sandbox) -> Api:
    """A sandbox that was put back to its seed once, for all tests of this module."""
    return Api(_sandbox_process)


@pytest.fixture(scope="module")
def session() -> requests.Session:
    """Connections that are kept, straight to loopback."""
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.fixture
def token(api: Api) -> str:
    """A token of an app of its own, which has all calls of the rate limit left."""
    return str(api.with_app(api.sandbox.create_app("Made up", restricted_grants=list(RESTRICTED))).token)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_an_operation_keeps_to_its_description(
    case: schemathesis.Case, api: Api, session: requests.Session, token: str
) -> None:
    """No crash, no status, content type or shape that /openapi.json does not name.

    Every other id in a path is put right, so that what lies behind it is reached.
    """
    for name, kind in NAMES.get(case.path, {}).items():
        if len(case.path_parameters.get(name, "")) % 2 == 0:
            case.path_parameters[name] = getattr(api, kind)
    case.call_and_validate(
        base_url=api.sandbox.url,
        session=session,
        headers={"Authorization": f"Bearer {token}"},
        allow_redirects=False,
        checks=CHECKS,
    )
