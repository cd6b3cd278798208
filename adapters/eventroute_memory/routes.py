"""What the targets of routes were due. There are no targets in memory: tests look at this."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from eventroute.pattern import PatternIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.clock import Clock
    from eventroute.envelope import Event
    from eventroute.port import Outgoing
    from eventroute.topology import Route

__all__ = ["Routes"]


class _Taken(NamedTuple):
    due: float
    route: str
    event: Event


class Routes:
    """Remembers the latest events that matched a route.

    :param capacity: how many.
    """

    def __init__(self, capacity: int, clock: Clock) -> None:
        self._clock = clock
        self._index: PatternIndex[str] | None = None
        self._taken: deque[_Taken] = deque(maxlen=capacity)

    def use(self, routes: Iterable[Route]) -> None:
        """Know these from now on, and no others."""
        index: PatternIndex[str] = PatternIndex()
        for route in routes:
            index.add(route.name, route.pattern)
        self._index = index if len(index) else None  # most applications have none

    def add(self, outgoing: Outgoing) -> None:
        """Take an event that was published."""
        if self._index is not None:
            due = self._clock.now() + outgoing.delay
            for name in self._index.match(outgoing.event):
                self._taken.append(_Taken(due, name, outgoing.event))

    def due(self, route: str) -> Sequence[Event]:
        """Those whose delay has passed, in the order in which it did."""
        now = self._clock.now()
        ready = (one for one in self._taken if one.route == route and one.due <= now)
        return [one.event for one in sorted(ready, key=lambda one: one.due)]
