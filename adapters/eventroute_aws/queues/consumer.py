"""Receives from queues, settles, and looks after dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.clock import Clock
    from eventroute.errors import EventRouteError
    from eventroute.port import DeadLetter, DeadSettlement, Delivery, QueueDepth, Settlement
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Queue
    from eventroute_aws.options import AwsOptions

__all__ = ["Consumer"]


class Consumer:
    """The consuming half of an adapter: methods as in :class:`eventroute.port.Adapter`."""

    def __init__(
        self, clients: Clients, options: AwsOptions, clock: Clock, claims: Claims | None
    ) -> None:
        self._clients = clients

    def use(self, queues: Iterable[Queue]) -> None:
        """Know these queues from now on, besides those that are known."""
        raise NotImplementedError

    async def forget(self, subscriptions: Sequence[str]) -> None:
        """End the polls of queues that are about to be deleted, and know them no more."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let the polls under way end, and release what nobody took. Idempotent."""
        raise NotImplementedError

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        raise NotImplementedError

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        raise NotImplementedError

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`."""
        raise NotImplementedError

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        """See :class:`eventroute.port.Adapter`."""
        raise NotImplementedError

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        raise NotImplementedError
