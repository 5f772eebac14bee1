"""The pages that describe the API, and the document that they are made from."""

from __future__ import annotations

from itertools import groupby

from flask import Response, render_template

from fullscript_sandbox.api.endpoint import answer
from fullscript_sandbox.reference import bp, openapi


@bp.get("/openapi.json")
def document() -> Response:
    """The description of everything that the sandbox serves to apps, in OpenAPI 3.1. No sign-in."""
    return answer(openapi.describe())


@bp.get("/api-explorer")
def explorer() -> str:
    """A viewer of the description, in which calls can be tried with an access token."""
    return render_template("reference/explorer.html")


@bp.get("/endpoints")
def endpoints() -> str:
    """Each endpoint of the vendor's reference: how it is served, its scopes, what is not modelled."""
    every = openapi.endpoints()
    sections = [(name, list(group)) for name, group in groupby(every, key=lambda one: one.section)]
    in_reference = sum(endpoint.in_reference for endpoint in every)
    return render_template("reference/endpoints.html", sections=sections, in_reference=in_reference)
