"""What can be said about a patient: the reading of each field, and the sentence where it breaks a rule.

Every reader takes the value, the field's name as sentences have it, and the list that it adds to.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email

from fullscript_sandbox.clock import now
from fullscript_sandbox.refusals import Invalid

GENDERS = ("male", "female", "x")
_MOBILE = re.compile(r"\+1\d{10}")  # guide: "in the format +12223334444"
_MAX_TEXT = 255
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")


def read_text(value: Any, label: str, messages: list[str]) -> str | None:
    """One line of text without blanks around it; None where there is nothing."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if len(text) > _MAX_TEXT:
        messages.append(f"{label} is too long (maximum is {_MAX_TEXT} characters)")
    elif not text.isprintable():
        messages.append(f"{label} is invalid")
    return text or None


def _required(value: Any, label: str, messages: list[str]) -> str | None:
    text = read_text(value, label, messages)
    if text is None:
        messages.append(f"{label} can't be blank")
    return text


def _email(value: Any, label: str, messages: list[str]) -> str | None:
    """A blank address is told twice, as the guide's example shows."""
    text = _required(value, label, messages)
    if text is None or not is_email(text):
        messages.append(f"{label} is invalid")
    return text


def is_email(text: str) -> bool:
    """True for an address that could exist; names kept for examples (.example, .test) are welcome."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        # RFC 2606 reserves these for invented people, who are all that live here.
        return "special-use or reserved name" in str(error)
    return True


def _birth(value: Any, label: str, messages: list[str]) -> date | None:
    text = read_text(value, label, messages)
    if text is None:
        return None
    try:
        born = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        born = None
    if born is None:
        messages.append(f"{label} is invalid")
    elif born > now().date():
        messages.append(f"{label} can't be in the future")
    return born


def _gender(value: Any, label: str, messages: list[str]) -> str | None:
    text = read_text(value, label, messages)
    if text is not None and text not in GENDERS:
        messages.append(f"{label} is not included in the list")
    return text


def _mobile(value: Any, label: str, messages: list[str]) -> str | None:
    text = read_text(value, label, messages)
    if text is not None and not _MOBILE.fullmatch(text):
        messages.append(f"{label} is invalid")
    return text


def _discount(value: Any, label: str, messages: list[str]) -> float:
    text = read_text(value, label, messages) or "0"
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,6}(\.\d{1,4})?", text):
        messages.append(f"{label} is not a number")
        return 0
    if not 0 <= float(text) <= 100:  # noqa: PLR2004 -- per cent
        messages.append(f"{label} must be between 0 and 100")
    return float(text)


def read_flag(value: Any, *, default: bool) -> bool:
    """Yes or no, as a boolean or in words; *default* where nothing was sent. Raises Invalid."""
    text = str(value).strip().lower()
    if value is None or text == "":
        return default
    if text not in _YES + _NO:
        raise Invalid(["Send welcome email must be true or false"])
    return text in _YES


def _text_messages(value: Any, _label: str, _messages: list[str]) -> bool:
    return read_flag(value, default=True)


# In the order in which the messages come; a new patient needs the first three.
READERS = {
    "first_name": _required,
    "last_name": _required,
    "email": _email,
    "date_of_birth": _birth,
    "gender": _gender,
    "mobile_number": _mobile,
    "discount": _discount,
    "text_message_notification": _text_messages,
}
REQUIRED = ("first_name", "last_name", "email")
