"""The route that event_posts.py measures against: JSON in, one row inserted and committed, 202 out.

The same engine settings as the practice app's, and none of its checks. Run once to make the table.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, Column, Integer, String, Table, UniqueConstraint, event, insert
from sqlalchemy.engine import Engine

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["MINIMAL_DATABASE"]
db = SQLAlchemy(app)

events = Table(
    "event",
    db.metadata,
    Column("id", Integer, primary_key=True),
    Column("environment", String(16)),
    Column("event_id", String(64)),
    Column("payload", JSON),
    UniqueConstraint("environment", "event_id"),
)


@event.listens_for(Engine, "connect")
def _as_the_practice_app(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/events")
def keep() -> tuple[dict[str, bool], int]:
    body = request.get_json()
    row = {"environment": body["environment"], "event_id": body["event"]["id"], "payload": body["event"]}
    db.session.execute(insert(events).values(row))
    db.session.commit()
    return {"stored": True}, 202


if __name__ == "__main__":
    with app.app_context():
        db.create_all()
