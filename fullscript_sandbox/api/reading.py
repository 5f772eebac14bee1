"""Reading what a request says: its query string and its body, into the models that describe them.

The models say what kind of thing a value is; the rules about values are the domain's. Fields that are
missing are missing in the result, so that an update changes what was sent and nothing else.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest

from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.refusals import Invalid

# The reference types nearly everything as text; numbers and booleans are taken as themselves too.
Text = str | None
Whole = Annotated[str | int | None, Field(union_mode="left_to_right")]
Amount = Annotated[str | int | float | None, Field(union_mode="left_to_right")]
Flag = Annotated[str | bool | None, Field(union_mode="left_to_right")]


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


Direction = Annotated[Literal["ASC", "DESC"], BeforeValidator(_upper)]


class Body(BaseModel):
    """A body; keys that nobody knows are ignored, as Rails ignores them."""

    model_config = ConfigDict(extra="ignore", strict=True)

    def given(self) -> dict[str, Any]:
        """What was sent, by the reference's names."""
        return self.model_dump(exclude_unset=True)


class Query(BaseModel):
    """The arguments of a query string; an empty one counts as not sent."""

    model_config = ConfigDict(extra="ignore")


class Sorted(Query):
    """A list whose direction can be chosen."""

    order_by: Direction = "ASC"


Model = TypeVar("Model", bound=BaseModel)


def read_query(model: type[Model]) -> Model:
    """The query string as *model*; `name[]` and repeated names are lists. Raises Invalid."""
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        several = request.args.getlist(f"{name}[]")
        if "list" in str(field.annotation):
            values[name] = several or request.args.getlist(name)
        elif request.args.get(name):
            values[name] = request.args[name]
    return _validated(model, values)


def read_body(model: type[Model]) -> Model:
    """The body as *model*: JSON, or a form with names such as `metadata[id]`.

    Raises ApiError 400 for what is no object, and Invalid.
    """
    return _validated(model, _form() if _is_form() else _json())


def _is_form() -> bool:
    try:
        return bool(request.form or request.files)
    except ValueError as error:  # what Werkzeug raises for parts whose heads are broken
        raise ApiError(400, "The request body is not a form that can be read") from error


def _json() -> dict[str, Any]:
    if not request.get_data():
        return {}
    try:
        body = request.get_json(force=True)
    except BadRequest as error:
        raise ApiError(400, "The request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "The request body must be a JSON object")
    return body


def _form() -> dict[str, Any]:
    body: dict[str, Any] = dict(request.files)
    for name, value in request.form.items():
        outer, _, inner = (name or "").partition("[")  # None for a part without a name
        if inner:
            group = body.setdefault(outer, {})
            if isinstance(group, dict):
                group[inner.rstrip("]")] = value
        else:
            body[name] = value
    return body


def _validated(model: type[Model], values: dict[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        messages = [_message(wrong["loc"], wrong["type"]) for wrong in error.errors(include_url=False)]
        raise Invalid(list(dict.fromkeys(messages))) from error


def _message(place: tuple[int | str, ...], kind: str) -> str:
    """One mistake, as Rails would say it. The value is not repeated: it may be a patient's."""
    names = [part for part in place if isinstance(part, str) and re.fullmatch(r"[a-z_]+", part)]
    names = [name for name in names if name not in ("str", "int", "float", "bool")]
    label = " ".join(names).replace("_", " ").capitalize() or "Request"
    return f"{label} {_RULES.get(kind, 'is invalid')}"


_RULES = {"missing": "can't be blank", "literal_error": "is not included in the list"}
