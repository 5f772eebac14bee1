"""How to take something, as a person would say it to a patient."""

from __future__ import annotations

import re

# Where a sentence of the practitioner's own begins within the parts of a dosage.
_SENTENCE = re.compile(r"[.,]? *, (?=[A-Z])")


def in_plain_words(dosage: str) -> str:
    """A dosage such as "1 capsule, every morning, morning, with food" as sentences, nothing said twice."""
    said: list[str] = []
    for part in dosage.strip().rstrip(".").split(", "):
        if part and not any(part.casefold() in other.casefold() for other in said):
            said.append(part)
    text = _SENTENCE.sub(". ", ", ".join(said))
    if not text:
        return ""
    return f"{text}." if text[0].isupper() else f"Take {text}."
