"""The reference adapter: everything the port promises, in this process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from eventroute.errors import (
    AdapterError,
    DeadLetterQueueFullError,
    EventRouteError,
    LeaseLostError,
    LimitExceededError,
    NameNotFoundError,
    PublishTimeoutError,
    UnsupportedError,
)
from eventroute.pattern import PatternIndex
from eventroute.port import (
    REPLAYED,
    Ack,
    Bury,
    Capabilities,
    DeadLetter,
    DeadSettlement,
    Delivery,
    Extend,
    Keep,
    Outgoing,
    QueueDepth,
    Redrive,
    Replay,
    Settlement,
    answering_at_once,
)
from eventroute.targets import KINDS
from eventroute_memory.archive import EventArchive
from eventroute_memory.queue import Lease, Message, Queue
from eventroute_memory.routes import Routes
from eventroute_memory.turnstile import Turnstile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute.envelope import Event
    from eventroute.port import ArchiveState
    from eventroute.topology import Subscription, Topology
    from eventroute_memory.options import MemoryOptions

__all__ = ["MemoryAdapter"]

_BATCH = 100

_REPLAY_WAIT = 30.0
"""Seconds of real time that a replay waits for room, an event."""


class _Station:
    """A queue, and those who wait for it."""

    __slots__ = ("arrival", "queue", "room", "subscription")

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.queue = Queue(subscription.name)
        self.arrival: anyio.Event | None = None
        self.room = Turnstile()

    def next_arrival(self) -> anyio.Event:
        """What is set when something may have become ready."""
        if self.arrival is None or self.arrival.is_set():  # a clock rings, too
            self.arrival = anyio.Event()
        return self.arrival

    def ring_arrival(self) -> None:
        if self.arrival is not None:  # else nobody waits
            self.arrival.set()
            self.arrival = None


class MemoryAdapter:
    """Queues in memory. Events are kept as bytes, so handlers never share an object.

    ``publish`` returns when the event is in every matching queue of this process.
    """

    def __init__(self, options: MemoryOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._stations: dict[str, _Station] = {}
        self._index: PatternIndex[str] = PatternIndex()
        self._archive = EventArchive(options.archive)
        self._routes = Routes(options.routed, clock)
        self._loop: object = None
        self._capabilities = Capabilities(
            ordered=True,
            durable=False,
            multi_process=False,
            max_event_bytes=options.max_event_bytes,
            max_release_delay=None,
            max_publish_delay=None,
            batch_size=_BATCH,
            targets=KINDS,
        )

    @property
    def capabilities(self) -> Capabilities:
        """See :class:`eventroute.port.Adapter`."""
        return self._capabilities

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        """See :class:`eventroute.port.Adapter`."""
        self._forget_past_event_loop()
        if not provision:
            return
        self._routes.use(topology.routes)
        for subscription in topology:
            known = self._stations.get(subscription.name)
            if known is None:
                self._stations[subscription.name] = _Station(subscription)
            else:
                if known.subscription.ordered_by != subscription.ordered_by:
                    known.queue.rekey(subscription.ordering_key_of)
                    known.ring_arrival()
                known.subscription = subscription
                self._index.remove(subscription.name)
            self._index.add(subscription.name, subscription.pattern)

    def _forget_past_event_loop(self) -> None:
        """Who waited in an event loop that ended can neither be woken nor go on."""
        loop = anyio.lowlevel.current_token()
        if loop != self._loop:
            self._loop = loop
            for station in self._stations.values():
                station.arrival = None
                station.room = Turnstile()

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :class:`eventroute.port.Adapter`."""
        for name in subscriptions:
            station = self._stations.pop(name, None)
            if station is not None:
                self._index.remove(name)
                station.ring_arrival()
                station.room.open()

    async def close(self) -> None:
        """See :class:`eventroute.port.Adapter`. What the queues hold stays for the next open."""

    def routed(self, route: str) -> Sequence[Event]:
        """See :class:`eventroute.port.Recording`."""
        return self._routes.due(route)

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        deadline = anyio.current_time() + timeout
        outcomes = [await self._publish_one(message, deadline) for message in messages]
        await anyio.lowlevel.checkpoint()
        return outcomes

    async def _publish_one(self, outgoing: Outgoing, deadline: float) -> EventRouteError | None:
        event = outgoing.event
        size = len(event.to_json())
        if size > self._options.max_event_bytes:
            return LimitExceededError(
                f"the event has {size:,} bytes; the memory backend accepts "
                f"{self._options.max_event_bytes:,} (memory.max_event_bytes)"
            )
        try:
            names = self._index.match(event)
        except EventRouteError as error:  # an event that cannot be read
            return error
        refusal = await self._put(outgoing, names, deadline)
        if refusal is None:
            self._archive.add(outgoing)
            self._routes.add(outgoing)
        return refusal

    async def _put(
        self, outgoing: Outgoing, names: Sequence[str], deadline: float
    ) -> EventRouteError | None:
        if not names:
            return None
        event = outgoing.event
        # What the event meets; a call of `open` may change it while this one waits for room.
        stations = [self._stations[name] for name in names]
        patterns = [station.subscription.pattern for station in stations]
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
        try:
            keys = [_key_of(event, station.subscription) for station in stations]
        except EventRouteError as error:  # an event that cannot be read
            return error
        body, due = event.to_json(), self._clock.now() + outgoing.delay
        for station, pattern, key in zip(stations, patterns, keys, strict=True):
            message = Message(body, key, outgoing.headers, due, event, pattern)
            if outgoing.delay > 0:
                station.queue.schedule(message, message.published)
                station.ring_arrival()  # the next change may come sooner now
            elif station.queue.put(message):
                station.ring_arrival()
        return None

    def _full(self, stations: list[_Station]) -> _Station | None:
        for station in stations:
            if station.queue.size >= self._options.capacity and not station.room.is_open:
                return station
        return None

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        await anyio.lowlevel.checkpoint()
        station = self._station(subscription)
        deadline = self._clock.now() + wait
        while True:
            self._station(subscription)  # it may have been dropped meanwhile
            now = self._clock.now()
            taken = station.queue.take(limit, now, station.subscription.visibility_timeout)
            if taken:
                return [_delivery(subscription, now, number, lease) for number, lease in taken]
            if now >= deadline:
                return []
            change = station.queue.next_change()
            await self._clock.wait(
                station.next_arrival(), deadline if change is None else min(deadline, change)
            )

    @answering_at_once
    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return [self._settle_one(settlement) for settlement in settlements]

    def _settle_one(self, settlement: Settlement) -> EventRouteError | None:
        delivery = settlement.delivery
        station = self._station(delivery.subscription)
        queue, now = station.queue, self._clock.now()
        number = delivery.receipt
        if not isinstance(number, int) or queue.lease(number, now) is None:
            return LeaseLostError(
                f"the lease of attempt {delivery.attempt} in {delivery.subscription!r} has ended; "
                "raise visibility_timeout if handlers block the event loop for that long"
            )
        if isinstance(settlement, (Ack, Bury)):
            if isinstance(settlement, Bury):
                if len(queue.dead) >= self._options.capacity:
                    return DeadLetterQueueFullError(
                        f"the dead-letter queue of {delivery.subscription!r} is full with "
                        f"{len(queue.dead):,} events; look at them, or raise memory.capacity"
                    )
                queue.dead.add(settlement)
            if queue.remove(number):
                station.ring_arrival()
            station.room.let_one_in()
            return None
        if isinstance(settlement, Extend):
            queue.extend(number, now + settlement.seconds)
            return None
        queue.release(number, now + settlement.delay, now, counted=settlement.counted)
        station.ring_arrival()
        return None

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`."""
        return self._station(subscription).queue.depth(self._clock.now())

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        """See :class:`eventroute.port.Adapter`."""
        return self._station(subscription).queue.dead.take(limit, self._clock.now(), lease)

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return [self._settle_one_dead(settlement) for settlement in settlements]

    def _settle_one_dead(self, settlement: DeadSettlement) -> EventRouteError | None:
        letter = settlement.letter
        station = self._station(letter.subscription)
        queue, now = station.queue, self._clock.now()
        if not queue.dead.holds(letter, now):
            return LeaseLostError(
                f"dead letter {letter.id} of {letter.subscription!r} is no longer held by this "
                "call; list the dead letters again"
            )
        if isinstance(settlement, Keep):
            queue.dead.show(letter)
            return None
        queue.dead.remove(letter)
        if isinstance(settlement, Redrive):
            key = station.subscription.ordering_key_of(letter.body)
            if queue.put(Message(letter.body, key, letter.headers, now)):
                station.ring_arrival()
        return None

    async def replay(self, replay: Replay) -> int:
        """See :class:`eventroute.port.Archive`.

        :raises NameNotFoundError: it names a subscription that there is not.
        :raises UnsupportedError: ``memory.archive`` is 0.
        :raises PublishTimeoutError: a queue stayed full; it names how many events were replayed.
        """
        self._check_archive()
        for name in replay.subscriptions or ():
            if name not in self._stations:
                raise NameNotFoundError(f"there is no subscription {name!r} to replay into")
        header = {REPLAYED: datetime.now(UTC).isoformat()}
        count = 0
        for archived in self._archive.select(replay):
            names = self._names(archived.event, replay.subscriptions)
            outgoing = Outgoing(archived.event, {**archived.headers, **header})
            error = await self._put(outgoing, names, anyio.current_time() + _REPLAY_WAIT)
            if error is not None:
                raise PublishTimeoutError(f"after {count:,} replayed events: {error}")
            count += bool(names)
        await anyio.lowlevel.checkpoint()
        return count

    async def describe_archive(self) -> ArchiveState:
        """See :class:`eventroute.port.DescribedArchive`.

        :raises UnsupportedError: ``memory.archive`` is 0.
        """
        self._check_archive()
        await anyio.lowlevel.checkpoint()
        return self._archive.state()

    def _check_archive(self) -> None:
        if not self._options.archive:
            raise UnsupportedError(
                "the backend 'memory' keeps no archive unless told to; set memory.archive to how "
                "many events it should keep"
            )

    def _names(self, event: Event, wanted: Sequence[str] | None) -> list[str]:
        try:
            names = self._index.match(event)
        except EventRouteError:  # it was published before there was a pattern that reads it
            return []
        return [name for name in names if wanted is None or name in wanted]

    def _station(self, subscription: str) -> _Station:
        station = self._stations.get(subscription)
        if station is None:
            raise AdapterError(
                f"there is no queue for {subscription!r}; it was dropped meanwhile, or the bus did "
                "not run since it was declared"
            )
        return station


def _key_of(event: Event, subscription: Subscription) -> str | None:
    # Most subscriptions ask for no order, and need no call to find that out.
    return None if subscription.ordered_by is None else subscription.ordering_key(event)


def _delivery(subscription: str, now: float, number: int, lease: Lease) -> Delivery:
    message = lease.message
    return Delivery(
        subscription,
        message.body,
        message.attempts,
        lease.ends,
        number,
        message.headers,
        now - message.published,
        event=message.event,
        matched=message.matched,
    )
