"""The control plane's own description (OpenAPI 3.1), made from the views that serve it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, jsonify
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from fullscript_sandbox.control.room import Message, Refusal, Speech, bp

REFERENCE = "#/components/schemas/{model}"
METHODS = ("GET", "POST", "PATCH", "DELETE")


@bp.get("/openapi.json")
def describe() -> Response:
    """Everything that the control plane takes and gives."""
    views = list(_views())
    paths: dict[str, dict[str, Any]] = {}
    for path, method, view in views:
        paths.setdefault(path, {})[method.lower()] = _operation(path, view)
    info = {"title": "Fullscript sandbox: control plane", "version": "1", "description": _about()}
    schemas = _schemas([view.speech for _, _, view in views])
    return jsonify(openapi="3.1.0", info=info, paths=paths, components={"schemas": schemas})


def _about() -> str:
    return "For tests and demos. It works while faults are ordered, and is in no journal."


def _views() -> Iterator[tuple[str, str, Any]]:
    for rule in sorted(current_app.url_map.iter_rules(), key=_order):
        view = current_app.view_functions[rule.endpoint]
        if hasattr(view, "speech"):
            path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
            yield from ((path, method, view) for method in METHODS if method in (rule.methods or ()))


def _order(rule: Rule) -> tuple[str, str]:
    return rule.rule, rule.endpoint


def _operation(path: str, view: Any) -> dict[str, Any]:
    speech: Speech = view.speech
    operation: dict[str, Any] = {
        "operationId": view.__name__,
        "summary": (view.__doc__ or "").split("\n")[0],
        "parameters": [_parameter(name, "path") for name in re.findall(r"{(\w+)}", path)],
        "responses": {str(int(speech.status)): _answer(speech.gives, "Done.")},
    }
    operation["parameters"] += [_parameter(name, "query") for name in speech.query]
    if speech.takes:
        operation["requestBody"] = {"required": True, "content": _content(speech.takes)}
        operation["responses"]["422"] = _answer(Refusal, "The body is not as described; nothing was done.")
    return operation


def _parameter(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": {"type": "string"}}


def _answer(model: type[Message] | None, description: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description}
    return answer | ({"content": _content(model)} if model else {})


def _content(model: type[Message]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}


def _schemas(speeches: list[Speech]) -> dict[str, Any]:
    taken = {(speech.takes, "validation") for speech in speeches if speech.takes}
    given = {(speech.gives, "serialization") for speech in speeches if speech.gives} | {
        (Refusal, "serialization")
    }
    models: Any = sorted(taken | given, key=lambda pair: pair[0].__name__)
    _, schema = models_json_schema(models, ref_template=REFERENCE)
    definitions: dict[str, Any] = schema["$defs"]
    return definitions
