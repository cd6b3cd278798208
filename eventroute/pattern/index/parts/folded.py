"""``equals-ignore-case``: one hash table of folded texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.index.parts.part import Buckets
from eventroute.pattern.operators.spelling import fold

if TYPE_CHECKING:
    from eventroute.pattern.index.node import Node
    from eventroute.pattern.operators import EqualsIgnoreCase

__all__ = ["Folded"]


class Folded:
    """See :class:`Part`."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: Buckets[str] = Buckets()

    def add(self, test: EqualsIgnoreCase, node: Node) -> None:
        """See :class:`Part`."""
        self._buckets.add(fold(test.text), test, node)

    def remove(self, test: EqualsIgnoreCase, node: Node) -> None:
        """See :class:`Part`."""
        self._buckets.remove(fold(test.text), test, node)

    def find(self, leaf: str) -> list[Node]:
        """See :class:`Part`."""
        rows = self._buckets.rows.get(fold(leaf))
        # Folding puts more together than the language does, so each hit is checked.
        return [node for test, node in rows if test.matches(leaf)] if rows else []

    def __len__(self) -> int:
        return len(self._buckets.rows)
