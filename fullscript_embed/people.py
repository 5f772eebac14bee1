"""The host's own people, as far as this extension has to know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is signed in to the host. *id* is the host's, and opaque to us.

    With the tokens of a whole clinic (apps made before 2021-08-26) Fullscript has to be told for whom a
    session grant is: *fullscript_user_id* is then that person's id there, *fullscript_user_type* is
    "Practitioner" or "Staff". With anybody's own connection both are ignored.

    Everything of this extension is closed for somebody who *is_enabled* is False for; what they connected
    is kept for when they are switched on again.
    """

    id: str
    name: str
    is_admin: bool = False
    fullscript_user_id: str | None = None
    fullscript_user_type: str = "Practitioner"
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient of the host, as the signed-in user may see them. Nothing of it but *id* is ever stored.

    *sex* is "female", "male" or anything else the host keeps; *discount* is in percent. *is_dependent* is
    None in a host that does not know who is in whose care.
    """

    id: str
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    date_of_birth: date | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    mobile_number: str | None = field(default=None, repr=False)
    discount: float | None = field(default=None, repr=False)
    is_dependent: bool | None = field(default=None, repr=False)
