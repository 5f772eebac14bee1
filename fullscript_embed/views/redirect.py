"""POST /fullscript/…/links: fresh addresses of Fullscript's own pages, for a tab of their own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from fullscript_embed import embed
from fullscript_embed.errors import Refusal
from fullscript_embed.redirect import KINDS, Link, Questions, Redirect
from fullscript_embed.views.answers import NO_STORE

# An id of Fullscript's is a UUID; longer ones are nobody's.
LONGEST_ID = 64


def create_link(patient_id: str) -> ResponseReturnValue:
    """Make a link for a patient, or say what has to be asked first.

    Body: {"entrypoint", "kind", "practitioner_id", "send_welcome_email"}, all optional. Answers {"link": …}
    or {"questions": …}; then it is posted again with the answers.
    """
    body = _body()
    made = Redirect().link(
        patient_id,
        entrypoint=embed.check_entrypoint(body.get("entrypoint")),
        kind=_one_of(KINDS, body.get("kind")),
        practitioner_id=_id(body.get("practitioner_id")),
        send_welcome_email=_choice(body.get("send_welcome_email")),
    )
    return _answer(made)


def create_plan_link(patient_id: str, plan_id: str) -> ResponseReturnValue:
    """Make a link to one of the patient's plans. Body: {"entrypoint"}."""
    entrypoint = embed.check_entrypoint(_body().get("entrypoint"))
    return _answer(Redirect().edit(patient_id, plan_id, entrypoint=entrypoint))


def create_new_link() -> ResponseReturnValue:
    """Make a link to where a plan is begun without a patient."""
    return _answer(Redirect().new())


def _answer(made: Link | Questions) -> ResponseReturnValue:
    name = "link" if isinstance(made, Link) else "questions"
    return {name: asdict(made)}, 200, NO_STORE


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _one_of(allowed: tuple[str, ...], value: Any) -> str | None:
    if value is None or value in allowed:
        return value  # type: ignore[no-any-return]  # a text, by the line above
    raise _invalid(f'"kind" has to be one of {", ".join(allowed)}')


def _id(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and 0 < len(value) <= LONGEST_ID):
        return value
    raise _invalid('"practitioner_id" has to be an id')


def _choice(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise _invalid('"send_welcome_email" has to be true or false')


def _invalid(message: str) -> Refusal:
    return Refusal(f"{message}.", status=422, code="invalid_request")
