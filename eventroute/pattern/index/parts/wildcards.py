"""``wildcard``: tests are kept under a piece of text that every match must hold.

The piece is the start or the end of the wildcard where it has one, else a few characters from its
middle. What holds the piece is checked against the whole wildcard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from eventroute.pattern.index.parts.part import Buckets

if TYPE_CHECKING:
    from eventroute.pattern.index.parts.part import Target
    from eventroute.pattern.operators import Wildcard

__all__ = ["Wildcards"]

_GRAM: Final = 4
"""Characters of a piece from the middle."""

_LENGTHS: Final = (16, 8, 4, 2, 1)
"""Characters of a piece from an end; the longest that fits is taken."""

_Place = tuple[Literal["start", "end", "middle", "none"], int, str]


class Wildcards:
    """See :class:`Part`."""

    __slots__ = ("_ends", "_middles", "_others", "_places", "_starts")

    def __init__(self) -> None:
        self._starts: dict[int, Buckets[str]] = {}
        self._ends: dict[int, Buckets[str]] = {}
        self._middles: dict[int, Buckets[str]] = {}
        self._others: Buckets[None] = Buckets()
        # Which piece a test is under depends on what was there when it came.
        self._places: dict[tuple[Wildcard, Target], _Place] = {}

    def add(self, test: Wildcard, target: Target) -> None:
        """See :class:`Part`."""
        place = self._place(test)
        self._places[test, target] = place
        where, length, piece = place
        if where == "none":
            self._others.add(None, test, target)
            return
        self._table(where).setdefault(length, Buckets()).add(piece, test, target)

    def remove(self, test: Wildcard, target: Target) -> None:
        """See :class:`Part`."""
        where, length, piece = self._places.pop((test, target))
        if where == "none":
            self._others.remove(None, test, target)
            return
        buckets = self._table(where)[length]
        buckets.remove(piece, test, target)
        if not buckets.rows:
            del self._table(where)[length]

    def find(self, leaf: str) -> list[Target]:
        """See :class:`Part`."""
        whole = len(leaf)
        rows = [*self._others.rows.get(None, ())]
        for length, buckets in self._starts.items():
            rows += buckets.rows.get(leaf[:length], ())
        for length, buckets in self._ends.items():
            if length <= whole:
                rows += buckets.rows.get(leaf[whole - length :], ())
        for length, buckets in self._middles.items():
            known = buckets.rows
            for gram in {leaf[start : start + length] for start in range(whole - length + 1)}:
                rows += known.get(gram, ())
        return [target for test, target in rows if test.matches(leaf)]

    def __len__(self) -> int:
        return len(self._places)

    def _table(self, where: str) -> dict[int, Buckets[str]]:
        if where == "start":
            return self._starts
        return self._ends if where == "end" else self._middles

    def _place(self, test: Wildcard) -> _Place:
        first, last = test.segments[0], test.segments[-1]
        length = next((one for one in _LENGTHS if one <= max(len(first), len(last))), 0)
        if length:
            if len(first) >= length:
                return "start", length, first[:length]
            return "end", length, last[len(last) - length :]
        middle = max(test.segments, key=len)
        length = min(_GRAM, len(middle))
        if not length:
            return "none", 0, ""
        known = self._middles[length].rows if length in self._middles else {}
        grams = {middle[start : start + length] for start in range(len(middle) - length + 1)}
        rarest = min(sorted(grams), key=lambda gram: len(known.get(gram, ())))
        return "middle", length, rarest
