"""Numbers that a policy can hold, and the ranges that stand in for those that it cannot."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from eventroute.pattern.operators import Exists, Number, Range
from eventroute.pattern.operators.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.narrow.dialect import NumberLimits
    from eventroute.pattern.operators import Matcher

__all__ = ["fits", "hull", "widened"]


def fits(number: float, limits: NumberLimits) -> bool:
    """Tell whether a number may stand in a policy."""
    return _rounded(number, limits, ROUND_FLOOR) == number


def widened(test: Number | Range, limits: NumberLimits) -> Range | None:
    """The smallest range of a policy that holds every number which passes the test.

    :returns: ``None`` where only the range of all numbers does.
    """
    bounds = _as_range(test)
    above, below = bounds.above, bounds.below
    if not limits.compares_beyond and (
        above is None or below is None or above < limits.low or below > limits.high
    ):
        return None
    low = None if above is None or above < limits.low else _rounded(above, limits, ROUND_FLOOR)
    high = None if below is None or below > limits.high else _rounded(below, limits, ROUND_CEILING)
    if low is None and high is None:
        return None
    # Where decimals of an event are cut off, what lies beside a bound may fall on it.
    sharp = limits.compares_beyond
    return Range(
        low,
        low is not None and bounds.above_open and sharp,
        high,
        high is not None and bounds.below_open and sharp,
    )


def hull(tests: Sequence[Number | Range]) -> Matcher:
    """A range that holds every number which passes one of the tests, bounds included."""
    ranges = [_as_range(test) for test in tests]
    lows = [each.above for each in ranges if each.above is not None]
    highs = [each.below for each in ranges if each.below is not None]
    low = min(lows) if len(lows) == len(tests) else None
    high = max(highs) if len(highs) == len(tests) else None
    if low is None and high is None:
        return Exists(True)
    return Number(low) if low is not None and low == high else Range(low, False, high, False)


def _as_range(test: Number | Range) -> Range:
    return Range(test.number, False, test.number, False) if isinstance(test, Number) else test


def _rounded(number: float, limits: NumberLimits, direction: str) -> int | float:
    inside = min(max(number, limits.low), limits.high)
    step = Decimal(1).scaleb(-limits.decimals)
    return comparable(float(Decimal(repr(inside)).quantize(step, rounding=direction)))
