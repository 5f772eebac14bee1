"""The extension's own routes, below /fullscript: a module for each noun."""

from __future__ import annotations

from flask import Blueprint

from fullscript_embed import page
from fullscript_embed.views import answers, connect, connections, events, plans, session_grants, webhooks

bp = Blueprint(
    "fullscript",
    "fullscript_embed",
    url_prefix="/fullscript",
    static_folder="static",
    static_url_path="/static",
    template_folder="templates",
)

bp.add_url_rule("/session", view_func=page.session)
bp.add_url_rule("/connect", view_func=connect.connect)
bp.add_url_rule("/callback/<environment>", view_func=connect.callback)
bp.add_url_rule("/disconnect", view_func=connections.disconnect, methods=["POST"])
bp.add_url_rule(
    "/connections/<int:connection_id>/revoke", view_func=connections.revoke_connection, methods=["POST"]
)
bp.add_url_rule("/connections/revoke-all", view_func=connections.revoke_all, methods=["POST"])
bp.add_url_rule(
    "/patients/<patient_id>/session-grants", view_func=session_grants.create_session_grant, methods=["POST"]
)
bp.add_url_rule("/patients/<patient_id>/plans", view_func=plans.plans)
bp.add_url_rule("/patients/<patient_id>/plans/check", view_func=plans.check_plans, methods=["POST"])
bp.add_url_rule("/events", view_func=events.receive_event, methods=["POST"])
bp.add_url_rule("/webhooks/<environment>", view_func=webhooks.receive_webhook, methods=["POST"])

bp.url_value_preprocessor(webhooks.exempt_from_csrf)
bp.before_request(answers.check_csrf)
answers.register(bp)
