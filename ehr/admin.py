"""For administrators: the practice's people with their Fullscript connections, and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from ehr.audit import ACTIONS, record
from ehr.database import db
from ehr.fullscript import fullscript
from ehr.models import User
from ehr.portal_stays import audit_names
from ehr.records import LARGEST_ID
from ehr.sign_ins import administrator_required, the_user
from fullscript_embed import EmbedError

bp = Blueprint("admin", __name__, url_prefix="/admin")

AUDIT_PAGE_SIZE = 50


@dataclass(frozen=True)
class Outcome:
    """What became of one connection that was to be revoked."""

    user: User
    succeeded: bool
    message: str


@bp.get("/people")
@administrator_required
def users() -> str:
    """List the practice's people, and who is connected to Fullscript."""
    return render_template("admin/users.html", people=practice_people(), connections=connections_by_user())


@bp.post("/people/<int:user_id>/connections/<int:connection_id>/revoke")
@administrator_required
def revoke(user_id: int, connection_id: int) -> Response:
    """End somebody's connection; 404 for one that is not of this practice."""
    person = {user.id: user for user in practice_people()}.get(user_id) or abort(404)
    owned = {connection.id for connection in connections_by_user().get(person.id, [])}
    if connection_id not in owned:
        abort(404)
    outcome = end_connection(person, connection_id)
    flash(f"{person.name}: {outcome.message}", "success" if outcome.succeeded else "danger")
    return redirect(url_for("admin.users"))


@bp.post("/people/<int:user_id>/fullscript")
@administrator_required
def switch(user_id: int) -> Response:
    """Switch Fullscript on or off for somebody of the practice, as `allowed` says. Their connection stays."""
    person = {user.id: user for user in practice_people()}.get(user_id) or abort(404)
    allowed = request.form.get("allowed")
    if allowed not in {"0", "1"}:
        abort(400)
    person.may_use_fullscript = allowed == "1"
    db.session.commit()
    state = "on" if person.may_use_fullscript else "off"
    record(f"fullscript.switched_{state}", account=person.id)
    flash(f"Fullscript is switched {state} for {person.name}.", "success")
    return redirect(url_for("admin.users"))


@bp.route("/connections/revoke-all", methods=["GET", "POST"])
@administrator_required
def revoke_all() -> str:
    """Ask first; then end every connection of the practice, and show what became of each.

    One that fails does not keep the others from being ended.
    """
    people, connections = practice_people(), connections_by_user()
    if request.method == "GET":
        return render_template("admin/revoke_all.html", people=people, connections=connections)
    outcomes = [
        end_connection(person, connection.id)
        for person in people
        for connection in connections.get(person.id, [])
    ]
    return render_template("admin/revoked.html", outcomes=outcomes)


@bp.get("/audit")
@administrator_required
def audit() -> str:
    """Show who did what in the practice, newest first; ?user=, ?action= and ?patient= narrow it down.

    Patients stand there by number: administrators do not see charts.
    """
    people = {str(user.id): user for user in practice_people()}
    wanted = {name: request.args.get(name, "") for name in ("user", "action", "patient")}
    if wanted["user"] and wanted["user"] not in people:
        abort(404)
    before = request.args.get("before", type=int)
    entries = fullscript.audit_trail(
        AUDIT_PAGE_SIZE + 1,
        user_ids=[wanted["user"]] if wanted["user"] else [*people, *audit_names(the_user().practice_id)],
        action=wanted["action"] or None,
        patient_id=wanted["patient"] or None,
        before=before if before and before <= LARGEST_ID else None,
    )
    return render_template(
        "admin/audit.html",
        entries=entries[:AUDIT_PAGE_SIZE],
        more=len(entries) > AUDIT_PAGE_SIZE,
        people=people,
        wanted={name: value for name, value in wanted.items() if value},
        actions=ACTIONS,
    )


def practice_people() -> list[User]:
    """Everybody of the signed-in user's practice, by name."""
    mine = the_user().practice_id
    return list(db.session.scalars(select(User).where(User.practice_id == mine).order_by(User.name, User.id)))


def connections_by_user() -> dict[int, list[Any]]:
    """The connections of all users by the user's id; whoever asks shows only their own practice's."""
    found: dict[int, list[Any]] = {}
    for connection in fullscript.connections():
        found.setdefault(int(connection.user_id), []).append(connection)
    return found


def end_connection(person: User, connection_id: int) -> Outcome:
    """End one connection and say in words what came of it."""
    try:
        ended = fullscript.disconnect(connection_id)
    except EmbedError:
        return Outcome(person, succeeded=True, message="was disconnected already.")
    if ended.told_fullscript:
        return Outcome(person, succeeded=True, message="disconnected, and Fullscript confirmed it.")
    return Outcome(
        person,
        succeeded=False,
        message="disconnected here. Fullscript could not be told yet; that is repeated until it is.",
    )
