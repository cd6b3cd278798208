"""``numeric`` and bare numbers: a mask for each stretch of the number line."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from math import inf, nextafter
from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators import Number
from eventroute.pattern.operators.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eventroute.pattern.operators import Range

__all__ = ["EXACT", "Line"]

# ``int | float`` and not ``float``: mypyc would make a double of every number.

EXACT: Final = 2.0**53
"""Doubles below are what they seem; beyond, the decimal that stands for them is another number."""


class Line:
    """A mask for each stretch of numbers on which no test begins or ends.

    :ivar starts: where stretches begin. Doubles lie side by side in an array, which is quick to
        search where many lines compete for the processor's caches.
    :ivar masks: of the numbers before the first start, and from each start on. So
        ``masks[bisect_right(starts, number)]`` is that of a number between `-EXACT` and `EXACT`.
    :param always: the rules that any number meets.
    """

    __slots__ = ("masks", "starts")

    def __init__(self, tests: Iterable[tuple[Number | Range, int]], always: int = 0) -> None:
        bounds = [(*_bounds(test), mask) for test, mask in tests]
        points = sorted(
            {point for low, _, high, _, _ in bounds for point in (low, high) if point is not None}
        )
        starts = [start for point in points for start in (point, _next(point))]
        last = len(starts)
        begin, end = [0] * (last + 2), [0] * (last + 2)
        seen = several = 0
        for bound in bounds:
            several |= seen & bound[-1]
            seen |= bound[-1]
        of_one_rule: dict[int, list[tuple[int, int]]] = {}
        for low, low_open, high, high_open, mask in bounds:
            first = 0 if low is None else bisect_right(starts, low) + low_open
            beyond = last + 1 if high is None else bisect_right(starts, high) + 1 - high_open
            rest = mask & several
            begin[first] |= mask ^ rest
            end[beyond] |= mask ^ rest
            while rest:
                bit = rest & -rest
                rest ^= bit
                of_one_rule.setdefault(bit, []).append((first, beyond))
        for bit, stretches in of_one_rule.items():
            for first, beyond in _merged(stretches):
                begin[first] |= bit
                end[beyond] |= bit
        mask, kept = begin[0], list[int | float]()
        self.masks = [mask | always]
        for start, starting, ending in zip(starts, begin[1:], end[1:], strict=False):
            if starting or ending:
                if ending:
                    mask &= ~ending
                mask |= starting
                kept.append(start)
                self.masks.append(mask | always)
        within = not kept or -EXACT < kept[0] <= kept[-1] < EXACT
        self.starts: Sequence[int | float] = array("d", kept) if within else kept

    def find(self, number: int | float) -> int:
        """The rules that ask for this number."""
        if not -EXACT < number < EXACT:
            number = comparable(number)
        return self.masks[bisect_right(self.starts, number)]

    def find_any(self, numbers: list[int | float]) -> int:
        """The rules that ask for one of these numbers; most arrays lie close together."""
        low, high, starts = min(numbers), max(numbers), self.starts
        if not -EXACT < low <= high < EXACT:
            stretches = {bisect_right(starts, comparable(number)) for number in numbers}
        else:
            place = bisect_right(starts, low)
            if place == len(starts) or high < starts[place]:
                return self.masks[place]  # all lie on one stretch
            stretches = {bisect_right(starts, number) for number in numbers}
        mask = 0
        for stretch in stretches:
            mask |= self.masks[stretch]
        return mask


def _next(point: int | float) -> int | float:
    """The smallest number above one that a rule names, of those that `comparable` gives."""
    return nextafter(point, inf) if -EXACT < point < EXACT else point + 1


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
