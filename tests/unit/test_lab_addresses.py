"""Which addresses are asked for the file of a result."""

from __future__ import annotations

import pytest

from fullscript_embed.environments import DEFAULT_HOSTS, Environment, Hosts
from fullscript_embed.lab_addresses import allowed_hosts, is_allowed, is_api

SANDBOX = Hosts("http://localhost:8001/oauth/authorize", "http://localhost:8001/api", "http://localhost:8001")


def environment(name: str = "us", *hosts: str) -> Environment:
    """An environment at its documented hosts."""
    default = SANDBOX if name.startswith("local") else DEFAULT_HOSTS[name]
    return Environment(name, default, client_id="x", client_secret="x", public_key="x", result_hosts=hosts)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api-us.fullscript.io/api/clinic/labs/results/1/download", True),
        ("https://API-US.fullscript.io/1.pdf", True),
        ("https://api-us.fullscript.io:443/1.pdf", True),
        ("https://us.fullscript.com/1.pdf", True),
        ("http://api-us.fullscript.io/1.pdf", False),
        ("https://api-us.fullscript.io:8443/1.pdf", False),
        ("https://fullscript.io/1.pdf", False),
        ("https://api-us.fullscript.io.example.com/1.pdf", False),
        ("https://evil.example/https://api-us.fullscript.io/1.pdf", False),
        ("https://api-us.fullscript.io@evil.example/1.pdf", False),
        ("https://me:x@api-us.fullscript.io/1.pdf", False),
        ("https://evil.example\\@api-us.fullscript.io/1.pdf", False),
        ("https://evil.example#@api-us.fullscript.io/1.pdf", False),
        ("https://api-us.fullscript.io/1.pdf\r\nHost: evil.example", False),
        ("https://127.0.0.1/1.pdf", False),
        ("https://[::1]/1.pdf", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://api-us.fullscript.io:port/1.pdf", False),
        ("file:///etc/passwd", False),
        ("ftp://api-us.fullscript.io/1.pdf", False),
        ("//api-us.fullscript.io/1.pdf", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("", False),
    ],
)
def test_only_https_on_known_hosts_is_asked(url: str, allowed: bool) -> None:
    """Whatever an address looks like at first sight."""
    assert is_allowed(url, environment()) is allowed


@pytest.mark.parametrize(
    ("name", "url", "allowed"),
    [
        ("local", "http://localhost:8001/1.pdf", True),
        ("local", "http://localhost:8002/1.pdf", False),
        ("local", "http://localhost/1.pdf", False),
        ("us-snd", "http://localhost:8001/1.pdf", False),
    ],
)
def test_the_sandbox_of_this_machine_needs_no_tls(name: str, url: str, allowed: bool) -> None:
    """It alone, in its own environment alone."""
    assert is_allowed(url, environment(name)) is allowed


def test_hosts_that_are_set_are_the_only_ones() -> None:
    """The setting names all of them."""
    ours = environment("us", "files.example.com", "api-us.fullscript.io")

    assert allowed_hosts(ours) == ("files.example.com", "api-us.fullscript.io")
    assert is_allowed("https://files.example.com/1.pdf", ours)
    assert not is_allowed("https://us.fullscript.com/1.pdf", ours)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api-us.fullscript.io/1.pdf", True),
        ("https://api-us.fullscript.io:443/1.pdf", True),
        ("http://api-us.fullscript.io/1.pdf", False),
        ("https://us.fullscript.com/1.pdf", False),
        ("https://files.example.com/1.pdf", False),
        ("", False),
    ],
)
def test_the_token_is_for_the_api_alone(url: str, expected: bool) -> None:
    """A file's host, a redirect's too, is never handed one."""
    assert is_api(url, environment("us", "files.example.com")) is expected
