"""What a laboratory sends: a page that names patient, lab and markers, as PDF. All of it is invented."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import NamedTuple

from flask import Response, send_file
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

from fullscript_sandbox.models import LabOrder, LabResult, LabTest

LEFT, RIGHT, TOP, BOTTOM = 56, 556, 730, 72
COLUMNS = (LEFT, 330, 420, 500)  # marker, result, reference, whether it is within
INK, QUIET, LINE, MARK = HexColor("#14241c"), HexColor("#5b6b63"), HexColor("#c9d3cd"), HexColor("#9b2c1f")
SHARE_WITHIN = 0.8
WEB_PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in</h1><p>This is not a laboratory report.</p>"


class Report(NamedTuple):
    """What stands in a report, whoever asked for it."""

    lab: str
    company: str
    patient: str
    date_of_birth: date | None
    practitioner: str
    order_id: str
    result_id: str
    replaces_id: str | None
    reported_at: datetime
    markers: Sequence[str]


def made(kind: str, lab_order: LabOrder, result: LabResult, tests: Sequence[LabTest]) -> tuple[bytes, str]:
    """A document and what it says it is: the report, or what a test has in its place."""
    if kind in INSTEAD:
        return INSTEAD[kind]
    report = Report(
        lab=lab_order.lab.name,
        company=lab_order.lab.company,
        patient=lab_order.patient.name,
        date_of_birth=lab_order.patient.date_of_birth,
        practitioner=lab_order.practitioner.name,
        order_id=lab_order.id,
        result_id=result.id,
        replaces_id=result.replaces_id,
        reported_at=result.created_at,
        markers=[test.name for test in tests],
    )
    return written(report), "application/pdf"


INSTEAD = {
    "html": (WEB_PAGE, "text/html"),
    "disguised": (WEB_PAGE, "application/pdf"),
    "empty": (b"", "application/pdf"),
}


def shown(result: LabResult) -> Response:
    """The document as an answer, under the name of its id, and kept in no cache."""
    answer = send_file(BytesIO(result.pdf), result.content_type, download_name=f"{result.id}.pdf")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def written(report: Report) -> bytes:
    """The report as PDF; the same report gives the same bytes."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=LETTER, invariant=True, pdfVersion=(1, 4), lang="en-US")
    canvas.setTitle(f"{report.lab} · {report.patient}")
    canvas.setAuthor(report.company)
    _head(canvas, report)
    _table(canvas, report)
    canvas.save()
    return file.getvalue()


def _head(canvas: Canvas, report: Report) -> None:
    """Laboratory, patient, and what the report is of."""
    _text(canvas, LEFT, TOP, report.company, "Helvetica-Bold", 11, QUIET)
    _text(canvas, LEFT, TOP - 28, report.lab, "Helvetica-Bold", 20)
    born = f"{report.date_of_birth:%b %d, %Y}" if report.date_of_birth else "not given"
    lines = (
        f"Patient: {report.patient}   Date of birth: {born}",
        f"Ordered by: {report.practitioner}   Reported: {report.reported_at:%b %d, %Y %H:%M} UTC",
        f"Lab order: {report.order_id}",
        f"Report: {report.result_id}",
    )
    for number, line in enumerate(lines):
        _text(canvas, LEFT, TOP - 54 - 15 * number, line, size=10)
    if report.replaces_id:
        _text(canvas, LEFT, TOP - 118, f"Amended: replaces {report.replaces_id}", "Helvetica-Bold", 10, MARK)


def _table(canvas: Canvas, report: Report) -> None:
    """A line for each marker, on as many pages as it takes."""
    y = TOP - 150
    _row(canvas, y, ("Marker", "Result", "Reference", ""), "Helvetica-Bold")
    for marker in report.markers:
        y -= 22
        if y < BOTTOM:
            canvas.showPage()
            y = TOP
        value, low, high = _measured(report.result_id, marker)
        within = "" if low <= value <= high else "outside"
        _row(canvas, y, (marker, f"{value}", f"{low} - {high}", within))
    _text(
        canvas,
        LEFT,
        48,
        "Invented by the Fullscript sandbox. Nothing here was measured.",
        size=9,
        color=QUIET,
    )


def _measured(*names: str) -> tuple[int, int, int]:
    """A value and the range that it should be in."""
    chance = random.Random("/".join(names))  # noqa: S311 -- invented data, no secret
    low = chance.randint(2, 60)
    high = low + chance.randint(5, 90)
    within: Callable[[int, int], int] = chance.randint
    value = within(low, high) if chance.random() < SHARE_WITHIN else high + within(1, 20)
    return value, low, high


def _row(canvas: Canvas, y: float, cells: Sequence[str], font: str = "Helvetica") -> None:
    for x, cell in zip(COLUMNS, cells, strict=True):
        _text(canvas, x, y, cell, font, 10, MARK if cell == "outside" else INK)
    canvas.setStrokeColor(LINE)
    canvas.line(LEFT, y - 7, RIGHT, y - 7)


def _text(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    font: str = "Helvetica",
    size: int = 10,
    color: Color = INK,
) -> None:
    canvas.setFont(font, size)
    canvas.setFillColor(color)
    canvas.drawString(x, y, text)
