"""How values look where a schema leaves the choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLAIN", "TELLING", "Style"]


@dataclass(frozen=True, slots=True)
class Style:
    """The choices.

    :ivar word: a text where any will do.
    :ivar step: between numbers that need not be whole.
    :ivar varied: whether elements of an array differ though they need not, and an object that may
        hold anything holds something.
    :ivar formats: texts of formats that are other than usual.
    """

    word: str
    step: Fraction
    varied: bool
    formats: Mapping[str, str] = field(default_factory=dict[str, str])


TELLING: Final = Style("text", Fraction(1, 100), varied=True)
"""For people to read."""

PLAIN: Final = Style(
    "x",
    Fraction(1),
    varied=False,
    # A day that readers may get wrong.
    formats={"date": "2024-02-29", "date-time": "2024-02-29T12:00:00Z"},
)
"""For programs to read: as little as possible."""
