"""The endpoints of the vendor's reference that rooms of their own serve: OAuth and session grants.

And the three addresses that the browser library calls, which the reference leaves out (field notes, 1.25).
A test asks each of these addresses, so that this list cannot name what is not there.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from fullscript_sandbox.api import scopes
from fullscript_sandbox.api.endpoint import PAGE, Endpoint


class ResourceOwner(TypedDict):
    id: str
    type: Literal["Practitioner", "Staff", "Clinic"]


class TokenPair(TypedDict):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    scope: str
    created_at: str
    resource_owner: ResourceOwner


class TokenAnswer(TypedDict):
    oauth: TokenPair


class Nothing(TypedDict):
    """An empty object."""


class GrantUser(TypedDict):
    type: Literal["Practitioner", "Staff"]
    id: str


class GrantAnswer(TypedDict):
    """Without a wrapper (field notes, 1.15)."""

    id: str
    secret_token: str
    claimed_at: str | None
    expires_at: str
    user: GrantUser


class DataTokenAnswer(TypedDict):
    data_token: str


class AuthorizeQuery(BaseModel):
    client_id: str
    redirect_uri: str
    response_type: Literal["code"]
    state: str | None = None
    scope: str | None = None


class TokenBody(BaseModel):
    grant_type: Literal["authorization_code", "refresh_token"]
    client_id: str
    client_secret: str
    code: str | None = None
    refresh_token: str | None = None
    redirect_uri: str | None = None


class RevokeBody(BaseModel):
    client_id: str
    client_secret: str
    token: str


class GrantBody(BaseModel):
    user_id: str | None = None
    user_type: Literal["Practitioner", "Staff"] | None = None


class DataBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"required": ["data"]})

    data: dict[str, Any]


class FrameQuery(BaseModel):
    public_key: str
    secret_token: str
    target_origin: str
    frame_id: str
    data_token: str | None = None
    entrypoint: str | None = None


ELSEWHERE = (
    Endpoint(
        section="OAuth",
        title="Request an auth code",
        method="GET",
        path="/oauth/authorize",
        gives=PAGE,
        query=AuthorizeQuery,
        public=True,
        refusals=(302, 400, 403, 404),
        words="A page for a browser: never fetch it. Also at /api/oauth/authorize. Codes are good once, for "
        "ten minutes; a redirect_uri that differs from the registered ones is a 404.",
    ),
    Endpoint(
        section="OAuth",
        title="Request or refresh an access token",
        method="POST",
        path="/api/oauth/token",
        gives=TokenAnswer,
        body=TokenBody,
        public=True,
        refusals=(401,),
        words="For an authorization code, or for a refresh token. The old refresh token stays good until the "
        "new access token is used for the first time.",
    ),
    Endpoint(
        section="OAuth",
        title="Revoke an access token",
        method="POST",
        path="/api/oauth/revoke",
        gives=Nothing,
        body=RevokeBody,
        public=True,
        refusals=(401,),
        words="Ends all that one authorization gave, also by an expired token.",
    ),
    Endpoint(
        section="Embed",
        title="Create a session grant",
        method="POST",
        path="/api/clinic/embeddable/session_grants",
        gives=GrantAnswer,
        body=GrantBody,
        scopes=(scopes.CLINIC_WRITE,),
        refusals=(404, 422),
        words="Lets one Embed frame in, within 120 seconds. `user_id` and `user_type` are for apps whose "
        "tokens belong to a clinic.",
    ),
    Endpoint(
        section="Embed",
        title="Keep a patient's data for a frame",
        method="POST",
        path="/api/embeddable/tokenize",
        gives=DataTokenAnswer,
        body=DataBody,
        public=True,
        refusals=(422,),
        in_reference=False,
        words="Called by the browser library from the partner's page, from any origin.",
    ),
    Endpoint(
        section="Embed",
        title="Open the platform feature",
        method="GET",
        path="/api/embeddable/session/embed/entry",
        gives=PAGE,
        query=FrameQuery,
        public=True,
        refusals=(401, 403),
        in_reference=False,
        words="The page in the browser library's frame.",
    ),
    Endpoint(
        section="Embed",
        title="Open the treatment plan feature",
        method="GET",
        path="/api/embeddable/session/treatment_plans/new",
        gives=PAGE,
        query=FrameQuery,
        public=True,
        refusals=(401, 403),
        in_reference=False,
        words="The page in the browser library's frame.",
    ),
)
