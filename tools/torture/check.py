"""What was promised, what was measured, and how losses and duplicates are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

__all__ = ["Check", "disorder", "lost", "repeated", "strangers"]

_MOST_SHOWN = 5

T = TypeVar("T", bound="Hashable")


@dataclass(frozen=True, slots=True)
class Check:
    """A figure, and the bounds that a promise sets; a figure without bounds always holds.

    :ivar examples: some of what was counted, for whoever has to find the reason.
    """

    what: str
    measured: float
    least: float | None = None
    most: float | None = None
    examples: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        too_small = self.least is not None and self.measured < self.least
        too_large = self.most is not None and self.measured > self.most
        return not (too_small or too_large)

    @property
    def promised(self) -> str:
        """The bounds, for people."""
        if self.least is None:
            return "" if self.most is None else f"at most {self.most:,}"
        if self.most is None:
            return f"at least {self.least:,}"
        return f"{self.least:,}" if self.least == self.most else f"{self.least:,}-{self.most:,}"

    @classmethod
    def none_of(cls, what: str, found: Iterable[object]) -> Check:
        """Promise that there is nothing of a kind."""
        all_ = [str(one) for one in found]
        return cls(what, len(all_), 0, 0, tuple(all_[:_MOST_SHOWN]))

    @classmethod
    def exactly(cls, what: str, measured: int, promised: int) -> Check:
        """Promise a number."""
        return cls(what, measured, promised, promised)


def lost(expected: Iterable[T], seen: Iterable[T]) -> list[T]:
    """What should be there and is not, as often as it is missing."""
    missing = Counter(expected) - Counter(set(seen))
    return sorted(missing.elements(), key=repr)


def strangers(expected: Iterable[T], seen: Iterable[T]) -> list[T]:
    """What is there and should not be."""
    return sorted(set(seen) - set(expected), key=repr)


def repeated(seen: Iterable[T]) -> list[T]:
    """What is there again, once for each time after the first."""
    times = Counter(seen)
    return sorted((times - Counter(set(times))).elements(), key=repr)


def disorder(seen: Mapping[str, Sequence[int]], order: Mapping[str, Sequence[int]]) -> list[str]:
    """Keys whose numbers were seen in another order than theirs, going by the first time each.

    :param seen: numbers as they were seen, by key.
    :param order: numbers as they should have come, by key; one that was never seen is no disorder.
    """
    found: list[str] = []
    for key, numbers in seen.items():
        place = {number: index for index, number in enumerate(order.get(key, ()))}
        first = [number for number in dict.fromkeys(numbers) if number in place]
        for before, after in pairwise(first):
            if place[before] > place[after]:
                found.append(f"key {key}: {before} before {after}")
    return found
