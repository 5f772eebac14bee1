"""The host's own people, as far as this extension has to know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is signed in to the host. *id* is the host's, and opaque to us."""

    id: str
    name: str
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient of the host, as the signed-in user may see them. Nothing of it but *id* is ever stored.

    *sex* is "female", "male" or anything else the host keeps; *discount* is in percent.
    """

    id: str
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    date_of_birth: date | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    mobile_number: str | None = field(default=None, repr=False)
    discount: float | None = field(default=None, repr=False)
