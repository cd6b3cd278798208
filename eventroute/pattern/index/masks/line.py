"""``numeric`` and bare numbers: a mask for each stretch of the number line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators import Number
from eventroute.pattern.operators.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.pattern.operators import Range

__all__ = ["Line"]

# ``int | float`` and not ``float``: mypyc would make a double of every number.

_EXACT: Final = 2.0**53
"""Doubles below are what they seem; beyond, the decimal that stands for them is another number."""


class Line:
    """A mask for each number that a rule names, and for each stretch between two of them."""

    __slots__ = ("_masks", "_points")

    def __init__(self, tests: Iterable[tuple[Number | Range, int]]) -> None:
        bounds = [(*_bounds(test), mask) for test, mask in tests]
        self._points = sorted(
            {point for low, _, high, _, _ in bounds for point in (low, high) if point is not None}
        )
        last = 2 * len(self._points)
        begin, end = [0] * (last + 2), [0] * (last + 2)
        seen = several = 0
        for bound in bounds:
            several |= seen & bound[-1]
            seen |= bound[-1]
        of_one_rule: dict[int, list[tuple[int, int]]] = {}
        for low, low_open, high, high_open, mask in bounds:
            first = 0 if low is None else self._stretch(low) + low_open
            beyond = last + 1 if high is None else self._stretch(high) + 1 - high_open
            begin[first] |= mask & ~several
            end[beyond] |= mask & ~several
            rest = mask & several
            while rest:
                bit = rest & -rest
                rest ^= bit
                of_one_rule.setdefault(bit, []).append((first, beyond))
        for bit, stretches in of_one_rule.items():
            for first, beyond in _merged(stretches):
                begin[first] |= bit
                end[beyond] |= bit
        mask = 0
        self._masks: list[int] = []
        for starting, ending in zip(begin, end, strict=True):
            mask = mask & ~ending | starting
            self._masks.append(mask)

    def _stretch(self, number: int | float) -> int:
        return bisect_left(self._points, number) + bisect_right(self._points, number)

    def find(self, number: int | float) -> int:
        """The rules that ask for this number."""
        if not -_EXACT < number < _EXACT:
            number = comparable(number)
        points = self._points
        return self._masks[bisect_left(points, number) + bisect_right(points, number)]

    def find_any(self, numbers: list[int | float]) -> int:
        """The rules that ask for one of these numbers; most arrays lie close together."""
        low, high = min(numbers), max(numbers)
        if not -_EXACT < low <= high < _EXACT:
            stretches = {self._stretch(comparable(number)) for number in numbers}
        elif (place := bisect_left(self._points, low)) == bisect_right(self._points, high):
            return self._masks[2 * place]  # no point lies among them
        else:
            points = self._points
            stretches = {bisect_left(points, one) + bisect_right(points, one) for one in numbers}
        mask = 0
        for stretch in stretches:
            mask |= self._masks[stretch]
        return mask


def _merged(stretches: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Stretches that overlap or touch as one."""
    stretches.sort()
    first, beyond = stretches[0]
    for start, stop in stretches:
        if start > beyond:
            yield first, beyond
            first, beyond = start, stop
        else:
            beyond = max(beyond, stop)
    yield first, beyond


def _bounds(test: Number | Range) -> tuple[int | float | None, bool, int | float | None, bool]:
    """Lowest number and whether it is excluded, highest number and whether it is."""
    if isinstance(test, Number):
        return test.number, False, test.number, False
    return test.above, test.above_open, test.below, test.below_open
