"""The pages that dynamic links, invitations and in-office checkouts lead to (guide: Fullscript Redirect)."""

from flask import Blueprint

bp = Blueprint("redirect", __name__)

from fullscript_sandbox.redirect import pages  # noqa: E402, F401 -- its views register with bp
