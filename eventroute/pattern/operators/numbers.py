"""Numbers as JSON writes them: decimals, which Python reads as ``int`` or ``float``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eventroute.pattern.json_values import Scalar

__all__ = ["as_number", "comparable"]

_EXACT: Final = 2.0**53


def comparable(number: float) -> int | float:
    """The number in the form in which equal numbers compare equal.

    ``1e23`` and the integer it stands for differ in Python, since no double is exactly 10²³.
    """
    if isinstance(number, float) and number.is_integer():
        return int(number) if abs(number) < _EXACT else int(Decimal(repr(number)))
    return number


def as_number(value: Scalar) -> int | float | None:
    """The leaf as a comparable number, or ``None`` if it is none; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return comparable(value)
