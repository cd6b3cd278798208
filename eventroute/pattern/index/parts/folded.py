"""``equals-ignore-case``: one hash table of folded texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.index.parts.part import Buckets
from eventroute.pattern.operators.spelling import fold

if TYPE_CHECKING:
    from eventroute.pattern.index.parts.part import Target
    from eventroute.pattern.operators import EqualsIgnoreCase

__all__ = ["Folded"]


class Folded:
    """See :class:`Part`."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: Buckets[str] = Buckets()

    def add(self, test: EqualsIgnoreCase, target: Target) -> None:
        """See :class:`Part`."""
        self._buckets.add(fold(test.text), test, target)

    def remove(self, test: EqualsIgnoreCase, target: Target) -> None:
        """See :class:`Part`."""
        self._buckets.remove(fold(test.text), test, target)

    def find(self, leaf: str) -> list[Target]:
        """See :class:`Part`."""
        rows = self._buckets.rows.get(fold(leaf))
        # Folding puts more together than the language does, so each hit is checked.
        return [target for test, target in rows if test.matches(leaf)] if rows else []

    def __len__(self) -> int:
        return len(self._buckets.rows)
