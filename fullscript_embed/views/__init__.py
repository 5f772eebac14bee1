"""The extension's own routes, below /fullscript: a module for each noun."""

from __future__ import annotations

from flask import Blueprint

from fullscript_embed import page
from fullscript_embed.views import (
    answers,
    connect,
    connections,
    events,
    labs,
    orders,
    people,
    plans,
    redirect,
    session_grants,
    webhooks,
)

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
bp.add_url_rule("/patients/<patient_id>/record", view_func=people.patient_record, methods=["GET", "POST"])
bp.add_url_rule("/patients/<patient_id>/plans", view_func=plans.plans)
bp.add_url_rule("/patients/<patient_id>/plans/check", view_func=plans.check_plans, methods=["POST"])
bp.add_url_rule("/patients/<patient_id>/orders", view_func=orders.orders)
bp.add_url_rule("/patients/<patient_id>/orders/check", view_func=orders.check_orders, methods=["POST"])
bp.add_url_rule("/patients/<patient_id>/orders/adherence", view_func=orders.order_adherence)
_PLAN = "/patients/<patient_id>/plans/<plan_id>"
bp.add_url_rule(f"{_PLAN}/cancel", view_func=plans.cancel_plan, methods=["POST"])
bp.add_url_rule(f"{_PLAN}/in-office-checkout", view_func=plans.open_checkout, methods=["POST"])
bp.add_url_rule(f"{_PLAN}/invitation", view_func=plans.read_invitation, methods=["POST"])
bp.add_url_rule("/patients/<patient_id>/labs", view_func=labs.labs)
bp.add_url_rule("/patients/<patient_id>/labs/check", view_func=labs.check_labs, methods=["POST"])
bp.add_url_rule(
    "/patients/<patient_id>/lab-orders/<lab_order_id>/results/<result_id>", view_func=labs.lab_result
)
bp.add_url_rule("/patients/<patient_id>/links", view_func=redirect.create_link, methods=["POST"])
bp.add_url_rule(
    "/patients/<patient_id>/plans/<plan_id>/links",
    view_func=redirect.create_plan_link,
    methods=["POST"],
)
bp.add_url_rule("/links", view_func=redirect.create_new_link, methods=["POST"])
bp.add_url_rule("/events", view_func=events.receive_event, methods=["POST"])
bp.add_url_rule("/webhooks/<environment>", view_func=webhooks.receive_webhook, methods=["POST"])

bp.url_value_preprocessor(webhooks.exempt_from_csrf)
bp.before_request(answers.check_csrf)
answers.register(bp)
