"""An adapter around another one, which passes every call on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.errors import EventRouteError
    from eventroute.port import (
        Adapter,
        Capabilities,
        DeadLetter,
        DeadSettlement,
        Delivery,
        Outgoing,
        QueueDepth,
        Settlement,
    )
    from eventroute.topology import Topology

__all__ = ["AdapterWrapper"]


class AdapterWrapper:
    """Derive from it to change or watch some calls, and leave the others as they are."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter

    @property
    def capabilities(self) -> Capabilities:
        """See :class:`eventroute.port.Adapter`."""
        return self.adapter.capabilities

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        """See :class:`eventroute.port.Adapter`."""
        await self.adapter.open(topology, provision=provision)

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :class:`eventroute.port.Adapter`."""
        await self.adapter.drop(subscriptions)

    async def close(self) -> None:
        """See :class:`eventroute.port.Adapter`."""
        await self.adapter.close()

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return await self.adapter.publish(messages, timeout=timeout)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        return await self.adapter.receive(subscription, limit=limit, wait=wait)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return await self.adapter.settle(settlements)

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`."""
        return await self.adapter.depth(subscription)

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        """See :class:`eventroute.port.Adapter`."""
        return await self.adapter.receive_dead(subscription, limit=limit, lease=lease)

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return await self.adapter.settle_dead(settlements)
