"""The reference adapter: everything the port promises, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from eventroute.errors import (
    DeadLetterQueueFullError,
    EventRouteError,
    LeaseLostError,
    LimitExceededError,
    PublishTimeoutError,
)
from eventroute.pattern import PatternIndex
from eventroute.port import (
    Ack,
    Bury,
    Capabilities,
    DeadLetter,
    Delivery,
    Extend,
    QueueDepth,
    Settlement,
)
from eventroute_memory.queue import Lease, Message, Queue
from eventroute_memory.turnstile import Turnstile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute.envelope import Event
    from eventroute.topology import Subscription, Topology
    from eventroute_memory.options import MemoryOptions

__all__ = ["MemoryAdapter"]

_BATCH = 100


class _Station:
    """A queue, and those who wait for it."""

    __slots__ = ("arrival", "queue", "room", "subscription")

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.queue = Queue(subscription.name)
        self.arrival = anyio.Event()
        self.room = Turnstile()

    def ring_arrival(self) -> None:
        self.arrival.set()
        self.arrival = anyio.Event()


class MemoryAdapter:
    """Queues in memory. Events are kept as bytes, so handlers never share an object.

    ``publish`` returns when the event is in every matching queue of this process.
    """

    def __init__(self, options: MemoryOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._stations: dict[str, _Station] = {}
        self._index: PatternIndex[str] = PatternIndex()

    @property
    def capabilities(self) -> Capabilities:
        """See :class:`eventroute.port.Adapter`."""
        return Capabilities(
            ordered=True,
            durable=False,
            multi_process=False,
            max_event_bytes=self._options.max_event_bytes,
            max_delay=None,
            batch_size=_BATCH,
        )

    async def open(self, topology: Topology) -> None:
        """See :class:`eventroute.port.Adapter`."""
        for subscription in topology:
            known = self._stations.get(subscription.name)
            if known is None:
                self._stations[subscription.name] = _Station(subscription)
            else:
                known.subscription = subscription
                known.ring_arrival()  # fresh: the old one may belong to a past event loop
                known.room = Turnstile()
                self._index.remove(subscription.name)
            self._index.add(subscription.name, subscription.pattern)

    async def close(self) -> None:
        """See :class:`eventroute.port.Adapter`. What the queues hold stays for the next open."""

    async def publish(
        self, events: Sequence[Event], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        deadline = anyio.current_time() + timeout
        outcomes = [await self._publish_one(event, deadline) for event in events]
        await anyio.lowlevel.checkpoint()
        return outcomes

    async def _publish_one(self, event: Event, deadline: float) -> EventRouteError | None:
        body = event.to_json()
        if len(body) > self._options.max_event_bytes:
            return LimitExceededError(
                f"the event has {len(body):,} bytes; the memory backend accepts "
                f"{self._options.max_event_bytes:,} (memory.max_event_bytes)"
            )
        try:
            stations = [self._stations[name] for name in self._index.match(event)]
            keys = [station.subscription.ordering_key(event) for station in stations]
        except EventRouteError as error:  # an event that cannot be read
            return error
        while (full := self._full(stations)) is not None:
            with anyio.move_on_after(deadline - anyio.current_time()) as waiting:
                await full.room.wait()
            if waiting.cancelled_caught:
                return PublishTimeoutError(
                    f"the queue of {full.subscription.name!r} holds {full.queue.size:,} events "
                    "and found no room in time; add workers, or raise memory.capacity"
                )
            if self._full(stations) not in (None, full):
                full.room.let_one_in()  # this event waits elsewhere first; the room is another's
        # Nothing awaits from here on: all queues get the event, or none.
        for station, key in zip(stations, keys, strict=True):
            if station.queue.put(Message(body, key)):
                station.ring_arrival()
        return None

    def _full(self, stations: list[_Station]) -> _Station | None:
        for station in stations:
            if station.queue.size >= self._options.capacity:
                return station
        return None

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        await anyio.lowlevel.checkpoint()
        station = self._stations[subscription]
        deadline = self._clock.now() + wait
        while True:
            now = self._clock.now()
            taken = station.queue.take(limit, now, station.subscription.visibility_timeout)
            if taken:
                return [_delivery(subscription, *one) for one in taken]
            if now >= deadline:
                return []
            change = station.queue.next_change()
            await self._clock.wait(
                station.arrival, deadline if change is None else min(deadline, change)
            )
            if station.arrival.is_set():  # the clock rang, not an arrival
                station.arrival = anyio.Event()

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return [self._settle_one(settlement) for settlement in settlements]

    def _settle_one(self, settlement: Settlement) -> EventRouteError | None:
        delivery = settlement.delivery
        station = self._stations[delivery.subscription]
        queue, now = station.queue, self._clock.now()
        number = delivery.receipt
        lease = queue.lease(number, now) if isinstance(number, int) else None
        if lease is None or not isinstance(number, int):
            return LeaseLostError(
                f"the lease of attempt {delivery.attempt} in {delivery.subscription!r} has ended; "
                "raise visibility_timeout if handlers block the event loop for that long"
            )
        if isinstance(settlement, Extend):
            queue.extend(number, now + settlement.seconds)
            return None
        if isinstance(settlement, Ack | Bury):
            if isinstance(settlement, Bury):
                if len(queue.dead) >= self._options.capacity:
                    return DeadLetterQueueFullError(
                        f"the dead-letter queue of {delivery.subscription!r} is full with "
                        f"{len(queue.dead):,} events; look at them, or raise memory.capacity"
                    )
                queue.dead.append(
                    DeadLetter(
                        delivery.subscription,
                        delivery.body,
                        settlement.reason,
                        settlement.error,
                        delivery.attempt,
                    )
                )
            if queue.remove(number):
                station.ring_arrival()
            station.room.let_one_in()
            return None
        queue.release(number, now + settlement.delay, now, counted=settlement.counted)
        station.ring_arrival()
        return None

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`."""
        return self._stations[subscription].queue.depth(self._clock.now())

    async def dead_letters(self, subscription: str, *, limit: int) -> Sequence[DeadLetter]:
        """See :class:`eventroute.port.Adapter`."""
        return list(self._stations[subscription].queue.dead)[:limit]


def _delivery(subscription: str, number: int, lease: Lease) -> Delivery:
    message = lease.message
    return Delivery(subscription, message.body, message.attempts, lease.ends, number)
