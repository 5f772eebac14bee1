"""How long a chart with 200 plans, 500 orders and 50 lab orders takes, beside one with one of each.

    python -m bench.charts

Prints of each page the median time that this process works until the answer is there, for both charts, and
their ratio; ends with 1 when one is above 1.5.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path

from app import create_app
from bench.chart_filling import LARGE, SMALL, connect, fill, name_products
from ehr.database import db
from tests.practice_host import Visitor, close, prepare, settings_in

PAGES = ("", "/plans", "/orders", "/labs")
ROUNDS, MOST = 60, 1.5


def main() -> int:
    """Measure every page of both charts, one after the other so that both meet the same machine."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings_in(Path(folder), fullscript_environments=("local",)))
        logging.disable(logging.CRITICAL)
        prepare(app)
        maya = Visitor(app).signs_in_as("practitioner")
        small, large = maya.patient("Amelia Burton"), maya.patient("Noah Whitfield")
        with app.app_context(), db.engine.begin() as connection:
            connect(connection, maya.user("practitioner"))
            name_products(connection)
            fill(connection, small, SMALL)
            fill(connection, large, LARGE)
        try:
            ratios = [measure(maya, page, small, large) for page in PAGES]
        finally:
            close(app)
    return int(max(ratios) > MOST)


def measure(maya: Visitor, page: str, small: int, large: int) -> float:
    """Ask for a page of both charts in turns; the ratio of the medians."""
    taken: dict[int, list[float]] = {small: [], large: []}
    for _ in range(ROUNDS):
        for patient, times in taken.items():
            began = time.process_time()  # what others do on this machine does not count
            answer = maya.opens(f"/patients/{patient}{page}")
            times.append(time.process_time() - began)
            assert not answer.location, answer.location
    one, many = (statistics.median(times) * 1000 for times in taken.values())
    ratio = many / one
    print(f"{page or '/':8} one of each {one:6.1f} ms   large {many:6.1f} ms   ratio {ratio:.2f}")
    return ratio


if __name__ == "__main__":
    sys.exit(main())
