"""What our session grant endpoint adds to a direct call of Fullscript's.

All are called in turn, over kept connections, against one sandbox in one run. Aim: at most 5 ms at the
median, for a linked patient. For one who is not linked yet Fullscript is asked once more, by our id.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import requests

from bench.visit import MAYA, connected_visitor, demo_app

ROUNDS = 300
WARM_UP = 30
AIM_MS = 5.0


def main() -> None:
    """Print the median and the 95th percentile of both ways, and what ours adds."""
    with connected_visitor() as visitor:
        sandbox, practice = visitor.practice.sandbox, visitor.practice
        (known,), (unknown,) = practice.rows("SELECT id FROM patient ORDER BY id LIMIT 2")
        practice.execute(
            "INSERT INTO fullscript_patient_link (environment, clinic_id, patient_id, fullscript_patient_id,"
            f" is_shared, linked_at) SELECT environment, clinic_id, {known}, 'anybody', 0, created_at"
            " FROM fullscript_connection"
        )
        direct = requests.Session()
        token = sandbox.token(demo_app(sandbox), MAYA)["oauth"]["access_token"]
        direct.headers["Authorization"] = f"Bearer {token}"
        ways = {
            "direct call of the sandbox": lambda: direct.post(
                f"{sandbox.url}/api/clinic/embeddable/session_grants"
            ).raise_for_status(),
            "ours, patient linked": lambda: visitor.post(
                f"/fullscript/patients/{known}/session-grants", {"entrypoint": "catalog"}
            ),
            "ours, patient not linked": lambda: visitor.post(
                f"/fullscript/patients/{unknown}/session-grants", {"entrypoint": "catalog"}
            ),
        }
        times = measure(ways)
    report(times)


def measure(ways: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Milliseconds of each call, the ways taken in turn so that both meet the same machine."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + WARM_UP):
        for name, call in ways.items():
            start = time.perf_counter()
            call()
            if turn >= WARM_UP:
                times[name].append((time.perf_counter() - start) * 1000)
    return times


def report(times: dict[str, list[float]]) -> None:
    for name, values in times.items():
        p95 = statistics.quantiles(values, n=20)[-1]
        print(
            f"{name:<28} p50 {statistics.median(values):6.2f} ms   p95 {p95:6.2f} ms   ({len(values)} calls)"
        )
    direct, linked, not_linked = (statistics.median(values) for values in times.values())
    print(f"added at the median: {linked - direct:.2f} ms (aim: at most {AIM_MS:.0f})")
    print(f"and with the question who it is: {not_linked - direct:.2f} ms")


if __name__ == "__main__":
    main()
