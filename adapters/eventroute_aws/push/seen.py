"""Which messages were taken in lately."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.clock import Clock

__all__ = ["Seen"]


class Seen:
    """A bounded memory of this process.

    :param most: how many messages it remembers; 0 for none.
    :param age: seconds for which it does.
    """

    def __init__(self, most: int, age: float, clock: Clock) -> None:
        self._most = most
        self._age = age
        self._clock = clock
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __contains__(self, message: tuple[str, str]) -> bool:
        until = self._until.get(message)
        return until is not None and self._clock.now() < until

    def add(self, message: tuple[str, str]) -> None:
        """Remember a message, and forget the oldest where there are too many."""
        self._until[message] = self._clock.now() + self._age
        while len(self._until) > self._most:
            self._until.popitem(last=False)
