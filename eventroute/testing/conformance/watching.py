"""Adapters around another one that watch what is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.testing.wrapper import AdapterWrapper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.errors import EventRouteError
    from eventroute.port import Adapter, Delivery, Outgoing, Settlement

__all__ = ["Recorder", "Watched"]


class Recorder(AdapterWrapper):
    """Notes what the worker and the publisher ask for.

    :ivar published: how many events each call had.
    :ivar received: the limit of each call.
    :ivar settled: the settlements of each call that came to an end.
    """

    def __init__(self, adapter: Adapter) -> None:
        super().__init__(adapter)
        self.published: list[int] = []
        self.received: list[int] = []
        self.settled: list[Sequence[Settlement]] = []

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """Note how many."""
        self.published.append(len(messages))
        return await super().publish(messages, timeout=timeout)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """Note the limit."""
        self.received.append(limit)
        return await super().receive(subscription, limit=limit, wait=wait)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """Note what was settled."""
        outcomes = await super().settle(settlements)
        self.settled.append(settlements)
        return outcomes


class Watched(AdapterWrapper):
    """Knows whether somebody waits for the outcome of a settlement.

    A queue is empty before the worker has heard of it.

    :ivar settling: calls of ``settle`` under way.
    """

    def __init__(self, adapter: Adapter) -> None:
        super().__init__(adapter)
        self.settling = 0

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """Count the call while it is under way."""
        self.settling += 1
        try:
            return await super().settle(settlements)
        finally:
            self.settling -= 1
