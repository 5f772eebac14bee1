"""The API's description in OpenAPI 3.1, made from the endpoints as they were registered."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from fullscript_sandbox.api.endpoint import ENDPOINTS, FILE, PAGE, Endpoint
from fullscript_sandbox.api.paging import DEFAULT_SIZE, LARGEST_SIZE
from fullscript_sandbox.apps import SCOPES
from fullscript_sandbox.reference.elsewhere import ELSEWHERE

Json = dict[str, Any]

REFERENCE = "#/components/schemas/{model}"

# The web server refuses it, before the API sees it.
_TOO_LONG = 414

REASONS = {
    302: "Sign in first, or back to the app with a code.",
    400: "The request cannot be read.",
    401: "There is no good access token.",
    403: "The token lacks a scope, or the app was not granted this restricted endpoint.",
    404: "There is no such record in the token's clinic.",
    413: "The body is too long, or has too many parts.",
    _TOO_LONG: "The address is longer than 4,094 bytes.",
    422: "Values break rules; each has its sentence.",
    429: "More than 5,000 requests in a rolling 5 minutes.",
}

ERROR_SCHEMA: Json = {
    "type": "object",
    "description": "One sentence, or one for each thing that is wrong.",
    "required": ["error"],
    "properties": {
        "error": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "error_description": {"type": "string", "description": "From /api/oauth alone."},
        "status": {"type": "integer", "description": "Where the address itself is unknown."},
    },
}

PAGE_PARAMETERS: list[Json] = [
    {
        "name": "page[number]",
        "in": "query",
        "description": "From 1.",
        "schema": {"type": "integer", "minimum": 1, "default": 1},
    },
    {
        "name": "page[size]",
        "in": "query",
        "description": f"How many at once; what is above {LARGEST_SIZE} counts as {LARGEST_SIZE}.",
        "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE},
    },
]


def endpoints() -> list[Endpoint]:
    """Every endpoint: those that rooms of their own serve first, as in the reference."""
    return [*ELSEWHERE, *ENDPOINTS]


@cache
def describe() -> Json:
    """The whole document. The same for the life of the process."""
    every = endpoints()
    paths: dict[str, Json] = {}
    for endpoint in every:
        for method in (endpoint.method, *endpoint.also):
            paths.setdefault(endpoint.path, {})[method.lower()] = _operation(endpoint, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fullscript sandbox",
            "version": "2020-02-14",
            "description": "The REST API of Fullscript, as this sandbox serves it to apps on this machine.",
        },
        "tags": [{"name": name} for name in dict.fromkeys(endpoint.section for endpoint in every)],
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR_SCHEMA, **_schemas(every)},
            "securitySchemes": _security_schemes(),
        },
    }


def _operation(endpoint: Endpoint, method: str) -> Json:
    operation: Json = {
        "tags": [endpoint.section],
        "operationId": _operation_id(endpoint, method),
        "summary": endpoint.title,
        "description": _description(endpoint),
        "parameters": list(_parameters(endpoint)),
        "responses": _responses(endpoint),
        "security": [] if endpoint.public else [{"oauth2": list(endpoint.scopes)}, {"bearer": []}],
    }
    if endpoint.body is not None:
        kind = "multipart/form-data" if endpoint.form else "application/json"
        schema = {"$ref": REFERENCE.format(model=endpoint.body.__name__)}
        operation["requestBody"] = {"content": {kind: {"schema": schema}}}
    return operation


def _operation_id(endpoint: Endpoint, method: str) -> str:
    """From method and path, since those are unique: `get_clinic_patients_id`."""
    words = re.sub(r"[^a-z0-9]+", "_", endpoint.path.removeprefix("/api").lower())
    return f"{method.lower()}{words}".rstrip("_")


def _description(endpoint: Endpoint) -> str:
    parts = [endpoint.about]
    if endpoint.any_scopes:
        parts.append(
            "Needs one of the scopes " + ", ".join(f"`{scope}`" for scope in endpoint.any_scopes) + "."
        )
    if endpoint.restricted:
        parts.append(f"Restricted: 403 unless the app was granted `{endpoint.restricted}` on the dashboard.")
    if endpoint.not_modelled:
        parts.append(f"Sandbox: {endpoint.not_modelled}")
    return "\n\n".join(part for part in parts if part)


def _parameters(endpoint: Endpoint) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)}", endpoint.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if endpoint.query is not None:
        schema = endpoint.query.model_json_schema()
        for name, field in schema.get("properties", {}).items():
            yield _query_parameter(name, field, required=name in schema.get("required", ()))
    if endpoint.paged:
        yield from PAGE_PARAMETERS


def _query_parameter(name: str, field: Json, *, required: bool) -> Json:
    """An argument of the query string: null is not among its values, for it is left out instead."""
    options = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
    schema = {key: value for key, value in options[0].items() if key != "title"}
    if schema.get("default", field.get("default")) is not None:
        schema["default"] = field["default"]
    if schema.get("type") == "array":
        return {"name": f"{name}[]", "in": "query", "style": "form", "explode": True, "schema": schema}
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _responses(endpoint: Endpoint) -> Json:
    responses = {str(endpoint.status): _success(endpoint)}
    statuses = {_TOO_LONG, *endpoint.refusals} | ({400, 413} if endpoint.body is not None else set())
    if not endpoint.public:
        statuses |= {401, 403, 429}
    for status in sorted(statuses):
        responses[str(status)] = _refusal(status, page=endpoint.gives == PAGE or status == _TOO_LONG)
    return responses


def _refusal(status: int, *, page: bool) -> Json:
    if page:
        return _response(REASONS[status], {"text/html": {"schema": {"type": "string"}}})
    schema = {"$ref": REFERENCE.format(model="Error")}
    return _response(REASONS[status], {"application/json": {"schema": schema}})


def _success(endpoint: Endpoint) -> Json:
    if endpoint.gives == FILE:
        return _response("The file.", {"*/*": {"schema": {"type": "string", "format": "binary"}}})
    if endpoint.gives == PAGE:
        return _response("A page.", {"text/html": {"schema": {"type": "string"}}})
    if endpoint.gives is None:
        return _response("Done.", None)
    schema = {"$ref": REFERENCE.format(model=endpoint.gives.__name__)}
    return _response(_first_line(endpoint.gives), {"application/json": {"schema": schema}})


def _response(description: str, content: Json | None) -> Json:
    header = {
        "description": "Names this request; tell it to whoever looks into it.",
        "schema": {"type": "string"},
    }
    response: Json = {"description": description, "headers": {"X-Request-Id": header}}
    return response | ({"content": content} if content else {})


def _first_line(shape: Any) -> str:
    text = inspect.getdoc(shape) if shape.__doc__ else None
    return (text or "Done.").partition("\n")[0]


def _schemas(every: Sequence[Endpoint]) -> Json:
    used: set[Any] = {shape for endpoint in every for shape in (endpoint.gives, endpoint.body)}
    shapes = sorted(used - {None, FILE, PAGE}, key=lambda shape: str(shape.__name__))
    inputs: Any = [(shape.__name__, _mode(shape), TypeAdapter(shape)) for shape in shapes]
    found, document = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)
    schemas: Json = dict(document.get("$defs", {}))
    for (name, _), schema in found.items():
        if schema != {"$ref": REFERENCE.format(model=name)}:
            schemas[name] = schema
    return schemas


def _mode(shape: Any) -> str:
    is_body = isinstance(shape, type) and issubclass(shape, BaseModel)
    return "validation" if is_body else "serialization"


def _security_schemes() -> Json:
    flow = {"authorizationUrl": "/oauth/authorize", "tokenUrl": "/api/oauth/token", "scopes": SCOPES}
    return {
        "oauth2": {"type": "oauth2", "flows": {"authorizationCode": flow}},
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, pasted in."},
    }
