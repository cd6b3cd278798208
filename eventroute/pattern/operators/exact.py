"""Bare values: ``["KR"]``, ``[5]``, ``[true]``, ``[null]``, and ``[{"exactly": "KR"}]``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from eventroute.pattern.json_values import JSON, Scalar, shown
from eventroute.pattern.operators.likeness import likeness
from eventroute.pattern.operators.matcher import kind, string_operand
from eventroute.pattern.operators.numbers import as_number, comparable

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["Literal", "Number", "Text", "exact", "parse_exactly"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same string, character by character."""

    text: str
    operator: ClassVar[str] = "equals"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        return isinstance(value, str) and value == self.text

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        if isinstance(value, str):
            return likeness(self.text, value) or f"{shown(value)} is another string"
        return f"{shown(value)} is {kind(value)}, not a string"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return self.text


@dataclass(frozen=True, slots=True)
class Number:
    """The same number: ``1``, ``1.0`` and ``1e0`` are one number, ``true`` is none.

    :ivar number: as :func:`comparable` gives it.
    """

    number: int | float
    operator: ClassVar[str] = "equals"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        return as_number(value) == self.number

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        if as_number(value) is None:
            return f"{shown(value)} is {kind(value)}, not a number"
        return f"{shown(value)} is another number"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return self.number


@dataclass(frozen=True, slots=True)
class Literal:
    """``true``, ``false`` or ``null``."""

    literal: bool | None
    operator: ClassVar[str] = "equals"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        return value is self.literal

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        return f"{shown(value)} is {kind(value)}, not the value {shown(self.literal)}"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return self.literal


_SHORT: Final = 64

_text: Final = lru_cache(maxsize=4_096)(Text)
"""Many rules name the same short texts: one object for all is less memory to touch."""


def exact(value: Scalar) -> Text | Number | Literal:
    """The matcher of a bare value."""
    if isinstance(value, str):
        return _text(value) if len(value) <= _SHORT else Text(value)
    if value is None or isinstance(value, bool):
        return Literal(value)
    return Number(comparable(value))


def parse_exactly(operand: JSON, place: str, _limits: PatternLimits) -> Text:
    """Read ``{"exactly": "text"}``.

    :raises PatternError: the operand is no string.
    """
    return Text(string_operand("exactly", operand, place))
