"""How a record is declared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

from fullscript_embed.api.parsing import Record

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make *cls* a frozen dataclass whose repr shows no more than its id."""
    return dataclass(frozen=True, slots=True, kw_only=True, repr=False)(cls)


@record
class Named(Record):
    """An id and a name: an allergen, an ingredient, a supplement type, a certification, a category."""

    id: str = ""
    name: str | None = None


@record
class Reference(Record):
    """An id that stands for a record, as in the `patient` of a treatment plan."""

    id: str = ""


@record
class Metadata(Record):
    """Your own id for a record at Fullscript; None when there is none."""

    id: str | None = None
