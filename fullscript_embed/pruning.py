"""Forgetting what is of no use any more: old events that are applied, and messages that were delivered.

Events hold what Fullscript said about patients. What they meant stays in the records, and what was not
applied stays until it is.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from fullscript_embed.job_models import CountedUpTo
from fullscript_embed.logs import say
from fullscript_embed.models import APPLIED, InboxEvent, Witness
from fullscript_embed.state import current

# In one transaction, so that nobody waits long for the tables.
BATCH = 500
# In one run; the next one goes on.
MOST_BATCHES = 200


def prune(*, now: datetime) -> int:
    """Delete applied events older than FULLSCRIPT_KEEP_EVENTS_DAYS; how many. Commits."""
    before = now - timedelta(days=current().settings.keep_events_days)
    deleted = 0
    for _ in range(MOST_BATCHES):
        count = _delete_batch(before)
        deleted += count
        if count < BATCH:
            break
    return deleted


def _delete_batch(before: datetime) -> int:
    session = current().db_session
    # Only what is counted already, so that no metric goes back.
    counted = select(CountedUpTo.number).scalar_subquery()
    old = (
        select(InboxEvent.id)
        .where(InboxEvent.received_at < before, InboxEvent.state == APPLIED, InboxEvent.id <= counted)
        .order_by(InboxEvent.received_at)
        .limit(BATCH)
    )
    ids = list(session.scalars(old))
    if ids:
        session.execute(delete(Witness).where(Witness.number.in_(ids)))
        session.execute(delete(InboxEvent).where(InboxEvent.id.in_(ids)))
    session.commit()
    return len(ids)


def prune_queue(celery: Any) -> int:
    """Delete delivered messages of a queue that is kept in a database, where kombu leaves them; how many."""
    with celery.connection_for_write() as connection:
        channel = connection.default_channel
        if connection.transport.driver_name != "sqlalchemy":
            return 0
        message = channel.message_cls
        try:
            result = channel.session.execute(delete(message).where(message.visible.is_(False)))
            channel.session.commit()
        except SQLAlchemyError as error:
            channel.session.rollback()
            say(logging.WARNING, "the queue was not pruned", error=type(error).__name__)
            return 0
        return int(result.rowcount)
