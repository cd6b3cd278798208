"""What a family of masks provides."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Masks"]


class Masks(Protocol):
    """The tests of one operator of strings, and as a mask the rules that ask for each."""

    @staticmethod
    def keeps(test: Any, /) -> bool:  # noqa: ANN401  the operator's own class
        """Whether a test of the operator can be kept here; a `Table` keeps the others."""
        ...

    def add(self, test: Any, bit: int, /) -> None:  # noqa: ANN401  the operator's own class
        """Let a rule ask for a test."""
        ...

    def find(self, text: str, others: int, /) -> int:
        """The rules that ask for what a text is, and others; called as a `LookUp`, too."""
        ...
