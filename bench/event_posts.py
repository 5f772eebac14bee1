"""How fast the browser's events are taken in, beside a minimal Flask route that inserts the same row.

Same server, same database engine, same number of senders, one run. Aim: at least 0.6 of the minimal route.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from bench.visit import Visitor, connected_visitor, demo_app
from tests.e2e.servers import BINARIES, ROOT, end, free_port, start, wait_for

EVENTS = 1000
SENDERS = 8
ROUNDS = 3
AIM = 0.6
# As tests/e2e/servers.py starts the practice app.
SERVER = ("--workers", "1", "--worker-class", "gthread", "--threads", "8")


def main() -> None:
    """Send the same events to both, in turn; print events a second and their ratio."""
    with connected_visitor() as visitor, tempfile.TemporaryDirectory() as folder, minimal(folder) as url:
        ways = {"minimal route": url, "our endpoint": f"{visitor.practice.url}/fullscript/events"}
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, address in ways.items():
                rates[name].append(rate(address, visitor))
    for name, values in rates.items():
        print(f"{name:<16} {max(values):7.0f} events/s   (best of {ROUNDS} rounds of {EVENTS})")
    ratio = max(rates["our endpoint"]) / max(rates["minimal route"])
    print(f"ratio {ratio:.2f} (aim: at least {AIM})")


def rate(url: str, visitor: Visitor) -> float:
    """Events a second that several browsers, each with a connection of its own, get rid of."""
    bodies = [event(visitor) for _ in range(EVENTS)]
    start_time = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as pool:
        for _ in pool.map(
            lambda share: send(url, visitor, share), (bodies[n::SENDERS] for n in range(SENDERS))
        ):
            pass
    return EVENTS / (time.perf_counter() - start_time)


def send(url: str, visitor: Visitor, bodies: list[dict[str, Any]]) -> None:
    with requests.Session() as browser:
        browser.cookies.update(visitor.http.cookies)
        for body in bodies:
            browser.post(url, json=body, headers={"X-CSRFToken": visitor.csrf}).raise_for_status()


def event(visitor: Visitor) -> dict[str, Any]:
    """A report of a chosen patient, as the browser library gives it, with an id of its own."""
    practice = visitor.practice
    (patient, clinic), *_ = practice.rows(
        "SELECT (SELECT min(id) FROM patient), clinic_id FROM fullscript_connection"
    )
    return {
        "patient_id": str(patient),
        "environment": "local",
        "event": {
            "id": str(uuid.uuid4()),
            "type": "patient.selected",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "clinicId": clinic,
            "oauth": {"clientId": demo_app(practice.sandbox).client_id},
            "data": {"patient": {"id": str(uuid.uuid4()), "firstName": "Amelia", "lastName": "Burton"}},
        },
    }


@contextmanager
def minimal(folder: str) -> Any:
    """The least that a route can do which keeps an event: one insert, one commit."""
    port = free_port()
    database = f"sqlite:///{Path(folder, 'minimal.db')}"
    environ = os.environ | {"MINIMAL_DATABASE": database, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "bench.minimal_route"], env=environ, cwd=ROOT, check=True)
    command = [BINARIES / "gunicorn", "--bind", f"127.0.0.1:{port}", *SERVER, "bench.minimal_route:app"]
    # Started elsewhere, so that it does not take the practice app's own settings of gunicorn.
    process = start(command, environ, Path(folder, "minimal.log"), cwd=Path(folder))
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process, Path(folder, "minimal.log"))
        yield f"http://127.0.0.1:{port}/events"
    finally:
        end(process)


if __name__ == "__main__":
    main()
