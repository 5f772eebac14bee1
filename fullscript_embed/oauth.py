"""The token endpoint, through Authlib, with what Fullscript does its own way put into compliance hooks.

Fullscript nests its answer under `oauth`, writes `created_at` as text and takes JSON (field notes, 1.2).
Every failure comes out as one of `fullscript_embed.api.errors`; no message holds a code or a token.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qsl

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from fullscript_embed.api.errors import (
    CredentialsRefused,
    FullscriptError,
    FullscriptTimedOut,
    FullscriptUnreachable,
    GrantRefused,
    RateLimited,
    RequestInvalid,
    ServerFailed,
    UnreadableAnswer,
)
from fullscript_embed.api.parsing import parse
from fullscript_embed.api.records.tokens import Token
from fullscript_embed.environments import Environment
from fullscript_embed.upstream import Upstream

HTTP_TOO_MANY, HTTP_SERVER_ERROR = 429, 500


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What the token endpoint gave. *expires_in* is in seconds from the answer, by anybody's clock."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    created_at: datetime | None
    scope: str | None
    owner_id: str | None
    owner_type: str | None


def authorize_url(environment: Environment, *, redirect_uri: str, state: str) -> str:
    """Where the browser goes to sign in and agree. Fullscript takes the scopes from its dashboard."""
    session = _session(environment, redirect_uri=redirect_uri)
    url, _ = session.create_authorization_url(environment.hosts.authorize_url, state=state)
    return cast("str", url)


def exchange(environment: Environment, upstream: Upstream, *, code: str, redirect_uri: str) -> TokenPair:
    """Trade an authorization code for tokens. A code works once, so this is never repeated."""
    session = _session(environment, redirect_uri=redirect_uri, upstream=upstream)
    return _pair(
        lambda: session.fetch_token(environment.token_url, grant_type="authorization_code", code=code)
    )


def refresh(
    environment: Environment, upstream: Upstream, *, refresh_token: str, redirect_uri: str | None
) -> TokenPair:
    """Trade a refresh token for new tokens.

    Asks a second time when no answer came: the refresh token stays good until the new access token is used
    (the guide: Refresh an access token), so a pair that was lost on the way does no harm.
    """
    session = _session(environment, redirect_uri=redirect_uri, upstream=upstream)

    def ask() -> Any:
        return session.refresh_token(
            environment.token_url, refresh_token=refresh_token, redirect_uri=redirect_uri
        )

    try:
        return _pair(ask)
    except (FullscriptUnreachable, UnreadableAnswer):
        return _pair(ask)


def revoke(environment: Environment, upstream: Upstream, *, token: str) -> None:
    """End a token at Fullscript, expired or not. One that Fullscript does not know counts as ended."""
    session = _session(environment, upstream=upstream)
    with _translated():
        answer = session.revoke_token(environment.revoke_url, token=token)
        _check_answered(answer)
        if answer.status_code in {401, 403}:
            raise CredentialsRefused("Fullscript refused to revoke a token", status=answer.status_code)


def _session(
    environment: Environment, *, redirect_uri: str | None = None, upstream: Upstream | None = None
) -> OAuth2Session:
    session = OAuth2Session(
        environment.client_id,
        environment.client_secret,
        redirect_uri=redirect_uri,
        token_endpoint_auth_method="fullscript_json",  # noqa: S106 -- the name of a method, no secret
        revocation_endpoint_auth_method="fullscript_json",
    )
    session.register_client_auth_method(("fullscript_json", _as_json))
    for moment in ("access_token_response", "refresh_token_response"):
        session.register_compliance_hook(moment, _unnested)
    if upstream is not None:
        upstream.attach(session)
    return session


def _as_json(client: Any, _method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, bytes]:
    """Authlib's client authentication: the credentials beside the rest, all of it as JSON."""
    text = body.decode() if isinstance(body, bytes) else body or ""
    content = json.dumps(
        {**dict(parse_qsl(text)), "client_id": client.client_id, "client_secret": client.client_secret}
    ).encode()
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(content))
    return uri, headers, content


def _unnested(answer: requests.Response) -> requests.Response:
    """Authlib's compliance hook: what stands under `oauth` becomes the whole answer."""
    _check_answered(answer)
    try:
        data = answer.json()
    except ValueError:
        raise UnreadableAnswer("the token endpoint's answer is no JSON", status=answer.status_code) from None
    if isinstance(data, dict) and isinstance(data.get("oauth"), dict):
        answer._content = json.dumps(data["oauth"]).encode()  # noqa: SLF001 -- requests has no public way
        answer.encoding = "utf-8"
    return answer


def _check_answered(answer: requests.Response) -> None:
    status, request_id = answer.status_code, answer.headers.get("X-Request-Id")
    if status == HTTP_TOO_MANY:
        raise RateLimited(
            "too many requests to the token endpoint",
            retry_after=_seconds(answer.headers.get("Retry-After")),
            status=status,
            request_id=request_id,
        )
    if status >= HTTP_SERVER_ERROR:
        raise ServerFailed(f"the token endpoint answered {status}", status=status, request_id=request_id)


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None


def _pair(ask: Callable[[], Any]) -> TokenPair:
    with _translated():
        answer = parse(Token, dict(ask()))
    if not answer.access_token or not answer.refresh_token:
        raise UnreadableAnswer("the token endpoint answered without an access and a refresh token")
    owner = answer.resource_owner
    return TokenPair(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token,
        expires_in=answer.expires_in or 0,
        created_at=answer.created_at,
        scope=answer.scope,
        owner_id=owner.id if owner else None,
        owner_type=owner.type if owner else None,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Turns what requests and Authlib raise into our errors; their texts could quote what was sent."""
    try:
        yield
    except (requests.RequestException, OAuthError, ValueError) as error:
        raise _failure(error) from None


def _failure(error: Exception) -> FullscriptError:
    match error:
        case requests.Timeout():
            return FullscriptTimedOut("no answer from the token endpoint in time")
        case requests.RequestException() if not isinstance(error, requests.JSONDecodeError):
            return FullscriptUnreachable(f"the token endpoint: {type(error).__name__}")
        case OAuthError(error="invalid_client" | "unauthorized_client" as reason):
            return CredentialsRefused(f"the token endpoint says {reason}")
        case OAuthError(error="invalid_request" | "unsupported_grant_type" | "invalid_scope" as reason):
            return RequestInvalid(f"the token endpoint says {reason}")
        case OAuthError():
            return GrantRefused("the token endpoint did not take the code or refresh token")
        case _:
            return UnreadableAnswer("the token endpoint's answer cannot be read")
