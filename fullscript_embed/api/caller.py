"""Makes a call for one user: fills in the path, adds the token, reads the answer into a record or a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar
from urllib.parse import quote

from fullscript_embed.api.answers import Answer
from fullscript_embed.api.endpoints import BY_CALL, Endpoint
from fullscript_embed.api.errors import RequestInvalid, TokenExpired, UnreadableAnswer
from fullscript_embed.api.paging import LARGEST_PAGE, Listing, Page, read_page
from fullscript_embed.api.parsing import Record, parse, read_object
from fullscript_embed.api.transport import Body, Call, Transport, query, text_of

R = TypeVar("R", bound=Record)

_PARAMETER = re.compile(r"\{(\w+)\}")
# What a header can carry: a line break in it would begin another header.
_TOKEN = re.compile(r"[!-~]+")


def fill(path: str, values: tuple[str, ...]) -> str:
    """*path* with its `{parameters}` replaced in order, each quoted so that it stays one segment."""
    rest = iter(values)

    def segment(parameter: re.Match[str]) -> str:
        value = next(rest)
        # "." and ".." would be folded away on the way, and reach another endpoint.
        if not isinstance(value, str) or not value.strip() or value in {".", ".."}:
            raise RequestInvalid(f"{path} needs {parameter[1]}, and it is empty or no id")
        return quote(text_of(value), safe="")

    return _PARAMETER.sub(segment, path)


class Caller:
    """The way from a method of the client to an answer. Holds a token provider and no state of a call."""

    def __init__(self, api_url: str, token: Callable[[], str] | None, transport: Transport) -> None:
        self.api_url = api_url
        self._token = token
        self._transport = transport

    def send(
        self,
        endpoint: Endpoint,
        *ids: str,
        params: Mapping[str, Any] | None = None,
        body: Body | None = None,
        signed: bool = True,
    ) -> Answer:
        """Call *endpoint*.

        After a 401 that says "expired", once more with a fresh token, if there can be one.
        """
        url = self.api_url + fill(endpoint.path, ids)
        token = self._access_token(endpoint) if signed else None
        call = Call(endpoint, url, query(params or {}), body or Body(), token)
        try:
            return self._transport.send(call)
        except TokenExpired:
            refresh = getattr(self._token, "refresh", None)
            if token is None or refresh is None:
                raise
        return self._transport.send(Call(endpoint, url, call.params, call.body, refresh(token)))

    def _access_token(self, endpoint: Endpoint) -> str:
        if self._token is None:
            raise RequestInvalid(f"{endpoint.route} needs an access token: FullscriptClient(…, token=…)")
        token = self._token()
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise RequestInvalid(f"{endpoint.route}: the access token is empty, or not one that can be sent")
        return token

    def data(self, name: str, *ids: str, params: Mapping[str, Any] | None = None, json: Any = None) -> Answer:
        """Call the endpoint of the client's method *name* with a JSON body."""
        return self.send(BY_CALL[name], *ids, params=params, body=Body(json=json))

    def one(
        self,
        name: str,
        kind: type[R],
        key: str | tuple[str, ...],
        *ids: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> R:
        """Call *name* and read the one record under *key*, or a bare one."""
        return self.read(kind, key, self.data(name, *ids, params=params, json=json), BY_CALL[name].route)

    def read(self, kind: type[R], key: str | tuple[str, ...], answer: Answer, route: str) -> R:
        """The record under *key* or its other spellings.

        Without them, the answer itself if it looks like it.
        """
        data = read_object(answer.data)
        keys = (key,) if isinstance(key, str) else key
        for name in keys:
            if isinstance(data.get(name), dict):
                return parse(kind, data[name])
        known = {known.name for known in fields(kind)} | kind.also_known()
        if not set(keys) & set(data) and known & set(data):
            return parse(kind, data)
        raise UnreadableAnswer(
            f"{route}: the answer holds no {keys[0]}", status=answer.status, request_id=answer.request_id
        )

    def many(
        self,
        name: str,
        kind: type[R],
        key: str | tuple[str, ...],
        *ids: str,
        page_size: int = LARGEST_PAGE,
        **params: Any,
    ) -> Listing[R]:
        """The list under *key* or its other spellings, asked for page by page while it is walked."""
        endpoint = BY_CALL[name]
        fill(endpoint.path, ids)  # a wrong id is told now, and not when the list is walked
        keys = (key,) if isinstance(key, str) else key

        def fetch(number: int, size: int) -> Page[R]:
            paged = {**params, "page[number]": number, "page[size]": size}
            return read_page(kind, keys, self.send(endpoint, *ids, params=paged), endpoint.route)

        return Listing(fetch, page_size=page_size)
