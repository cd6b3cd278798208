"""The dialects to write in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DRAFT_04", "OPENAPI_30", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a dialect has.

    :ivar prefix: begins a reference to a definition.
    :ivar is_openapi: it has ``nullable`` instead of ``null``, neither tuples nor
        ``patternProperties``, and takes no keyword that it does not know.
    """

    prefix: str
    is_openapi: bool


DRAFT_04: Final = Target("#/definitions/", is_openapi=False)
OPENAPI_30: Final = Target("#/components/schemas/", is_openapi=True)
