"""Payments by card. No money moves: two numbers are known, one that pays and one that is declined."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from fullscript_sandbox.clock import now
from fullscript_sandbox.refusals import Invalid

PAYS = "4242424242424242"
IS_DECLINED = "4000000000000002"

_NUMBER = re.compile(r"\d{12,19}")
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*/\s*(?:20)?(\d{2})")
_CVC = re.compile(r"\d{3}")


class Declined(Exception):
    """The bank does not pay. Nothing was ordered."""


@dataclass(frozen=True)
class Card:
    """A card as somebody typed it. Kept nowhere, and never printed."""

    number: str = field(repr=False)
    expiry: str = field(repr=False)
    cvc: str = field(repr=False)

    @property
    def digits(self) -> str:
        """The number without the blanks and dashes that people type."""
        return re.sub(r"[\s-]", "", self.number)


def charge(card: Card) -> None:
    """Pay with *card*. Raises Invalid for what is written wrongly, Declined where it does not pay."""
    problems = (number_problem(card.digits), expiry_problem(card.expiry), cvc_problem(card.cvc))
    if messages := [problem for problem in problems if problem]:
        raise Invalid(messages)
    if card.digits == IS_DECLINED:
        raise Declined


def number_problem(digits: str) -> str | None:
    """Why these digits are no card that can be tried here, or None."""
    if not _NUMBER.fullmatch(digits) or not _adds_up(digits):
        return "Card number is not valid"
    if digits not in (PAYS, IS_DECLINED):
        return f"Card number is not one of a test card; {PAYS[:4]} {PAYS[:4]} {PAYS[:4]} {PAYS[:4]} pays"
    return None


def expiry_problem(expiry: str) -> str | None:
    """Why a card with this month and year cannot pay today, or None."""
    found = _EXPIRY.fullmatch(expiry.strip())
    if found is None:
        return "Expiration has to be a month and a year, such as 04/31"
    month, year = int(found[1]), 2000 + int(found[2])
    return "Card has expired" if _over(year, month, now()) else None


def cvc_problem(cvc: str) -> str | None:
    return None if _CVC.fullmatch(cvc.strip()) else "CVC has to be the 3 digits on the back of the card"


def _over(year: int, month: int, today: datetime) -> bool:
    """A card is good to the end of its month."""
    return (year, month) < (today.year, today.month)


def _adds_up(digits: str) -> bool:
    """The check digit of all cards (ISO/IEC 7812: Luhn)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits), 1)]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004 -- of Luhn's
