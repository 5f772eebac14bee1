"""Why the sandbox says no. Domain modules raise these; api_errors.py turns them into answers.

Refused
├── Invalid       the data breaks rules: 422, one sentence a rule
├── NotFound      there is no such record for this clinic: 404
└── WrongState    the record cannot do that now: 422
"""

from __future__ import annotations


class Refused(Exception):
    """Something was asked for that cannot be done."""


class Invalid(Refused):
    """Data that breaks rules; `messages` says which, as Rails would ("Email can't be blank")."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


class NotFound(Refused):
    """No such record, or not one of this clinic: from outside the two cannot be told apart."""

    def __init__(self, what: str = "Record") -> None:
        super().__init__(f"{what} not found")
        self.what = what


class WrongState(Refused):
    """A record that is not in the state that the change starts from."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
