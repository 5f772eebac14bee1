"""How things are said to patients."""

from __future__ import annotations

from fullscript_sandbox.models import Recommendation


def dosage(item: Recommendation) -> str:
    """How to take it: "2 capsules, twice per day, morning and evening, with food"; perhaps empty."""
    parts = (
        _amount(item),
        item.frequency,
        " and ".join(time for time in item.time_of_day or () if time not in (item.frequency or "")),
        f"with {item.take_with}" if item.take_with else "",
        _duration(item.duration),
    )
    text = ", ".join(part for part in parts if part)
    return text[:1].upper() + text[1:]


def _amount(item: Recommendation) -> str:
    amount, form = item.amount or "", item.format or ""
    several = amount not in ("", "1", "1/2") and not form.endswith(("s", "powder", "liquid", "gel"))
    return f"{amount} {form}s".strip() if form and several else f"{amount} {form}".strip()


def _duration(duration: str | None) -> str:
    if not duration or not duration.isdigit():
        return duration or ""
    return "for 1 day" if duration == "1" else f"for {duration} days"
