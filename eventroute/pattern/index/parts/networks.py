"""``cidr``: a hash table for each block length that some test has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.index.parts.part import Buckets
from eventroute.pattern.operators.cidr import read_address

if TYPE_CHECKING:
    from eventroute.pattern.index.parts.part import Target
    from eventroute.pattern.operators import CIDR

__all__ = ["Networks"]


class Networks:
    """See :class:`Part`."""

    __slots__ = ("_by_length",)

    def __init__(self) -> None:
        self._by_length: dict[tuple[int, int], Buckets[int]] = {}

    def add(self, test: CIDR, target: Target) -> None:
        """See :class:`Part`."""
        length, key = _key(test)
        self._by_length.setdefault(length, Buckets()).add(key, test, target)

    def remove(self, test: CIDR, target: Target) -> None:
        """See :class:`Part`."""
        length, key = _key(test)
        buckets = self._by_length[length]
        buckets.remove(key, test, target)
        if not buckets.rows:
            del self._by_length[length]

    def find(self, leaf: str) -> list[Target]:
        """See :class:`Part`."""
        address = read_address(leaf)
        if address is None:
            return []
        version, number = address
        found: list[Target] = []
        for (of_version, free), buckets in self._by_length.items():
            if of_version == version:
                found += [target for _, target in buckets.rows.get(number >> free, ())]
        return found

    def __len__(self) -> int:
        return len(self._by_length)


def _key(test: CIDR) -> tuple[tuple[int, int], int]:
    free = (32 if test.version == 4 else 128) - test.bits
    return (test.version, free), test.network >> free
