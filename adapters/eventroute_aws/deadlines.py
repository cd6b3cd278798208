"""Limits of time for many at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Deadlines"]

T = TypeVar("T", bound="Hashable")


class Deadlines(Generic[T]):
    """Ends what has not ended in time.

    One timer serves all, since nearly everything ends long before: to set one for each and to take
    it back would cost more than the rest of the waiting.

    :param end: is called, in the event loop, with each whose time is over.
    """

    def __init__(self, end: Callable[[T], None]) -> None:
        self._end = end
        self._open: dict[T, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, item: T, when: float) -> None:
        """Watch over something.

        :param when: its time is over, by the clock of the event loop.
        """
        self._open[item] = when
        if self._timer is None or when < self._timer.when():
            self._look_at(when)

    def remove(self, item: T) -> None:
        """Forget it, if it is there. The timer stays: the next ones need it as well."""
        self._open.pop(item, None)

    def close(self) -> None:
        """End nothing any more."""
        self._open.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        late = [item for item, when in self._open.items() if when <= now]
        try:
            for item in sorted(late, key=self._open.__getitem__):
                # The end of another one may have removed it.
                if self._open.pop(item, None) is not None:
                    self._end(item)
        finally:  # one that fails keeps no other one from its end
            if self._open:
                self._look_at(min(self._open.values()))
