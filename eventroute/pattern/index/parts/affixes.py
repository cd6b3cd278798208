"""``prefix`` and ``suffix``: a hash table for each length that some test has.

The cost grows with the number of different lengths, not with the number of tests.
"""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from eventroute.pattern.index.parts.part import Buckets
from eventroute.pattern.operators.spelling import fold

if TYPE_CHECKING:
    from eventroute.pattern.index.parts.part import Target
    from eventroute.pattern.operators import Prefix, Suffix

__all__ = ["Prefixes", "Suffixes"]


class _ByLength:
    """Texts by their length: those that begin, or end, another text."""

    __slots__ = ("_at_end", "_by_length", "_lengths")

    def __init__(self, *, at_end: bool) -> None:
        self._at_end = at_end
        self._lengths: list[int] = []
        self._by_length: dict[int, Buckets[str]] = {}

    def add(self, text: str, test: object, target: Target) -> None:
        length = len(text)
        if length not in self._by_length:
            self._by_length[length] = Buckets()
            insort(self._lengths, length)
        self._by_length[length].add(text, test, target)

    def remove(self, text: str, test: object, target: Target) -> None:
        length = len(text)
        buckets = self._by_length[length]
        buckets.remove(text, test, target)
        if not buckets.rows:
            self._lengths.remove(length)
            del self._by_length[length]

    def find(self, text: str, leaf: str | None) -> list[Target]:
        """The targets; with a leaf, only of tests that accept it."""
        found: list[Target] = []
        whole = len(text)
        for length in self._lengths:
            if length > whole:
                break
            rows = self._by_length[length].rows.get(
                text[whole - length :] if self._at_end else text[:length]
            )
            if rows:
                found += [target for test, target in rows if leaf is None or test.matches(leaf)]
        return found

    def __len__(self) -> int:
        return len(self._lengths)


class _Affixes:
    """Exact texts, and texts in either case under their folded form."""

    __slots__ = ("_exact", "_folded")

    def __init__(self, *, at_end: bool) -> None:
        self._exact = _ByLength(at_end=at_end)
        self._folded = _ByLength(at_end=at_end)

    def add(self, test: Prefix | Suffix, target: Target) -> None:
        """See :class:`Part`."""
        if test.ignore_case:
            self._folded.add(fold(test.text), test, target)
        else:
            self._exact.add(test.text, test, target)

    def remove(self, test: Prefix | Suffix, target: Target) -> None:
        """See :class:`Part`."""
        if test.ignore_case:
            self._folded.remove(fold(test.text), test, target)
        else:
            self._exact.remove(test.text, test, target)

    def find(self, leaf: str) -> list[Target]:
        """See :class:`Part`."""
        found = self._exact.find(leaf, None)
        if len(self._folded):
            # Folding puts more together than the language does, so each hit is checked.
            found += self._folded.find(fold(leaf), leaf)
        return found

    def __len__(self) -> int:
        return len(self._exact) + len(self._folded)


class Prefixes(_Affixes):
    """See :class:`Part`."""

    def __init__(self) -> None:
        super().__init__(at_end=False)


class Suffixes(_Affixes):
    """See :class:`Part`."""

    def __init__(self) -> None:
        super().__init__(at_end=True)
