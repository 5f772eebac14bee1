"""The signature of a webhook, byte for byte: the sandbox's and the one that partners build in their tests."""

from __future__ import annotations

import pytest

from fullscript_embed.testing import sign_webhook
from fullscript_sandbox.webhooks import signing

BODY = '{"event":{"id":"e1","name":"Zoë"}}'.encode()
KEY = "a-key-for-tests"
# printf '1591826856.{"event":{"id":"e1","name":"Zoë"}}' | openssl dgst -sha256 -hmac a-key-for-tests
KNOWN = "t=1591826856,v1=963f4d012840311fd85027da2c7c94f1253624515188273bcf97afad3fc6a4a3"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(signing.header(BODY, KEY, 1591826856), id="sandbox"),
        pytest.param(sign_webhook(BODY, KEY, 1591826856)["Fullscript-Signature"], id="testing"),
    ],
)
def test_a_known_signature_comes_out(header: str) -> None:
    """The guide's recipe, as another tool computes it."""
    assert header == KNOWN


def test_a_signature_is_of_the_present_unless_told_otherwise() -> None:
    """A partner's test need not name a time."""
    timestamp = int(sign_webhook(b"", KEY)["Fullscript-Signature"][2:].partition(",")[0])

    assert timestamp > 1_700_000_000
