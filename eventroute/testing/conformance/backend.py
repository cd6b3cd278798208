"""The backend of one test: fresh storage, the adapters on it, and its time."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Final, Self, TypedDict, Unpack

import anyio

from eventroute.bus import EventBus
from eventroute.clock import SystemClock
from eventroute.envelope import Event
from eventroute.port import Ack, Outgoing
from eventroute.testing.clock import VirtualClock
from eventroute.testing.conformance.application import Application
from eventroute.testing.conformance.events import NAME, subscription
from eventroute.testing.conformance.watching import Watched
from eventroute.topology import Subscription, Topology

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from eventroute.clock import Clock
    from eventroute.delivery.health import HealthObserver
    from eventroute.idempotency.port import IdempotencyStore
    from eventroute.pattern import Pattern
    from eventroute.port import Adapter, Delivery, Settlement
    from eventroute.router import Router
    from eventroute.testing.conformance.harness import Harness

__all__ = ["Backend"]


STATES: Final = ("ready", "delayed", "in_flight", "dead")


class BusOptions(TypedDict, total=False):
    """Options of a bus, as :class:`~eventroute.EventBus` takes them."""

    grace: float
    publish_timeout: float
    idempotency_store: IdempotencyStore
    on_health: HealthObserver


class Backend:
    """What a property works with. Every adapter that it made is closed at the end.

    :ivar place: the folder of the test; a file of the application may be there too.
    :ivar lease: seconds; a lease whose end is waited for.
    :ivar delay: seconds; a delay whose end is waited for, much shorter than the lease.
    """

    def __init__(self, harness: Harness, place: Path) -> None:
        self._harness = harness
        self.place = place
        self._virtual = VirtualClock() if harness.virtual_time else None
        self.clock: Clock = self._virtual or SystemClock()
        self.lease = 30.0 if harness.virtual_time else harness.lease
        self.delay = 10.0 if harness.virtual_time else harness.delay
        self.slack = harness.slack
        self._pause = 0.002 if harness.virtual_time else 0.05  # each look may be a request
        self._adapters: list[Adapter] = []
        self._patterns: dict[str, Pattern] = {}
        self.capabilities = harness.make(self.clock, place).capabilities

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with anyio.move_on_after(self._harness.patience, shield=True):
            for adapter in self._adapters:
                await adapter.close()

    def make(self) -> Adapter:
        """Another adapter on the same storage."""
        return self._keep(self._harness.make(self.clock, self.place))

    def make_bounded(self, capacity: int) -> Adapter | None:
        """An adapter whose queues hold so many events; ``None`` where there is no bound."""
        made = self._harness.make_bounded(self.clock, self.place, capacity)
        return None if made is None else self._keep(made)

    def _keep(self, adapter: Adapter) -> Adapter:
        self._adapters.append(adapter)
        return adapter

    async def open(self, *subscriptions: Subscription) -> Adapter:
        """Another adapter on the same storage, open; one subscription where none is named."""
        adapter = self.make()
        await self.provision(adapter, *(subscriptions or (subscription(),)))
        return adapter

    async def provision(self, adapter: Adapter, *subscriptions: Subscription) -> None:
        """Open an adapter that may be open already."""
        self._patterns.update((one.name, one.pattern) for one in subscriptions)
        await adapter.open(Topology(subscriptions))

    async def publish(self, adapter: Adapter, *messages: Event | Outgoing) -> None:
        """Publish in batches; every event must be accepted."""
        outgoing = [one if isinstance(one, Outgoing) else Outgoing(one) for one in messages]
        size = adapter.capabilities.batch_size
        for start in range(0, len(outgoing), size):
            batch = outgoing[start : start + size]
            outcomes = list(await adapter.publish(batch, timeout=self._harness.patience))
            assert outcomes == [None] * len(batch), "every event must be accepted"

    async def receive(self, adapter: Adapter, name: str, limit: int) -> list[Delivery]:
        """Receive once, and acknowledge what the subscription does not match, as a worker does."""
        wait = 0.0 if self._virtual else self._harness.quiet
        received = await adapter.receive(name, limit=limit, wait=wait)
        assert len(received) <= limit, f"receive gave {len(received)} of at most {limit}"
        for one in received:
            body = Event.from_trusted_json(one.body)
            assert one.event == body, f"{name} got an event that is not what its body says"
            matched = one.matched
            assert matched is None or matched.matches(body), (
                f"{name} got an event that does not match the pattern which it is said to match"
            )
        pattern = self._patterns[name]
        others = [one for one in received if not pattern.matches(one.event)]
        if others:
            assert adapter.capabilities.filtering != "full", (
                f"{name} got an event that it does not match: {others[0].event}"
            )
            await self.settle(adapter, *map(Ack, others))
        return [one for one in received if one not in others]

    async def take(self, adapter: Adapter, count: int = 1, name: str = NAME) -> list[Delivery]:
        """Lease so many events, in as many calls as it takes."""
        found: list[Delivery] = []
        with anyio.move_on_after(self._harness.patience) as scope:
            while len(found) < count:
                limit = min(count - len(found), adapter.capabilities.batch_size)
                more = await self.receive(adapter, name, limit)
                found += more
                if not more:
                    await anyio.sleep(self._pause)
        assert not scope.cancelled_caught, f"{name} got {len(found)} of {count} events"
        return found

    async def one(self, adapter: Adapter, name: str = NAME) -> Delivery:
        """Lease one event."""
        (delivery,) = await self.take(adapter, 1, name)
        return delivery

    async def work_off(self, adapter: Adapter, count: int, name: str = NAME) -> list[Delivery]:
        """Lease and acknowledge so many events; there must be no more."""
        found: list[Delivery] = []
        while len(found) < count:
            size = min(count - len(found), adapter.capabilities.batch_size)
            batch = await self.take(adapter, size, name)
            await self.settle(adapter, *map(Ack, batch))
            found += batch
        await self.nothing(adapter, name)
        return found

    async def nothing(self, adapter: Adapter, name: str = NAME) -> None:
        """The queue hands out nothing now."""
        unexpected = await self.receive(adapter, name, 1)
        assert unexpected == [], f"{name} hands out what nobody should receive now"

    async def settle(self, adapter: Adapter, *settlements: Settlement) -> None:
        """Apply settlements; the backend must agree to each."""
        outcomes = list(await adapter.settle(settlements))
        assert outcomes == [None] * len(settlements), "every settlement must take effect"

    async def pass_time(self, seconds: float) -> None:
        """Let time pass: at once on a virtual clock."""
        if self._virtual is None:
            await anyio.sleep(seconds)
        else:
            self._virtual.advance_to(self._virtual.now() + seconds)

    async def comes_after(
        self, adapter: Adapter, seconds: float, since: float, name: str = NAME
    ) -> Delivery:
        """The next delivery; it must come so long after a moment, not earlier and not much later.

        :param since: the clock's time before the call that the seconds count from.
        """
        if self._virtual is None:
            delivery = await self.one(adapter, name)
            passed = self.clock.now() - since
            assert passed > seconds - 0.05, (
                f"it came after {passed:.2f} s, before {seconds:g} s had passed"
            )
            assert passed < seconds + self.slack + self._harness.quiet, f"late: {passed:.2f} s"
            return delivery
        self._virtual.advance_to(since + seconds - 0.5)
        await self.nothing(adapter, name)
        self._virtual.advance_to(since + seconds)
        found = await self.receive(adapter, name, 1)
        if not found:
            self._virtual.advance_to(since + seconds + self.slack)
            found = await self.receive(adapter, name, 1)
        assert found, f"{name}: nothing came {self.slack:g} s after its time"
        return found[0]

    async def eventually(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until something holds, in real time."""
        with anyio.move_on_after(self._harness.patience) as scope:
            while not await holds():
                await anyio.sleep(self._pause)
        assert not scope.cancelled_caught, f"it never came to this: {what}"

    async def depth_is(self, adapter: Adapter, name: str = NAME, **expected: int) -> None:
        """The depth comes to these numbers; it may lag on a remote backend."""
        expected = self._told(expected)
        found: dict[str, int] = {}

        async def is_so() -> bool:
            depth = await adapter.depth(name)
            told = self._told({state: getattr(depth, state) for state in STATES})
            found.update({state: told[state] for state in expected})
            return found == expected

        with anyio.move_on_after(self._harness.patience):
            while not await is_so():
                await anyio.sleep(self._pause)
        assert found == expected

    def _told(self, counts: dict[str, int]) -> dict[str, int]:
        """Counts as the backend can tell them."""
        if self._harness.tells_delayed or not counts.keys() & {"delayed", "in_flight"}:
            return counts
        told = {state: count for state, count in counts.items() if state in ("ready", "dead")}
        return {**told, "waiting": counts.get("delayed", 0) + counts.get("in_flight", 0)}

    def bus(
        self,
        *routers: Router,
        around: Callable[[Adapter], Adapter] | None = None,
        adapter: Adapter | None = None,
        **options: Unpack[BusOptions],
    ) -> EventBus:
        """A bus on the same storage.

        :param around: what to put around its adapter.
        :param adapter: use this one, instead of another one.
        """

        def factory(options: Mapping[str, object], clock: Clock) -> Adapter:
            del options, clock
            made = adapter or self.make()
            return Watched(made if around is None else self._keep(around(made)))

        bus = EventBus(factory, clock=self.clock, random=Random(0), **options)  # noqa: S311
        bus.include(*routers)
        return bus

    @asynccontextmanager
    async def running(
        self,
        *routers: Router,
        around: Callable[[Adapter], Adapter] | None = None,
        adapter: Adapter | None = None,
        **options: Unpack[BusOptions],
    ) -> AsyncGenerator[Application]:
        """A bus whose workers run."""
        bus = self.bus(*routers, around=around, adapter=adapter, **options)
        application = Application(bus, self._virtual, self._harness.patience)
        async with application:
            yield application
