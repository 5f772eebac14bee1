"""What the sandbox serves, described: /openapi.json, a viewer for it, and the list of endpoints.

All of it is made from what the API's views said when they were registered, so that it cannot be out of date.
"""

from flask import Blueprint

bp = Blueprint("reference", __name__)

from fullscript_sandbox.reference import pages  # noqa: E402, F401 -- its views register with bp
