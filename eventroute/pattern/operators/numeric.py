"""``{"numeric": [">=", 0, "<", 100]}``: numbers by comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from eventroute.errors import PatternError
from eventroute.jsontext import pointer
from eventroute.pattern.json_values import JSON, Scalar, shown
from eventroute.pattern.operators.exact import Number
from eventroute.pattern.operators.matcher import kind
from eventroute.pattern.operators.numbers import as_number, comparable

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["Range", "parse_numeric"]

_FORMS: Final = 'write ["=", 5], [">", 0], ["<=", 9] or a range such as [">", 0, "<=", 9]'


@dataclass(frozen=True, slots=True)
class Range:
    """A number between two bounds; ``None`` is no bound.

    :ivar above_open: the lower bound itself does not match (``>``).
    :ivar below_open: the upper bound itself does not match (``<``).
    """

    above: int | float | None
    above_open: bool
    below: int | float | None
    below_open: bool
    operator: ClassVar[str] = "numeric"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        number = as_number(value)
        return number is not None and self.holds(number)

    def holds(self, number: float) -> bool:
        """Tell whether a number, as :func:`comparable` gives it, lies in the range."""
        if self.above is not None and (
            number < self.above or (self.above_open and number == self.above)
        ):
            return False
        return self.below is None or (
            number < self.below or (not self.below_open and number == self.below)
        )

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        if as_number(value) is None:
            return f"{shown(value)} is {kind(value)}; 'numeric' tests numbers only"
        return f"{shown(value)} is out of range"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        terms: list[JSON] = []
        if self.above is not None:
            terms += [">" if self.above_open else ">=", self.above]
        if self.below is not None:
            terms += ["<" if self.below_open else "<=", self.below]
        return {self.operator: terms}


def parse_numeric(operand: JSON, place: str, _limits: PatternLimits) -> Range | Number:
    """Read ``{"numeric": [comparison, number]}`` or a range of two comparisons.

    ``["=", 5]`` is the bare number 5.

    :raises PatternError: another shape, bounds in the wrong order, or no number between them.
    """
    if not isinstance(operand, list):
        raise PatternError(
            f"'numeric' takes a list, not {kind(operand)} ({shown(operand)}); {_FORMS}",
            pointer=place,
        )
    if len(operand) not in (2, 4):
        raise PatternError(
            f"'numeric' takes one or two comparisons, not {shown(operand)}; {_FORMS}",
            pointer=place,
        )
    sign, bound = _comparison(operand, 0, place, ("=", ">", ">=", "<", "<="))
    if len(operand) == 2:
        if sign == "=":
            return Number(bound)
        if sign in (">", ">="):
            return Range(bound, sign == ">", None, False)
        return Range(None, False, bound, sign == "<")
    if sign not in (">", ">="):
        raise PatternError(
            f"a numeric range begins with > or >=, not {shown(sign)}; {_FORMS}",
            pointer=place + pointer(0),
        )
    upper_sign, upper = _comparison(operand, 2, place, ("<", "<="))
    if not bound < upper:
        raise PatternError(
            f"no range lies between {shown(bound)} and {shown(upper)}; the first bound must be "
            "the smaller one",
            pointer=place,
        )
    return Range(bound, sign == ">", upper, upper_sign == "<")


def _comparison(
    terms: list[JSON], index: int, place: str, signs: tuple[str, ...]
) -> tuple[str, int | float]:
    sign, bound = terms[index], terms[index + 1]
    if not isinstance(sign, str) or sign not in signs:
        raise PatternError(
            f"{shown(sign)} is no comparison here; use one of {' '.join(signs)}",
            pointer=place + pointer(index),
        )
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        raise PatternError(
            f"{shown(sign)} compares with a number, not {kind(bound)} ({shown(bound)})",
            pointer=place + pointer(index + 1),
        )
    return sign, comparable(bound)
