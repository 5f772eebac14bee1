"""An inbox with as many events as of years, all applied, each of them about an order of its own."""

from __future__ import annotations

from sqlalchemy import Engine, text

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
PAYLOAD = '{"event": {"id": "x", "type": "order.placed", "data": {"order_number": "R1", "line_items": []}}}'
# The numbers from :low to :high, and an id for each that is nowhere near its neighbour's.
SERIES = {
    "sqlite": (
        "WITH RECURSIVE series(n) AS (SELECT :low UNION ALL SELECT n + 1 FROM series WHERE n < :high) ",
        "lower(hex(randomblob(16)))",
        "series",
    ),
    "postgresql": (
        "",
        "md5(n::text || random()::text)",
        "generate_series(CAST(:low AS int), CAST(:high AS int)) AS series(n)",
    ),
}
CHORES = {"sqlite": ("ANALYZE",), "postgresql": ("VACUUM ANALYZE", "CHECKPOINT")}
EVENTS = """
INSERT INTO fullscript_event (environment, event_id, type, clinic_id, door, payload, happened_at, received_at,
 state, due_at, applied_at, attempts, announced)
{with_} SELECT 'local', {id_}, 'order.placed', :clinic, 'webhook', {payload}, {at}, {at},
 'applied', {at}, {at}, 1, true FROM {series}
"""
ORDERS = """
INSERT INTO fullscript_order (environment, clinic_id, fullscript_id, happened_at, stamps, order_number,
 treatment_plan_ids, practitioner_ids, line_items, is_whole)
{with_} SELECT 'local', :clinic, {id_}, {at}, {object}, 'R1', {list}, {list}, {list}, true FROM {series}
"""


def fill(engine: Engine, low: int, high: int) -> None:
    """Add events number *low* to *high*, and have the database do now what it does by itself later."""
    name = engine.dialect.name
    with_, id_, series = SERIES[name]
    cast = "::json" if name == "postgresql" else ""
    at = "CAST('2026-01-01 00:00:00.000000' AS timestamp)" if cast else "'2026-01-01 00:00:00.000000'"
    values = {"with_": with_, "id_": id_, "series": series, "at": at}
    json = {"payload": "CAST(:payload AS json)" if cast else ":payload"}
    empty = {"object": f"'{{}}'{cast}", "list": f"'[]'{cast}"}
    with engine.begin() as connection:
        connection.execute(
            text(EVENTS.format(**values, **json)),
            {"low": low, "high": high, "clinic": JUNIPER, "payload": PAYLOAD},
        )
        connection.execute(
            text(ORDERS.format(**values, **empty)), {"low": low, "high": high, "clinic": JUNIPER}
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for chore in CHORES[name]:
            connection.execute(text(chore))
