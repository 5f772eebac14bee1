"""A typed client of Fullscript's whole REST API. It needs no Flask."""

from fullscript_embed.api.client import FullscriptClient
from fullscript_embed.api.errors import (
    CredentialsRefused,
    Forbidden,
    FullscriptError,
    FullscriptTimedOut,
    FullscriptUnreachable,
    GrantRefused,
    MissingScope,
    RateLimited,
    RecordNotFound,
    RequestInvalid,
    RestrictedEndpoint,
    ServerFailed,
    TokenExpired,
    TokenRefused,
    TokenRevoked,
    UnreadableAnswer,
)
from fullscript_embed.api.paging import Listing, Meta, Page
from fullscript_embed.api.providers import FixedToken, RefreshingToken, TokenProvider
from fullscript_embed.api.rate_limit import RateLimit
from fullscript_embed.api.records.plans import Dosage, Recommendation
from fullscript_embed.api.resources.oauth import AppCredentials
from fullscript_embed.api.resources.plans import LinkPatient
from fullscript_embed.api.retries import Retries
from fullscript_embed.api.transport import Exchange, TimeOuts, Transport
from fullscript_embed.api.values import UNCHANGED, DateFilter, after, before, between, on

__all__ = [
    "UNCHANGED",
    "AppCredentials",
    "CredentialsRefused",
    "DateFilter",
    "Dosage",
    "Exchange",
    "FixedToken",
    "Forbidden",
    "FullscriptClient",
    "FullscriptError",
    "FullscriptTimedOut",
    "FullscriptUnreachable",
    "GrantRefused",
    "LinkPatient",
    "Listing",
    "Meta",
    "MissingScope",
    "Page",
    "RateLimit",
    "RateLimited",
    "Recommendation",
    "RecordNotFound",
    "RefreshingToken",
    "RequestInvalid",
    "RestrictedEndpoint",
    "Retries",
    "ServerFailed",
    "TimeOuts",
    "TokenExpired",
    "TokenProvider",
    "TokenRefused",
    "TokenRevoked",
    "Transport",
    "UnreadableAnswer",
    "after",
    "before",
    "between",
    "on",
]
