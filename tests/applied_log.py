"""A witness of its own for what is applied: the database itself writes each time down, in the same commit.

Nothing of the product knows of it, so nothing of the product can make it say what it likes.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, Engine, text

_TABLE = "CREATE TABLE applied_log (number INTEGER NOT NULL)"
# Also when it was applied already: that would be the second time.
_IS_NEWS = "NEW.applied_at IS NOT NULL AND (OLD.applied_at IS NULL OR OLD.applied_at <> NEW.applied_at)"
_SQLITE = f"""
CREATE TRIGGER write_applied AFTER UPDATE OF applied_at ON fullscript_event WHEN {_IS_NEWS}
BEGIN INSERT INTO applied_log (number) VALUES (NEW.id); END
"""
_FUNCTION = """
CREATE FUNCTION write_applied() RETURNS trigger AS
'BEGIN INSERT INTO applied_log (number) VALUES (NEW.id); RETURN NULL; END' LANGUAGE plpgsql
"""
_POSTGRESQL = f"""
CREATE TRIGGER write_applied AFTER UPDATE OF applied_at ON fullscript_event
FOR EACH ROW WHEN ({_IS_NEWS}) EXECUTE FUNCTION write_applied()
"""


def install(engine: Engine) -> None:
    """Begin to write down which event is applied."""
    with engine.begin() as connection:
        connection.execute(text(_TABLE))
        for statement in [_SQLITE] if engine.dialect.name == "sqlite" else [_FUNCTION, _POSTGRESQL]:
            connection.execute(text(statement))


def times_applied(connection: Connection) -> Counter[str]:
    """How often each event was applied, by its id; those that never were are left out."""
    rows = connection.execute(
        text(
            "SELECT event_id, count(*) AS times FROM applied_log "
            "JOIN fullscript_event ON fullscript_event.id = applied_log.number GROUP BY event_id"
        )
    )
    return Counter(dict(rows.all()))
