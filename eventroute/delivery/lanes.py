"""Keeps the order of events that share a key, where a backend hands out several of them at once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from eventroute.errors import EventRouteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.port import Delivery
    from eventroute.topology import Subscription

__all__ = ["Lanes"]


class Lanes:
    """Of each key, one delivery at a time may be worked on; the others wait behind it.

    A delivery that cannot be read has no key, and waits for nothing.
    """

    def __init__(self, subscription: Subscription) -> None:
        self._key_of = subscription.ordering_key
        self._keys: dict[int, str] = {}
        self._lanes: dict[str, deque[Delivery]] = {}
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def __iter__(self) -> Iterator[Delivery]:
        for lane in self._lanes.values():
            yield from lane

    def admit(self, deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
        """Take what was received, in order; give what may be worked on now."""
        for delivery in deliveries:
            try:
                key = self._key_of(delivery.event)
            except EventRouteError:
                key = None
            if key is None:
                yield delivery
                continue
            self._keys[id(delivery)] = key
            lane = self._lanes.get(key)
            if lane is None:
                self._lanes[key] = deque()
                yield delivery
            else:
                lane.append(delivery)
                self._waiting += 1

    def next_of(self, delivery: Delivery) -> Delivery | None:
        """Take the first one that waits behind a delivery."""
        key = self._keys.get(id(delivery))
        lane = None if key is None else self._lanes.get(key)
        if not lane:
            return None
        self._waiting -= 1
        return lane.popleft()

    def leave(self, delivery: Delivery) -> Delivery | None:
        """The delivery is done with; give the one that may be worked on now."""
        key = self._keys.pop(id(delivery), None)
        if key is None:
            return None
        lane = self._lanes.get(key)
        if not lane:
            self._lanes.pop(key, None)
            return None
        self._waiting -= 1
        return lane.popleft()

    def key(self, delivery: Delivery) -> str | None:
        """The key of a delivery that was admitted, until it leaves."""
        return self._keys.get(id(delivery))

    def forget(self, delivery: Delivery) -> None:
        """The delivery is done with, and another of its key is worked on already."""
        self._keys.pop(id(delivery), None)

    def clear(self) -> list[Delivery]:
        """Give everything that waits, the last one first."""
        waiting = list(self)
        for lane in self._lanes.values():
            lane.clear()
        for one in waiting:
            del self._keys[id(one)]
        self._waiting = 0
        return waiting[::-1]

    def break_off(self, delivery: Delivery) -> list[Delivery]:
        """The delivery will come again; give what waited behind it, the last one first."""
        key = self._keys.pop(id(delivery), None)
        if key is None:
            return []
        behind = self._lanes.pop(key, deque())
        self._waiting -= len(behind)
        for one in behind:
            del self._keys[id(one)]
        return list(reversed(behind))
