"""What a part of a table provides, and the list of rows that several parts keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

    from eventroute.pattern.index.node import Node

__all__ = ["Buckets", "Part"]

Key = TypeVar("Key", bound="Hashable")


class Part(Protocol):
    """The tests of one operator family at one place of the trie, each leading to a node."""

    def add(self, test: Any, node: Node, /) -> None:  # noqa: ANN401  the operator's own class
        """Keep a test."""
        ...

    def remove(self, test: Any, node: Node, /) -> None:  # noqa: ANN401  the operator's own class
        """Forget a test that was added with this node."""
        ...

    def find(self, leaf: Any, /) -> list[Node]:  # noqa: ANN401  text or number, by family
        """The nodes of all tests that a leaf passes; it is of the type that the tests are for."""
        ...

    def __len__(self) -> int: ...


class Buckets(Generic[Key]):
    """Lists of tests and nodes under a key."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: dict[Key, list[tuple[Any, Node]]] = {}

    def add(self, key: Key, test: object, node: Node) -> None:
        """Append under a key."""
        self.rows.setdefault(key, []).append((test, node))

    def remove(self, key: Key, test: object, node: Node) -> None:
        """Remove one row from under a key."""
        rows = self.rows[key]
        rows.remove((test, node))
        if not rows:
            del self.rows[key]
