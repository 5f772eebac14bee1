"""The pages that dynamic links lead to (guide: Fullscript Redirect)."""

from flask import Blueprint

bp = Blueprint("redirect", __name__)

from fullscript_sandbox.redirect import tabs  # noqa: E402, F401 -- its views register with bp
