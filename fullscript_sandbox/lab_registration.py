"""A practitioner's registration for labs (guide: How to test labs, steps 3 to 7). Callers commit.

It takes an NPI in the account, the practitioner's name once more, and three agreements. Nobody can register
somebody else, and there are no labs outside the United States.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fullscript_sandbox.clock import now
from fullscript_sandbox.models import User
from fullscript_sandbox.refusals import Invalid, WrongState

# The only number that sandboxes take (guide: How to test labs, step 3).
TEST_NPI = "1111111111"
DIGITS = 10
# What has to be agreed to, and what is said where it was not.
AGREEMENTS = {
    "terms": "Terms of Service have to be agreed to",
    "agreement": "Business Associate Agreement has to be agreed to",
    "authorization": "Authorization network has to be agreed to",
}


def set_npi(user: User, npi: Any) -> None:
    """Keep a practitioner's NPI. Raises Invalid for one that is not ten digits or unknown in sandboxes."""
    _need_practitioner(user)
    number = "".join(str(npi or "").split())
    if not (number.isascii() and number.isdigit() and len(number) == DIGITS):
        raise Invalid([f"NPI has to be {DIGITS} digits"])
    if number != TEST_NPI:
        raise Invalid([f"NPI was not found. Sandboxes take {TEST_NPI} only"])
    user.npi = number


def register(user: User, form: Mapping[str, Any]) -> None:
    """Register a practitioner by the form that they filled in. Doing it twice changes nothing.

    Raises WrongState for whom it is not possible, Invalid with all that is wrong in the form: another name
    than the account's, an agreement that is missing, a signature that is not the name.
    """
    _need_practitioner(user)
    if user.npi is None:
        raise WrongState("An NPI is needed before the registration for labs")
    messages = [
        f"{label} is not the one of your account"
        for label, said, known in (
            ("First name", form.get("first_name"), user.first_name),
            ("Last name", form.get("last_name"), user.last_name),
            ("Signature", form.get("signature"), user.name),
        )
        if not _same(said, known)
    ]
    messages += [message for key, message in AGREEMENTS.items() if form.get(key) is not True]
    if messages:
        raise Invalid(messages)
    user.labs_registered_at = user.labs_registered_at or now()


def put(user: User, *, registered: bool) -> None:
    """Register a practitioner without the form, or end the registration. NPI and all."""
    _need_practitioner(user)
    user.npi = TEST_NPI if registered else None
    user.labs_registered_at = (user.labs_registered_at or now()) if registered else None


def is_registered(user: User) -> bool:
    """True for a practitioner whose plans may recommend labs."""
    return user.labs_registered_at is not None


def _need_practitioner(user: User) -> None:
    if not user.is_practitioner:
        raise WrongState("Only practitioners register for labs")
    if user.clinic.country != "US":
        raise WrongState("Labs are available in the US only")


def _same(said: Any, known: str) -> bool:
    return isinstance(said, str) and " ".join(said.split()).casefold() == known.casefold()
