"""``{"equals-ignore-case": "kr"}``: the same string in any upper and lower case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from eventroute.pattern.json_values import JSON, Scalar, shown
from eventroute.pattern.operators.likeness import likeness
from eventroute.pattern.operators.matcher import string_operand, wants_string
from eventroute.pattern.operators.spelling import same

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["EqualsIgnoreCase", "parse_equals_ignore_case"]


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    """The same string, where each character may be in upper or lower case."""

    text: str
    operator: ClassVar[str] = "equals-ignore-case"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        return isinstance(value, str) and same(self.text, value)

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        reason = wants_string(self.operator, value)
        if reason is None and isinstance(value, str):
            reason = likeness(self.text, value, ignore_case=True)
        return reason or f"{shown(value)} is another string"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return {self.operator: self.text}


def parse_equals_ignore_case(
    operand: JSON,
    place: str,
    _limits: PatternLimits,
) -> EqualsIgnoreCase:
    """Read ``{"equals-ignore-case": "text"}``.

    :raises PatternError: the operand is no string.
    """
    return EqualsIgnoreCase(string_operand("equals-ignore-case", operand, place))
