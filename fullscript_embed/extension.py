"""FullscriptEmbed: what a host application registers, and its view of what the extension knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import generate_csrf

from fullscript_embed import (
    accounts,
    activity,
    audit,
    cli,
    connections,
    inbox,
    lab_views,
    metrics,
    orders,
    overview,
    page,
    plans,
    poll_states,
    readiness,
    records,
    refusals,
    tasks,
    views,
)
from fullscript_embed.accounts import Disconnection
from fullscript_embed.activity import ClinicView, EventDetail, EventView
from fullscript_embed.clock import utcnow
from fullscript_embed.deliveries import DeliveryView
from fullscript_embed.encryption import Cipher
from fullscript_embed.inbox_search import InboxFilter
from fullscript_embed.known_people import KnownPeople
from fullscript_embed.lab_views import LabOrderView
from fullscript_embed.labs import Labs
from fullscript_embed.models import AuditEntry, Connection, PatientLink
from fullscript_embed.ordering import Ordering
from fullscript_embed.orders import OrderView
from fullscript_embed.overview import PatientsOverview
from fullscript_embed.patient_side import PatientSide
from fullscript_embed.people import Patient, User
from fullscript_embed.plans import PlansFragment, PlanView
from fullscript_embed.poll_states import ClinicState
from fullscript_embed.readiness import Check
from fullscript_embed.redirect import Redirect
from fullscript_embed.refusals import Refused
from fullscript_embed.settings import Settings
from fullscript_embed.state import State, current
from fullscript_embed.treatment_plans import TreatmentPlans


class FullscriptEmbed:
    """Fullscript in a Flask application.

    *current_user* says who is signed in, or None. *find_patient* is the host's own check of who may see whom:
    the patient, or None when there is none or the signed-in user may not see it. *environment* names the
    environment in which a user works, by default the first of FULLSCRIPT_ENVIRONMENTS. With a *celery*
    application events are applied by its workers, else in the request that brought them. *update_patient*
    takes a value of Fullscript's into the host's own record of a patient, when a person chose it: the id and
    the changes, by the names of `Patient`. It commits, or raises ChangeRefused.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        db: SQLAlchemy,
        current_user: Callable[[], User | None],
        find_patient: Callable[[str], Patient | None],
        environment: Callable[[User], str] | None = None,
        celery: Any = None,
        update_patient: Callable[[str, Mapping[str, Any]], None] | None = None,
    ) -> None:
        self.db = db
        self.current_user = current_user
        self.find_patient = find_patient
        self.choose_environment = environment
        self.celery = celery
        self.update_patient = update_patient
        self.people = KnownPeople()
        self.patient_side = PatientSide()
        self.labs = Labs()
        self.plans = TreatmentPlans()
        self.ordering = Ordering()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Read the settings, and add blueprint, commands and template macros to *app*.

        Call it after the host's SQLAlchemy has *app*. Raises SettingsInvalid, which names all that is wrong.
        """
        if "fullscript" in app.extensions:
            raise RuntimeError("FullscriptEmbed is already registered on this application; register it once.")
        settings = Settings.from_config(app.config)
        app.extensions["fullscript"] = self
        app.extensions["fullscript.cipher"] = Cipher(settings.encryption_keys)
        app.extensions["fullscript.state"] = State(app, self, settings)
        page.init_app(app)
        app.register_blueprint(views.bp)
        app.cli.add_command(cli.group)
        app.jinja_env.globals.setdefault("csrf_token", generate_csrf)
        if self.celery is not None:
            tasks.register(self.celery, app)

    @property
    def redirect(self) -> Redirect:
        """Links that open Fullscript itself in a tab: draft, matching, new and edit."""
        return Redirect()

    def connection(self, user_id: str | None = None) -> Connection | None:
        """The connection of the signed-in user in their environment, or of the host user *user_id*.

        None when there is none, or the signed-in user is switched off. Its `status` is "connected" or
        "reconnect_required".
        """
        user = User(user_id, "") if user_id is not None else self.current_user()
        return connections.shown(user) if user and user.is_enabled else None

    def connections(self) -> list[Connection]:
        """Every user's connection, in every environment, oldest first."""
        return connections.all_shown()

    def disconnect(self, connection_id: int) -> Disconnection:
        """End anybody's connection, in the name of the signed-in user. The host has checked that they may.

        Raises NotConnected when it has ended already. `told_fullscript` of the answer is False while
        Fullscript could not be told; that is repeated until it is.
        """
        user = self.current_user()
        return accounts.disconnect(connection_id, by=user.id if user else None)

    def treatment_plans(self, patient_id: str | int) -> list[PlanView]:
        """The plans kept for a patient of the host, newest first, with product names.

        It does not ask whether anybody may see the patient; whoever calls it has done so.
        """
        return plans.of_patient(str(patient_id))

    def plans_fragment(self, patient_id: str | int) -> PlansFragment:
        """The same, with a version that changes whenever anything in them does."""
        return plans.fragment(str(patient_id))

    def patients_overview(self, patient_ids: Iterable[str | int]) -> PatientsOverview:
        """Of each of these patients of the host: known to Fullscript or not, and their newest plan; with a
        version that changes when anything of it does. It does not ask who may see them; to somebody who is
        switched off it tells nothing."""
        user = self.current_user()
        if user and not user.is_enabled:
            return overview.of_nobody(map(str, patient_ids))
        mine = self.connection()
        place = (mine.environment, mine.clinic_id) if mine else None
        return overview.of_patients(map(str, patient_ids), place)

    def orders(self, patient_id: str | int) -> list[OrderView]:
        """What the patient ordered, the latest first. It does not ask who may see the patient."""
        return orders.of_patient(str(patient_id))

    def lab_orders(self, patient_id: str | int) -> list[LabOrderView]:
        """How far the patient's labs are, the latest first. It does not ask who may see the patient."""
        return lab_views.of_patient(str(patient_id))

    def patient_link(
        self, patient_id: str | int, *, environment: str | None = None, clinic_id: str | None = None
    ) -> PatientLink | None:
        """Who a patient of the host is in that clinic (by default the signed-in user's), or None."""
        mine = None if environment and clinic_id else self.connection()
        place = (environment, clinic_id) if mine is None else (mine.environment, mine.clinic_id)
        return records.find_link(place[0] or "", place[1], str(patient_id))

    def link_patient(
        self,
        patient_id: str | int,
        *,
        environment: str,
        clinic_id: str,
        fullscript_patient_id: str,
        shared: bool = False,
    ) -> None:
        """Say who a patient of the host is in that clinic, so that Embed skips the search. Commits.

        Raises AlreadyLinked when another patient of the host has this Fullscript patient, unless they are a
        family with a *shared* account.
        """
        records.link(environment, clinic_id, str(patient_id), fullscript_patient_id, shared=shared)

    def unlink_patient(self, patient_id: str | int, *, environment: str, clinic_id: str) -> bool:
        """Forget who a patient of the host is in that clinic; False when nothing was known. Commits."""
        return records.unlink(environment, clinic_id, str(patient_id))

    def record_audit(
        self,
        action: str,
        *,
        user_id: str | None = None,
        environment: str | None = None,
        patient_id: str | None = None,
        **ids: str | int | None,
    ) -> None:
        """Add an entry of the host's to the audit trail, in the name of *user_id*, else of who is signed in.

        *ids* say which records it is about: no names and no secrets, for the trail is kept for long. Commits.
        """
        user = None if user_id else self.current_user()
        by = user.id if user else user_id
        session = current().db_session
        audit.record(session, action, user_id=by, environment=environment, patient_id=patient_id, details=ids)
        session.commit()

    def audit_trail(
        self,
        limit: int = 100,
        *,
        user_ids: Sequence[str] | None = None,
        action: str | None = None,
        patient_id: str | None = None,
        before: int | None = None,
    ) -> list[AuditEntry]:
        """The newest entries that fit, newest first; *before* is the id of one, to go on after it."""
        session = current().db_session
        return audit.trail(
            session, limit, user_ids=user_ids, action=action, patient_id=patient_id, before=before
        )

    def clinics(self, user_ids: Iterable[str] | None = None) -> list[ClinicView]:
        """The clinics that these users connected, also those they disconnected since; without users: all."""
        return activity.clinics(user_ids)

    def inbox(
        self, wanted: InboxFilter | None = None, *, limit: int = 50, before: int | None = None
    ) -> list[EventView]:
        """The events that fit, the last to arrive first; *before* is our number of one, to go on after it."""
        return activity.events(wanted or InboxFilter(), limit=limit, before=before)

    def inbox_event(
        self, number: int, *, clinics: Sequence[tuple[str, str]] | None = None
    ) -> EventDetail | None:
        """One event with its payload and witnesses; None when it is not there, or of other clinics.

        The payload holds patients' data: whoever shows it writes that down.
        """
        return activity.event(number, clinics)

    def open_events(self, clinics: Sequence[tuple[str, str]] | None = None) -> dict[str, int]:
        """How many events are "waiting", "parked" and "dead"; a state without any is left out."""
        return activity.open_counts(clinics)

    def event_types(self) -> list[str]:
        """The types of event that mean something to the extension, by name; others may come too."""
        return activity.known_types()

    def failed_events(self, clinics: Sequence[tuple[str, str]] | None = None) -> list[EventView]:
        """What `replay_failed` would take up, oldest first."""
        return activity.failed(clinics)

    def replay(self, number: int) -> bool:
        """Take one event up again, here and now, applied or not; True when it is applied afterwards."""
        done, _left = inbox.replay(number)
        return bool(done)

    def replay_failed(self, clinics: Sequence[tuple[str, str]] | None = None) -> int:
        """Have all that failed taken up again, by the workers where there are any; how many events."""
        return activity.replay_failed(clinics)

    def refusals(self) -> list[Refused]:
        """Why and how often calls of the webhook door were refused, the latest first."""
        return refusals.summary()

    def poll_states(self, clinics: Sequence[tuple[str, str]] | None = None) -> list[ClinicState]:
        """How far polling came for each connected clinic, and which of them nobody can speak for any more."""
        return poll_states.all_states(clinics)

    def compare_deliveries(self, environment: str, clinic_id: str) -> list[DeliveryView]:
        """The webhooks of the last seven days as Fullscript reports them, beside what the inbox has.

        Asks Fullscript. Raises EmbedError, in words for people, when it does not say.
        """
        return activity.compare_deliveries(environment, clinic_id)

    def bring_back(self, environment: str, clinic_id: str) -> int | None:
        """Ask Fullscript for all that it still has of a clinic, thirty days, and take up what is new.

        By the workers where there are any, and None then; else how many events were new. Raises EmbedError.
        """
        return activity.bring_back(environment, clinic_id)

    def readiness(self) -> list[Check]:
        """What has to work for this application to work: the database, and with Celery broker and worker."""
        return readiness.checks(now=utcnow())

    def metrics(self) -> bytes:
        """Numbers in Prometheus' text format, of all processes together; they name no patient."""
        return metrics.render(now=utcnow())

    def content_security_policy(self) -> dict[str, list[str]]:
        """What a page with Embed on it needs, a list of sources for each directive, beside the host's own.

        Names the Embed origin of the signed-in user's environment; when nobody is signed in, nothing but
        what the extension's own pages need.
        """
        return page.content_security_policy()
