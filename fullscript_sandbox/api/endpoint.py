"""What an endpoint is: its line of the reference, who may call it, what it takes and what it gives.

A view is registered with a `Section`, which guards it, reads the request for it and writes its answer.
What was said at the registration is kept, so that /openapi.json and the endpoints page are made from the
code that serves (openapi.py, reference.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, get_type_hints

from flask import Response, g
from pydantic import BaseModel
from pydantic_core import to_json

from fullscript_sandbox.api import bp, rate_limit
from fullscript_sandbox.api.reading import read_body, read_query
from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.bearer import bearer_required

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Endpoint:
    """One line of the vendor's reference, and how it is served here."""

    section: str
    title: str
    method: str
    path: str
    gives: Any
    status: int = 200
    scopes: tuple[str, ...] = ()
    any_scopes: tuple[str, ...] = ()
    restricted: str | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: bool = False
    paged: bool = False
    in_reference: bool = True
    public: bool = False
    words: str = ""
    refusals: tuple[int, ...] = ()
    not_modelled: str = ""
    also: tuple[str, ...] = ()
    view: Callable[..., Any] | None = field(default=None, repr=False)

    @property
    def about(self) -> str:
        """What the view's docstring says."""
        return self.words or (inspect.getdoc(self.view) or "" if self.view else "")


# What an endpoint gives that answers with a file, or with a page for people.
FILE = "file"
PAGE = "page"

# Every endpoint that is served with a Section, in the order of registration.
ENDPOINTS: list[Endpoint] = []


@dataclass(frozen=True)
class Section:
    """A chapter of the reference; its methods register views under /api."""

    name: str

    def get(self, path: str, title: str, gives: Any, **options: Any) -> Callable[[View], View]:
        """Serve GET *path* (with {names}); the view's `query` argument is read by its annotation."""
        return self._register("GET", path, title, gives, options)

    def post(self, path: str, title: str, gives: Any, **options: Any) -> Callable[[View], View]:
        """Serve POST; the view's `body` argument is read by its annotation."""
        return self._register("POST", path, title, gives, options)

    def patch(self, path: str, title: str, gives: Any, **options: Any) -> Callable[[View], View]:
        """Serve PATCH, and PUT, which live clients use (field notes, 1.5 and P40)."""
        return self._register("PATCH", path, title, gives, {"also": ("PUT",), **options})

    def put(self, path: str, title: str, gives: Any, **options: Any) -> Callable[[View], View]:
        """Serve PUT, and PATCH, since Rails routes both alike."""
        return self._register("PUT", path, title, gives, {"also": ("PATCH",), **options})

    def delete(self, path: str, title: str, **options: Any) -> Callable[[View], View]:
        """Serve DELETE, which answers 204."""
        return self._register("DELETE", path, title, None, {"status": 204, **options})

    def _register(
        self, method: str, path: str, title: str, gives: Any, options: Mapping[str, Any]
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            hints = get_type_hints(view)
            endpoint = Endpoint(
                section=self.name,
                title=title,
                method=method,
                path=f"/api{path}",
                gives=gives,
                view=view,
                query=hints.get("query"),
                body=hints.get("body"),
                **options,
            )
            ENDPOINTS.append(endpoint)
            rule = path.replace("{id}", "<id_>").replace("{", "<").replace("}", ">")
            methods = [method, *endpoint.also]
            name = f"{view.__module__.rpartition('.')[2]}_{view.__name__}"
            bp.add_url_rule(rule, name, _served(endpoint, view), methods=methods)
            return view

        return register


def _served(endpoint: Endpoint, view: Callable[..., Any]) -> Callable[..., Response]:
    """*view* behind its guards: who calls, how often, whether they may; then what they say."""

    @bearer_required(*endpoint.scopes)
    @wraps(view)
    def serve(**values: Any) -> Response:
        rate_limit.check(g.token.app_id)
        if endpoint.any_scopes and not set(endpoint.any_scopes) & set(g.token.scope.split()):
            names = " or ".join(f"`{scope}`" for scope in endpoint.any_scopes)
            raise ApiError(HTTPStatus.FORBIDDEN, f"Must have {names} scope enabled to access this endpoint")
        if endpoint.restricted and endpoint.restricted not in g.token.app.restricted_grants:
            raise ApiError(
                HTTPStatus.FORBIDDEN, "This endpoint is restricted; your app was not granted access"
            )
        if endpoint.query is not None:
            values["query"] = read_query(endpoint.query)
        if endpoint.body is not None:
            values["body"] = read_body(endpoint.body)
        return answer(view(**values), endpoint.status)

    return serve


def answer(body: Any, status: int = 200) -> Response:
    """*body* as JSON with its keys in their own order; None has no body; a Response stays as it is."""
    if isinstance(body, Response):
        return body
    content = b"" if body is None else to_json(body)
    return Response(content, status=status, mimetype="application/json")
