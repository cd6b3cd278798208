"""Where a schema means a Decimal, and how the code generator is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eventroute.decimals import DECIMAL_FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["is_decimal", "with_decimals"]

_DECIMAL: Final = {"type": "number", "format": "decimal"}
"""What the generator writes a Decimal for."""
_TEXT: Final = re.compile(DECIMAL_FORMS[1]["pattern"], re.ASCII)


def is_decimal(value: object) -> bool:
    """Whether a value is the text of a Decimal."""
    return isinstance(value, str) and _TEXT.fullmatch(value) is not None


def with_decimals(schema: Mapping[str, object], parts: Sequence[object]) -> list[object]:
    """The alternatives of a schema; the two that pydantic writes for a Decimal become one.

    They must be exactly those: other texts are no Decimals, and bounds hold for the numbers alone.

    :param parts: what is in its ``anyOf``.
    """
    found = list(parts)
    default = schema.get("default")
    if not (default is None or is_decimal(default)):
        return found  # the generator would give it to a Decimal as it is
    size = len(DECIMAL_FORMS)
    for place in range(len(found) - size + 1):
        if tuple(found[place : place + size]) == DECIMAL_FORMS:
            found[place : place + size] = [_DECIMAL]
    return found
