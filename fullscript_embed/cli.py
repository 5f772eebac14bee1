"""flask fullscript …: what developers and administrators do without a page."""

from __future__ import annotations

import click
from cryptography.fernet import Fernet
from flask.cli import AppGroup

from fullscript_embed import accounts, cli_events, connections, inbox, jobs, lab_agenda, tables
from fullscript_embed.clock import utcnow
from fullscript_embed.doctor import examine
from fullscript_embed.keep_alive import keep_alive as keep_one_alive
from fullscript_embed.state import be_patient

group = AppGroup("fullscript", help="Fullscript: tables, connections, events.")
for command in (cli_events.events, cli_events.replay, cli_events.poll, cli_events.deliveries_):
    group.add_command(command)


@group.command()
def upgrade() -> None:
    """Make or change the extension's tables in the host's database."""
    click.echo(f"The tables are at {tables.upgrade()}.")


@group.command()
def status() -> None:
    """Show who is connected, and what waits."""
    for connection in connections.all_shown():
        used = connection.last_used_at.isoformat(timespec="minutes") if connection.last_used_at else "never"
        click.echo(
            f"{connection.id:>6}  {connection.environment:<8}  user {connection.user_id}  "
            f"{connection.status}  {connection.user_type or '?'} of clinic {connection.clinic_id}  "
            f"last used {used}"
        )
    for line in inbox.summary():
        click.echo(line)


@group.command("revoke-all")
@click.confirmation_option(prompt="End every user's Fullscript connection?")
def revoke_all() -> None:
    """End every connection; those that Fullscript could not be told about are tried again by each sweep."""
    done = accounts.disconnect_all(by=None)
    failed = [one for one in done if not one.told_fullscript]
    click.echo(f"{len(done)} connections ended, {len(failed)} not yet at Fullscript.")
    for one in failed:
        click.echo(f"  user {one.user_id} in {one.environment}: {one.reason}")
    if failed:
        raise SystemExit(1)


@group.command()
def sweep() -> None:
    """Do what is left over, as Celery's beat does three times a minute; for cron in hosts without Celery."""
    found = jobs.sweep()
    click.echo(f"{found['events']} events taken up, {found['revocations_waiting']} revocations still wait.")


@group.command("check-labs")
def check_labs() -> None:
    """Ask about the labs that are due, as Celery's beat does every minute; for cron without Celery."""
    be_patient()
    done = [jobs.check_labs(*place) for place in lab_agenda.places_due(now=utcnow())]
    click.echo(f"{sum(one.asked for one in done)} patients' labs were asked for in {len(done)} clinics.")
    if failed := [one.error for one in done if one.error]:
        click.echo(f"  Some have to wait: {', '.join(sorted(set(failed)))}.")
        raise SystemExit(1)


@group.command("keep-alive")
def keep_alive() -> None:
    """Refresh one token of each clinic when it ends soon, as Celery's beat does; for cron without Celery."""
    be_patient()
    alive, without = keep_one_alive(now=utcnow())
    click.echo(f"{alive} clinics have a valid token, {len(without)} have none.")
    for clinic in without:
        click.echo(f"  {clinic.environment}  clinic {clinic.id}: somebody has to connect again")
    if without:
        raise SystemExit(1)


@group.command()
def prune() -> None:
    """Forget applied events older than FULLSCRIPT_KEEP_EVENTS_DAYS, as Celery's beat does every hour."""
    click.echo(f"{jobs.prune()} events forgotten.")


@group.command()
@click.option("--url", help="Where users reach this application, such as https://ehr.example.com.")
def doctor(url: str | None) -> None:
    """Look for what keeps the integration from working, and say what to do about it."""
    failed = False
    for finding in examine(url, now=utcnow):
        mark = {True: "ok    ", False: "FAILED", None: "?     "}[finding.good]
        click.echo(f"{mark}  {finding.name}: {finding.found}")
        if finding.advice:
            click.echo(f"          {finding.advice}")
        failed = failed or finding.good is False
    if failed:
        raise SystemExit(1)


@group.command("generate-key")
def generate_key() -> None:
    """Print a new key for FULLSCRIPT_ENCRYPTION_KEYS."""
    click.echo(Fernet.generate_key().decode())


@group.command("rotate-keys")
def rotate_keys() -> None:
    """Encrypt every stored token under the first of FULLSCRIPT_ENCRYPTION_KEYS."""
    count, unreadable = tables.rotate_keys()
    click.echo(f"{count} tokens are under the first key.")
    if unreadable:
        click.echo(f"{unreadable} could not be read by any key; their users have to connect again.")
        raise SystemExit(1)
