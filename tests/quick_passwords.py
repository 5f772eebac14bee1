"""Passwords that are quick to check: what makes them hard to guess took a quarter of some tests' time.

How the app keeps passwords is looked at in unit/test_practice_rules.py.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from werkzeug.security import generate_password_hash

from ehr.demo import PASSWORD


def make_passwords_quick(database: Path) -> None:
    """Keep the demo's passwords in a way of little effort; they stay the same."""
    quick = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
    with closing(sqlite3.connect(database)) as connection, connection:
        for table in ("user_account", "patient_account"):
            connection.execute(f"UPDATE {table} SET password_hash = ?", [quick])
