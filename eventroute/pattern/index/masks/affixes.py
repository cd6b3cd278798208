"""``prefix`` and ``suffix``: masks by text, looked up once for each length that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.pattern.operators import Prefix, Suffix

__all__ = ["Affixes", "Prefixes", "Suffixes"]


class Affixes:
    """Texts that begin, or end, another text."""

    __slots__ = ("_at_end", "_masks", "_parts")

    def __init__(self, *, at_end: bool) -> None:
        self._at_end = at_end
        self._masks: dict[str, int] = {}
        self._parts: dict[int, slice] = {}  # where texts of a length lie in a text

    def add_text(self, text: str, bit: int) -> None:
        """Let a rule ask for a text."""
        length = len(text)
        self._parts[length] = slice(-length, None) if self._at_end and length else slice(length)
        self._masks[text] = self._masks.get(text, 0) | bit

    def find(self, text: str, others: int) -> int:
        """The rules that ask for what a text begins, or ends, with, and others."""
        mask, masks = others, self._masks
        for part in self._parts.values():  # of a shorter text, all of it, which does no harm
            mask |= masks.get(text[part], 0)
        return mask


class Prefixes(Affixes):
    """See :class:`Masks`. Folded prefixes are kept in a table, which checks each hit."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(at_end=False)

    @staticmethod
    def keeps(test: Prefix) -> bool:
        """See :class:`Masks`."""
        return not test.ignore_case

    def add(self, test: Prefix, bit: int) -> None:
        """See :class:`Masks`."""
        self.add_text(test.text, bit)


class Suffixes(Affixes):
    """See :class:`Masks`, and `Prefixes`."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(at_end=True)

    @staticmethod
    def keeps(test: Suffix) -> bool:
        """See :class:`Masks`."""
        return not test.ignore_case

    def add(self, test: Suffix, bit: int) -> None:
        """See :class:`Masks`."""
        self.add_text(test.text, bit)
