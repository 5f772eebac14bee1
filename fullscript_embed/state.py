"""What belongs to one application: the extension holds none of it (Flask's guide for extensions)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app, g
from sqlalchemy import URL, Engine, NullPool, Table, create_engine
from sqlalchemy.orm import Session

from fullscript_embed.call_counts import CallTally
from fullscript_embed.environments import Environment
from fullscript_embed.errors import EmbedError, SignedOut, SwitchedOff
from fullscript_embed.group_commit import GroupCommit
from fullscript_embed.models import InboxEvent
from fullscript_embed.people import User
from fullscript_embed.settings import Settings
from fullscript_embed.tally import Tally
from fullscript_embed.upstream import Upstream
from fullscript_embed.wakeups import Wakeups

if TYPE_CHECKING:
    from fullscript_embed.extension import FullscriptEmbed

# In `flask.g` of a job.
PATIENTLY = "fullscript_patiently"
# Seconds that a writer waits for SQLite's lock. Longer than a token call with its repetition takes, so that
# waiting for somebody else's refresh does not fail.
SQLITE_PATIENCE = 60


@dataclass
class State:
    """The current application's settings and connections. Safe to use from several threads."""

    app: Flask
    extension: FullscriptEmbed
    settings: Settings
    # None in a host without Celery, where events are applied in the request.
    wakeups: Wakeups | None = None
    # Refused webhooks that this process has counted and not yet written.
    refused: Tally = field(default_factory=Tally)
    # When this process last noted that somebody works, in seconds of its own clock (heartbeats.py).
    beats: dict[str, float] = field(default_factory=dict)

    @property
    def db_session(self) -> Session:
        """The host's session of this request or job."""
        return cast("Session", self.extension.db.session())

    @property
    def upstream(self) -> Upstream:
        """The wire to Fullscript: for a job a patient one, for whoever waits a quick one."""
        return self._patient_upstream if g.get(PATIENTLY) else self._quick_upstream

    @cached_property
    def _quick_upstream(self) -> Upstream:
        storage = self.settings.rate_limit_storage
        return Upstream(self.settings.read_timeout, count=self.calls.add, rate_limit_storage=storage)

    @cached_property
    def _patient_upstream(self) -> Upstream:
        storage = self.settings.rate_limit_storage
        return Upstream(
            self.settings.read_timeout, count=self.calls.add, patient=True, rate_limit_storage=storage
        )

    @cached_property
    def calls(self) -> CallTally:
        """Calls of Fullscript that this process has counted and not yet written."""
        engine = self.extension.db.engine
        return CallTally(self.lock_engine, in_background=not _is_in_memory(engine.url))

    @cached_property
    def inbox_writer(self) -> GroupCommit | None:
        """What threads of this process write events with, together; None where all share one connection."""
        engine = self.extension.db.engine
        if _is_in_memory(engine.url):
            return None
        table = cast("Table", InboxEvent.__table__)
        return GroupCommit(engine, table, key=("environment", "event_id"))

    @cached_property
    def lock_engine(self) -> Engine:
        """The host's database, by connections outside its pool.

        Threads that wait for a row's lock would otherwise occupy the pool that the lock's holder needs.
        A database in memory has only the one connection, which then has to do.
        """
        engine = self.extension.db.engine
        if _is_in_memory(engine.url):
            return engine
        options = dict(self.app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {})
        arguments = dict(options.get("connect_args") or {})
        if engine.dialect.name == "sqlite":
            arguments["timeout"] = SQLITE_PATIENCE
        return create_engine(engine.url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)

    def environment(self, name: str) -> Environment:
        """The configured environment of that name. Raises EmbedError when it is not configured."""
        try:
            return self.settings.environments[name]
        except KeyError:
            configured = ", ".join(self.settings.environments)
            raise EmbedError(f"FULLSCRIPT_ENVIRONMENTS has no {name!r}; it has {configured}") from None

    def environment_of(self, user: User) -> Environment:
        """The environment in which *user* works: what the host says, else the first configured."""
        choose = self.extension.choose_environment
        return self.environment(choose(user) if choose else next(iter(self.settings.environments)))


def _is_in_memory(url: URL) -> bool:
    name = url.database or ":memory:"
    return url.get_backend_name() == "sqlite" and (":memory:" in name or url.query.get("mode") == "memory")


def be_patient() -> None:
    """Let calls of Fullscript in this application context wait longer than a person would."""
    setattr(g, PATIENTLY, True)


def current() -> State:
    """The current application's state; needs an application context."""
    try:
        return cast("State", current_app.extensions["fullscript.state"])
    except KeyError:
        raise EmbedError(
            "FullscriptEmbed is not registered on this application; call init_app(app)"
        ) from None


def signed_in() -> User:
    """Who is signed in to the host. Raises SignedOut, or SwitchedOff when they may not use Fullscript."""
    user = current().extension.current_user()
    if user is None:
        raise SignedOut
    if not user.is_enabled:
        raise SwitchedOff
    return user
