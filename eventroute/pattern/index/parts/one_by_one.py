"""Tests without order among them: each is tried. The cost grows with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventroute.pattern.index.parts.part import Target

__all__ = ["OneByOne"]


class OneByOne:
    """See :class:`Part`."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: list[tuple[Any, Target]] = []

    def add(self, test: object, target: Target) -> None:
        """See :class:`Part`."""
        self._rows.append((test, target))

    def remove(self, test: object, target: Target) -> None:
        """See :class:`Part`."""
        self._rows.remove((test, target))

    def find(self, leaf: object) -> list[Target]:
        """See :class:`Part`."""
        return [target for test, target in self._rows if test.matches(leaf)]

    def __len__(self) -> int:
        return len(self._rows)
