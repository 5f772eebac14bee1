"""flask fullscript events, replay, poll, deliveries: what the host's activity page does, without a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import with_appcontext

from fullscript_embed import activity, audit, clinics, deliveries, inbox, jobs, poll_states
from fullscript_embed.activity import EventDetail, EventView
from fullscript_embed.api import FullscriptError
from fullscript_embed.clinics import Clinic
from fullscript_embed.clock import utcnow
from fullscript_embed.deliveries import MEANINGS, DeliveryView
from fullscript_embed.envelope import BROWSER, POLL, WEBHOOK
from fullscript_embed.errors import EmbedError
from fullscript_embed.inbox_search import InboxFilter
from fullscript_embed.models import APPLIED, DEAD, PARKED, WAITING
from fullscript_embed.state import be_patient, current

one_environment = click.option("--environment", help="Only this environment, such as us.")
one_clinic = click.option("--clinic", help="Only the clinic of this id.")


def in_utc(_context: click.Context, _option: click.Parameter, moment: datetime | None) -> datetime | None:
    """A moment as it was typed, with its zone."""
    return moment.replace(tzinfo=UTC) if moment else None


@click.command()
@click.argument("number", type=int, required=False)
@click.option("--door", type=click.Choice([BROWSER, WEBHOOK, POLL]))
@click.option("--type", metavar="TYPE", help="Such as order.placed.")
@click.option("--state", type=click.Choice([WAITING, APPLIED, PARKED, DEAD]))
@click.option(
    "--since", type=click.DateTime(), callback=in_utc, help="Arrived at or after this moment, in UTC."
)
@click.option("--until", type=click.DateTime(), callback=in_utc, help="Arrived before this moment, in UTC.")
@one_clinic
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--payload", is_flag=True, help="With NUMBER: print what it said. This is audited.")
@with_appcontext
def events(number: int | None, clinic: str | None, limit: int, payload: bool, **filters: Any) -> None:
    """List the inbox, the last to arrive first, or show event NUMBER with its witnesses."""
    if number is not None:
        _show(number, payload=payload)
        return
    wanted = InboxFilter(clinics=_places(clinic) if clinic else None, **filters)
    for event in activity.events(wanted, limit=limit):
        click.echo(_line(event))


@click.command()
@click.argument("event", type=int, required=False)
@click.option("--failed", is_flag=True, help="Only what is dead, or failed and waits.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken up, and do nothing.")
@with_appcontext
def replay(event: int | None, failed: bool, dry_run: bool) -> None:
    """Take up EVENT again, applied or not; else every event that is not done."""
    be_patient()
    chosen = _to_replay(event, failed=failed)
    if dry_run:
        for one in chosen:
            click.echo(_line(one))
        click.echo(f"{_counted(len(chosen), 'event')} would be taken up.")
        return
    done = sum(inbox.replay(one.id)[0] for one in chosen)
    click.echo(f"{_counted(done, 'event')} done, {len(chosen) - done} not.")
    if len(chosen) == activity.MOST_AT_ONCE:
        click.echo("There may be more; run it again.")
    if done < len(chosen):
        raise SystemExit(1)


@click.command()
@click.option("--all", "everything", is_flag=True, help="All that Fullscript still has, thirty days.")
@click.option("--states", is_flag=True, help="Only show how far the polls of each clinic came.")
@one_environment
@one_clinic
@with_appcontext
def poll(everything: bool, states: bool, environment: str | None, clinic: str | None) -> None:
    """Ask Fullscript for events that no webhook brought, of every connected clinic or of one."""
    be_patient()
    if states:
        _show_states(environment, clinic)
        return
    failed = False
    for one in _wanted(environment, clinic):
        done = jobs.poll(one, everything=everything)
        click.echo(f"{one.environment}  clinic {one.id}: {_counted(len(done.numbers), 'new event')}")
        for error in done.errors:
            click.echo(f"  {error}")
        failed = failed or bool(done.errors)
    if failed:
        raise SystemExit(1)


@click.command("deliveries")
@click.option("--days", type=click.IntRange(1, 30), default=7, show_default=True)
@click.option("--differences", is_flag=True, help="Only those of which we know something else.")
@one_environment
@one_clinic
@with_appcontext
def deliveries_(days: int, differences: bool, environment: str | None, clinic: str | None) -> None:
    """Show webhooks as Fullscript reports them beside what we have; `poll` brings back what is missing."""
    be_patient()
    missing = failed = 0
    for one in _wanted(environment, clinic):
        try:
            views = deliveries.compare(one, now=utcnow(), days=days)
        except (FullscriptError, EmbedError) as error:
            failed += 1
            click.echo(f"{one.environment}  clinic {one.id}: {getattr(error, 'reason', None) or error}")
            continue
        missing += sum(view.difference == deliveries.MISSING for view in views)
        for view in views:
            if view.difference or not differences:
                click.echo(_delivery_line(view))
    click.echo(f"{_counted(missing, 'event')} missing here.")
    if missing or failed:
        raise SystemExit(1)


def _wanted(environment: str | None, clinic_id: str | None) -> list[Clinic]:
    """The connected clinics that fit. Raises ClickException when one was named that is not connected."""
    found = [
        one
        for one in clinics.connected()
        if environment in (None, one.environment) and clinic_id in (None, one.id)
    ]
    if not found and (environment or clinic_id):
        raise click.ClickException("No connected clinic fits; `flask fullscript status` shows all of them.")
    return found


def _places(clinic_id: str) -> list[tuple[str, str]]:
    """A clinic by its id alone, in every environment; it need not be connected."""
    return [(environment, clinic_id) for environment in current().settings.environments]


def _to_replay(number: int | None, *, failed: bool) -> list[EventView]:
    if number is not None:
        detail = activity.event(number)
        if detail is None:
            raise click.ClickException(f"There is no event {number}.")
        return [detail.event]
    if failed:
        return activity.failed()
    most = activity.MOST_AT_ONCE
    not_done = [activity.events(InboxFilter(state=state), limit=most) for state in (WAITING, PARKED, DEAD)]
    return sorted((one for some in not_done for one in some), key=lambda one: one.id)[:most]


def _show(number: int, *, payload: bool) -> None:
    detail = activity.event(number)
    if detail is None:
        raise click.ClickException(f"There is no event {number}.")
    click.echo(_line(detail.event))
    click.echo(f"  {_fate(detail.event)}")
    for witness in detail.witnesses:
        click.echo(f"  {witness.at.isoformat(timespec='seconds')}  by {witness.door}")
    if payload:
        _audit(detail)
        click.echo(json.dumps(detail.payload, indent=2, ensure_ascii=False))


def _audit(detail: EventDetail) -> None:
    session = current().db_session
    ids: dict[str, str | int | None] = {"event": detail.event.id, "event_id": detail.event.event_id}
    audit.record(session, "event.read", user_id=None, environment=detail.event.environment, details=ids)
    session.commit()


def _show_states(environment: str | None, clinic_id: str | None) -> None:
    places = {(one.environment, one.id) for one in _wanted(environment, clinic_id)}
    for state in poll_states.all_states(list(places)):
        token = "" if state.has_token else "  NO VALID TOKEN"
        click.echo(f"{state.environment}  clinic {state.clinic_id}{token}")
        for one in state.categories:
            polled = one.polled_at.isoformat(timespec="seconds") if one.polled_at else "never"
            click.echo(f"  {one.category:<16} polled {polled}  found {one.found}  {one.error or ''}".rstrip())


def _line(event: EventView) -> str:
    arrived = event.received_at.isoformat(timespec="seconds")
    doors = "+".join(event.doors)
    return (
        f"{event.id:>8}  {arrived}  {event.environment:<8}  {event.type:<37}  {doors:<20}  {event.state:<8}  "
        f"{event.event_id}  {event.error or ''}"
    ).rstrip()


def _fate(event: EventView) -> str:
    """What became of it, and when it is tried again."""
    done = f"applied {event.applied_at.isoformat(timespec='seconds')}" if event.applied_at else "not applied"
    tried = _counted(event.attempts, "attempt")
    if event.due_at and event.state == WAITING:
        return f"{done}, {tried}, again at {event.due_at.isoformat(timespec='seconds')}"
    return f"{done}, {tried}"


def _counted(count: int, what: str) -> str:
    """So many of them, in words."""
    return f"{count} {what}" + ("" if count == 1 else "s")


def _delivery_line(view: DeliveryView) -> str:
    at = view.attempted_at.isoformat(timespec="seconds") if view.attempted_at else "?"
    told = "delivered" if view.delivered else f"failed ({view.status or view.error or 'no answer'})"
    meaning = MEANINGS[view.difference] if view.difference else ""
    return f"{at}  {view.event_id}  {view.type}  attempt {view.attempts} {told}  {meaning}".rstrip()
