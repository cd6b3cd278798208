"""Tests without order among them: each is tried. The cost grows with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventroute.pattern.index.node import Node

__all__ = ["OneByOne"]


class OneByOne:
    """See :class:`Part`."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: list[tuple[Any, Node]] = []

    def add(self, test: object, node: Node) -> None:
        """See :class:`Part`."""
        self._rows.append((test, node))

    def remove(self, test: object, node: Node) -> None:
        """See :class:`Part`."""
        self._rows.remove((test, node))

    def find(self, leaf: object) -> list[Node]:
        """See :class:`Part`."""
        return [node for test, node in self._rows if test.matches(leaf)]

    def __len__(self) -> int:
        return len(self._rows)
