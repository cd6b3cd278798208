"""``numeric`` ranges: an interval tree that grows and shrinks in place.

One-sided ranges are two sorted lists. A range with two bounds lies in the smallest binary block of
the number line that holds both; a number lies in one block of each size, and in such a block only
one of the two bounds is in question. So a look-up costs a few table accesses and its hits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from math import inf
from operator import itemgetter
from struct import pack, unpack
from sys import float_info
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from eventroute.pattern.index.parts.part import Target
    from eventroute.pattern.operators import Range

__all__ = ["Ranges"]

_LARGEST: Final = float_info.max

_FEW: Final = 8
"""So many ranges are compared one by one, which is faster than the tree."""

_Bound: TypeAlias = tuple[int | float, int]
"""A bound that compares with ``(number, 0)``: 1 excludes it below, -1 excludes it above."""

_Comparison: TypeAlias = "tuple[float, bool, float, bool, Target]"
"""Lowest number and whether it is in the range, highest number and whether it is, the target."""

_bound: Final = itemgetter(0)


class _Sorted:
    """Targets in the order of their bounds."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: list[tuple[_Bound, Target]] = []

    def add(self, bound: _Bound, target: Target) -> None:
        insort(self._rows, (bound, target), key=_bound)

    def remove(self, bound: _Bound, target: Target) -> None:
        place = bisect_left(self._rows, bound, key=_bound)
        while self._rows[place][1] is not target:
            place += 1
        del self._rows[place]

    def up_to(self, bound: _Bound) -> list[Target]:
        return [target for _, target in self._rows[: bisect_right(self._rows, bound, key=_bound)]]

    def from_(self, bound: _Bound) -> list[Target]:
        return [target for _, target in self._rows[bisect_left(self._rows, bound, key=_bound) :]]

    def __len__(self) -> int:
        return len(self._rows)


class _Block:
    """The ranges that reach over the middle of a block."""

    __slots__ = ("lower", "upper")

    def __init__(self) -> None:
        self.lower = _Sorted()
        self.upper = _Sorted()


class Ranges:
    """See :class:`Part`."""

    __slots__ = ("_blocks", "_compared", "_few", "_from_above", "_from_below", "_sizes")

    def __init__(self) -> None:
        self._few: list[tuple[Range, Target]] | None = []
        self._compared: list[_Comparison] = []
        self._from_below = _Sorted()
        self._from_above = _Sorted()
        self._blocks: dict[tuple[int, int], _Block] = {}
        self._sizes: dict[int, int] = {}

    def add(self, test: Range, target: Target) -> None:
        """See :class:`Part`."""
        if self._few is None:
            self._plant(test, target)
            return
        self._few.append((test, target))
        if len(self._few) > _FEW:
            few, self._few = self._few, None
            for row in few:
                self._plant(*row)
        else:
            self._compared.append(_comparison(test, target))

    def remove(self, test: Range, target: Target) -> None:
        """See :class:`Part`."""
        if self._few is not None:
            self._few.remove((test, target))
            self._compared = [_comparison(*row) for row in self._few]
            return
        lower, upper = _lower(test), _upper(test)
        if lower is None or upper is None:
            if lower is not None:
                self._from_below.remove(lower, target)
            if upper is not None:
                self._from_above.remove(upper, target)
            return
        size, number = place = _place(lower[0], upper[0])
        block = self._blocks[place]
        block.lower.remove(lower, target)
        block.upper.remove(upper, target)
        if not len(block.lower):
            del self._blocks[size, number]
            self._sizes[size] -= 1
            if not self._sizes[size]:
                del self._sizes[size]

    def find(self, leaf: float) -> list[Target]:
        """See :class:`Part`."""
        if self._few is not None:
            return [
                target
                for low, with_low, high, with_high, target in self._compared
                if (low < leaf or (with_low and low == leaf))
                and (leaf < high or (with_high and leaf == high))
            ]
        bound = (leaf, 0)
        found = self._from_below.up_to(bound) if len(self._from_below) else []
        if len(self._from_above):
            found += self._from_above.from_(bound)
        if self._sizes:
            place = _order(leaf)
            for size in self._sizes:
                block = self._blocks.get((size, place >> size))
                if block is None:
                    continue
                if not size:  # both bounds are the same double, but perhaps not the same number
                    above = set(block.upper.from_(bound))
                    found += [target for target in block.lower.up_to(bound) if target in above]
                elif place >> (size - 1) & 1:
                    found += block.upper.from_(bound)
                else:
                    found += block.lower.up_to(bound)
        return found

    def __len__(self) -> int:
        if self._few is not None:
            return len(self._few)
        return len(self._from_below) + len(self._from_above) + len(self._blocks)

    def _plant(self, test: Range, target: Target) -> None:
        lower, upper = _lower(test), _upper(test)
        if lower is not None and upper is not None:
            size, number = place = _place(lower[0], upper[0])
            if place not in self._blocks:
                self._blocks[size, number] = _Block()
                self._sizes[size] = self._sizes.get(size, 0) + 1
            self._blocks[place].lower.add(lower, target)
            self._blocks[place].upper.add(upper, target)
        elif lower is not None:
            self._from_below.add(lower, target)
        elif upper is not None:
            self._from_above.add(upper, target)


def _comparison(test: Range, target: Target) -> _Comparison:
    low = -inf if test.above is None else test.above
    high = inf if test.below is None else test.below
    return low, not test.above_open, high, not test.below_open, target


def _lower(test: Range) -> _Bound | None:
    return None if test.above is None else (test.above, 1 if test.above_open else 0)


def _upper(test: Range) -> _Bound | None:
    return None if test.below is None else (test.below, -1 if test.below_open else 0)


def _place(low: float, high: float) -> tuple[int, int]:
    """Size (as a power of two) and number of the smallest block that holds both."""
    first, last = _order(low), _order(high)
    size = (first ^ last).bit_length()
    return size, first >> size


def _order(number: float) -> int:
    """The place of a number on the line of doubles: never decreasing, from 0 to 2**64 - 1."""
    number = min(max(number, -_LARGEST), _LARGEST)  # a whole number may be beyond
    (bits,) = unpack(">Q", pack(">d", number + 0.0))  # -0.0 stands where 0.0 does
    place: int = bits ^ (0xFFFFFFFFFFFFFFFF if bits >> 63 else 0x8000000000000000)
    return place
