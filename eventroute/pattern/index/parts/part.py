"""What a part of a table provides, and the list of rows that several parts keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable


__all__ = ["Buckets", "Part", "Target"]

Key = TypeVar("Key", bound="Hashable")

Target: TypeAlias = Any
"""What a test leads to: something with an identity, which a part only passes on."""


class Part(Protocol):
    """The tests of one operator family at one place of the trie, each leading to a target."""

    def add(self, test: Any, target: Target, /) -> None:  # noqa: ANN401  the operator's own class
        """Keep a test."""
        ...

    def remove(self, test: Any, target: Target, /) -> None:  # noqa: ANN401  the operator's own class
        """Forget a test that was added with this target."""
        ...

    def find(self, leaf: Any, /) -> list[Target]:  # noqa: ANN401  text or number, by family
        """The targets of all tests that a leaf passes; it is of the type that the tests are for."""
        ...

    def __len__(self) -> int: ...


class Buckets(Generic[Key]):
    """Lists of tests and targets under a key."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: dict[Key, list[tuple[Any, Target]]] = {}

    def add(self, key: Key, test: object, target: Target) -> None:
        """Append under a key."""
        self.rows.setdefault(key, []).append((test, target))

    def remove(self, key: Key, test: object, target: Target) -> None:
        """Remove one row from under a key."""
        rows = self.rows[key]
        rows.remove((test, target))
        if not rows:
            del self.rows[key]
