"""The patient's side: the way in with a link, plans, cart, checkout, orders; and the practice's checkout."""

from flask import Blueprint
from flask_wtf.csrf import generate_csrf

from fullscript_sandbox.patient import session

bp = Blueprint("patient", __name__)
bp.after_request(session.keep_nowhere)
bp.context_processor(lambda: {"csrf": generate_csrf})
# Everything that belongs to one patient. Who is not signed in for that patient gets no further than here.
shop = Blueprint("shop", __name__, url_prefix="/my-health/<slug>/<int:number>")
session.guard(shop)

from fullscript_sandbox.patient import cart, checkout, door, in_office, labs, orders, plans  # noqa: E402, F401 -- views

bp.register_blueprint(shop)
