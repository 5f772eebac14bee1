"""Documents of one page: what lab results and resources hold."""

from __future__ import annotations

from collections.abc import Sequence

# A letter page in points, and where its text begins.
PAGE = (612, 792)
LEFT, TOP = 72, 720


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """A PDF 1.4 with *title* and *lines*; letters that Latin-1 lacks become question marks."""
    text = [f"BT /F1 20 Tf {LEFT} {TOP} Td ({_escaped(title)}) Tj /F1 11 Tf 0 -34 Td"]
    text += [f"({_escaped(line)}) Tj 0 -17 Td" for line in lines]
    content = "\n".join([*text, "ET"]).encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R" % PAGE
        + b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    """The file, with the table that says where each object begins."""
    document = bytearray(b"%PDF-1.4\n")
    table = [b"0000000000 65535 f "]
    for number, content in enumerate(objects, 1):
        table.append(b"%010d 00000 n " % len(document))
        document += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(document)
    document += b"xref\n0 %d\n%b\n" % (len(table), b"\n".join(table))
    document += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(table), start)
    return bytes(document)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
