"""``{"exists": true}`` and ``{"exists": false}``: whether there is a leaf, whatever its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from eventroute.errors import PatternError
from eventroute.pattern.json_values import JSON, Scalar, shown
from eventroute.pattern.operators.matcher import kind

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["Exists", "parse_exists"]


@dataclass(frozen=True, slots=True)
class Exists:
    """Any leaf, or no leaf at all.

    Absence is no property of a leaf: matching asks for it where ``present`` is false.
    """

    present: bool
    operator: ClassVar[str] = "exists"

    def matches(self, _value: Scalar) -> bool:
        """See :class:`Matcher`."""
        return self.present

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        return f"{shown(value)} is there"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return {self.operator: self.present}


def parse_exists(operand: JSON, place: str, _limits: PatternLimits) -> Exists:
    """Read ``{"exists": true}`` or ``{"exists": false}``.

    :raises PatternError: the operand is no boolean.
    """
    if isinstance(operand, bool):
        return Exists(operand)
    raise PatternError(
        f"'exists' takes true or false, not {kind(operand)} ({shown(operand)})", pointer=place
    )
