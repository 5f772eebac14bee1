"""How often sign-in may be tried, counted in the database so that every process counts together."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage
from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from ehr.database import db
from ehr.models import Attempts

# Somebody who mistypes tries again a few times; somebody who guesses needs thousands.
PER_ACCOUNT = "10 per 15 minutes"
PER_ADDRESS = "100 per 15 minutes"


def account_and_address() -> str:
    """Who is being tried from where. An account alone is no key: anybody could lock anybody else out."""
    return f"{request.form.get('email', '').strip().lower()} {get_remote_address()}"


def failed(response: Response) -> bool:
    """True for a sign-in that did not succeed: only those count."""
    return response.status_code != 302  # noqa: PLR2004 -- sign-in redirects when it succeeds


class DatabaseStorage(Storage):
    """Counts of `limits` in the table `attempts`, for RATE_LIMIT_STORAGE_URL=database://.

    Keys are hashed: they hold e-mail addresses, also mistyped ones and those of strangers.
    """

    STORAGE_SCHEME = ["database"]  # noqa: RUF012 -- how `limits` finds the class

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count *amount* more and return the count; a window that has ended begins anew."""
        now = time.time()
        insert = postgresql_insert if db.engine.dialect.name == "postgresql" else sqlite_insert
        over = Attempts.ends_at <= now
        statement = (
            insert(Attempts)
            .values(key=_hashed(key), count=amount, ends_at=now + expiry)
            .on_conflict_do_update(
                index_elements=[Attempts.key],
                set_={
                    "count": case((over, amount), else_=Attempts.count + amount),
                    "ends_at": case((over, now + expiry), else_=Attempts.ends_at),
                },
            )
            .returning(Attempts.count)
        )
        with db.engine.begin() as connection:
            connection.execute(delete(Attempts).where(Attempts.ends_at <= now, Attempts.key != _hashed(key)))
            return int(connection.execute(statement).scalar_one())

    def get(self, key: str) -> int:
        found = self._find(key)
        return found.count if found else 0

    def get_expiry(self, key: str) -> float:
        found = self._find(key)
        return float(found.ends_at) if found else time.time()

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with db.engine.begin() as connection:
            return connection.execute(delete(Attempts)).rowcount

    def clear(self, key: str) -> None:
        with db.engine.begin() as connection:
            connection.execute(delete(Attempts).where(Attempts.key == _hashed(key)))

    def _find(self, key: str) -> Any:
        statement = select(Attempts.count, Attempts.ends_at).where(
            Attempts.key == _hashed(key), Attempts.ends_at > time.time()
        )
        with db.engine.connect() as connection:
            return connection.execute(statement).first()


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


limiter = Limiter(get_remote_address, strategy="fixed-window")


@limiter.request_filter
def is_fullscripts() -> bool:
    """True for the extension's routes: no limit of ours is about them, and webhooks come by the thousand."""
    return request.blueprint == "fullscript"
