"""``wildcard`` with a fixed start or end: both are looked up, and only what has both is matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.index.masks.affixes import Affixes

if TYPE_CHECKING:
    from eventroute.pattern.operators import Wildcard

__all__ = ["Wildcards"]


class Wildcards:
    """See :class:`Masks`. Wildcards without a start or an end are kept in a table."""

    __slots__ = ("_any_end", "_any_start", "_ends", "_starts", "_tests")

    def __init__(self) -> None:
        self._starts = Affixes(at_end=False)
        self._ends = Affixes(at_end=True)
        self._any_start = 0
        self._any_end = 0
        self._tests: dict[int, list[Wildcard]] = {}

    @staticmethod
    def keeps(test: Wildcard) -> bool:
        """See :class:`Masks`."""
        return len(test.segments) > 1 and bool(test.segments[0] or test.segments[-1])

    def add(self, test: Wildcard, bit: int) -> None:
        """See :class:`Masks`."""
        start, *_, end = test.segments
        if start:
            self._starts.add_text(start, bit)
        else:
            self._any_start |= bit
        if end:
            self._ends.add_text(end, bit)
        else:
            self._any_end |= bit
        self._tests.setdefault(bit, []).append(test)

    def find(self, text: str, others: int) -> int:
        """See :class:`Masks`."""
        mask = likely = self._starts.find(text, self._any_start) & (
            self._ends.find(text, self._any_end)
        )
        while likely:
            bit = likely & -likely
            likely ^= bit
            if not any(test.matches(text) for test in self._tests[bit]):
                mask ^= bit
        return mask | others
