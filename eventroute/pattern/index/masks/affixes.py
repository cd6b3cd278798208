"""``prefix`` and ``suffix``: masks by text, looked up once for each length that there is."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from eventroute.pattern.operators import Prefix, Suffix

__all__ = ["Affixes", "Prefixes", "Suffixes", "discard"]

Key = TypeVar("Key")


def discard(masks: dict[Key, int], key: Key, bit: int) -> None:
    """Take a rule from the mask of a text or a test."""
    mask = masks[key] & ~bit
    if mask:
        masks[key] = mask
    else:
        del masks[key]


class Affixes:
    """Texts that begin, or end, another text.

    :ivar lengths: of the texts, each once, in order.
    """

    __slots__ = ("_at_end", "_lengths", "_masks", "lengths")

    def __init__(self, *, at_end: bool) -> None:
        self._at_end = at_end
        self._lengths: dict[int, int] = {}  # how many texts have it
        self._masks: dict[str, int] = {}
        self.lengths: list[int] = []

    def add_text(self, text: str, bit: int) -> None:
        """Let a rule ask for a text."""
        if text not in self._masks:
            length = len(text)
            self._lengths[length] = self._lengths.get(length, 0) + 1
            if self._lengths[length] == 1:
                insort(self.lengths, length)
        self._masks[text] = self._masks.get(text, 0) | bit

    def remove_text(self, text: str, bit: int) -> None:
        """Forget what a rule asked for."""
        if text not in self._masks:
            return
        discard(self._masks, text, bit)
        if text not in self._masks:
            length = len(text)
            self._lengths[length] -= 1
            if not self._lengths[length]:
                del self._lengths[length]
                self.lengths.remove(length)

    def find(self, text: str, _: int | None = None) -> int:
        """The rules that ask for what a text begins, or ends, with."""
        mask, masks, whole = 0, self._masks, len(text)
        for length in self.lengths:
            if length > whole:
                break
            mask |= masks.get(text[whole - length :] if self._at_end else text[:length], 0)
        return mask

    def __len__(self) -> int:
        return len(self._masks)


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

    def remove(self, test: Prefix, bit: int) -> None:
        """See :class:`Masks`."""
        self.remove_text(test.text, bit)


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

    def remove(self, test: Suffix, bit: int) -> None:
        """See :class:`Masks`."""
        self.remove_text(test.text, bit)
