"""The extension's tables: made by migrations of its own, re-encrypted when keys are rotated."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from fullscript_embed import connections
from fullscript_embed.columns import Encrypted
from fullscript_embed.encryption import current_cipher
from fullscript_embed.models import Connection, PendingRevocation
from fullscript_embed.state import current

FOLDER = Path(__file__).parent / "migrations"
# Beside the host's own alembic_version, so that neither sees the other's revisions.
VERSION_TABLE = "fullscript_alembic_version"


def upgrade() -> str:
    """Bring the tables to this version of the extension; the revision that they are at then."""
    with current().extension.db.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return _revision(connection) or ""


def newest() -> str:
    """The revision that this version of the extension needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def revision() -> str | None:
    """The revision that the tables are at; None when there are none."""
    with current().extension.db.engine.connect() as connection:
        return _revision(connection)


def rotate_keys() -> tuple[int, int]:
    """Re-encrypt every stored token with the first key; how many tokens were, and how many no key opens.

    Safe while the application runs: each connection is changed under the lock that refreshes take too.
    """
    done = unreadable = 0
    session = current().db_session
    ids = list(session.scalars(select(Connection.id)))
    waiting = list(session.scalars(select(PendingRevocation.id)))
    session.rollback()
    for connection_id in ids:
        with connections.locked(connection_id) as (own, row):
            done += _turn(row, "access_token") + _turn(row, "refresh_token")
            unreadable += _unreadable(own, Connection, connection_id)
    for pending_id in waiting:
        pending = session.get(PendingRevocation, pending_id)
        done += _turn(pending, "token") if pending else 0
        unreadable += _unreadable(session, PendingRevocation, pending_id)
        session.commit()
    return done, unreadable


def count_unreadable() -> int:
    """How many stored tokens no key opens."""
    session = current().db_session
    lost = 0
    for kind in (Connection, PendingRevocation):
        lost += sum(_unreadable(session, kind, row_id) for row_id in session.scalars(select(kind.id)).all())
    return lost


def _turn(row: Connection | PendingRevocation, column: str) -> int:
    if getattr(row, column) is None:
        return 0
    flag_modified(row, column)
    return 1


def _unreadable(session: Session, kind: type[Connection | PendingRevocation], row_id: int) -> int:
    """How many stored tokens of a row no key opens."""
    stored = [column for column in kind.__table__.columns if isinstance(column.type, Encrypted)]
    raw = session.execute(select(*(type_coerce(one, Text) for one in stored)).where(kind.id == row_id)).one()
    return sum(text is not None and not current_cipher().opens(text) for text in raw)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def _revision(connection: DatabaseConnection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()
