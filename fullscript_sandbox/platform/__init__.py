"""The practitioner's side of Fullscript: the JSON that its pages work with, under /platform/api.

The pages do not know how they are signed in; `visits.py` does. Embed frames and redirect tabs use it.
"""

from flask import Blueprint

bp = Blueprint("platform", __name__, url_prefix="/platform/api")

from fullscript_sandbox.platform import desk, drafts, errors, labs, people, products  # noqa: E402, F401 -- need bp
