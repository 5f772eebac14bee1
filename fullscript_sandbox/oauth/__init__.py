"""OAuth as the guide describes it: pages where users agree, endpoints where apps get tokens."""

from flask import Blueprint

bp = Blueprint("oauth", __name__)

from fullscript_sandbox.oauth import authorize, connected_apps, endpoints, sign_in  # noqa: E402, F401 -- views of bp
