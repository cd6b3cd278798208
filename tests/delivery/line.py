"""The in-memory backend behind a line that fails when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from eventroute import Delivery, EventBus, QueueDepth, Router
from eventroute.clock import Clock
from eventroute.errors import EventRouteError
from eventroute.port import (
    Adapter,
    Capabilities,
    DeadLetter,
    DeadSettlement,
    Outgoing,
    Settlement,
)
from eventroute.testing import VirtualClock
from eventroute.topology import Topology
from eventroute_memory import create

__all__ = ["Line", "bus_on"]


class Line:
    """Passes every call on, and keeps what was called.

    :ivar before_publish: called first; what it raises, the call raises.
    """

    def __init__(
        self,
        clock: VirtualClock | None = None,
        *,
        batch_size: int = 100,
        max_publish_delay: float | None = None,
        max_release_delay: float | None = None,
        max_attempts: int | None = None,
    ) -> None:
        self.clock = clock or VirtualClock()
        self.inner: Adapter = create({}, self.clock)
        self.capabilities: Capabilities = replace(
            self.inner.capabilities,
            batch_size=batch_size,
            max_publish_delay=max_publish_delay,
            max_release_delay=max_release_delay,
            max_attempts=max_attempts,
        )
        self.published: list[Sequence[Outgoing]] = []
        self.settled: list[Sequence[Settlement]] = []
        self.received: list[int] = []
        self.opened: list[Topology] = []
        self.before_publish: Callable[[], None] = lambda: None
        self.after_publish: Callable[[], None] = lambda: None
        self.before_settle: Callable[[Sequence[Settlement]], object] = lambda _: None
        self.before_receive: Callable[[], None] = lambda: None

    def __call__(self, options: Mapping[str, object], clock: Clock) -> Line:
        """Be an adapter's factory."""
        del options, clock
        return self

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        self.opened.append(topology)
        await self.inner.open(topology, provision=provision)

    async def drop(self, subscriptions: Sequence[str]) -> None:
        await self.inner.drop(subscriptions)

    async def close(self) -> None:
        await self.inner.close()

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        self.published.append(messages)
        self.before_publish()
        outcomes = await self.inner.publish(messages, timeout=timeout)
        self.after_publish()
        return outcomes

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        self.received.append(limit)
        self.before_receive()
        return await self.inner.receive(subscription, limit=limit, wait=wait)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        self.settled.append(settlements)
        self.before_settle(settlements)
        return await self.inner.settle(settlements)

    async def depth(self, subscription: str) -> QueueDepth:
        return await self.inner.depth(subscription)

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        return await self.inner.receive_dead(subscription, limit=limit, lease=lease)

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        return await self.inner.settle_dead(settlements)


def bus_on(
    line: Line, *routers: Router, publish_timeout: float = 30.0, concurrency: int = 10
) -> EventBus:
    """A bus whose backend is behind the line."""
    bus = EventBus(line, clock=line.clock, publish_timeout=publish_timeout, concurrency=concurrency)
    bus.include(*routers)
    return bus
