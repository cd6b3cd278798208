"""The adapter: provisioning, publishing and consuming, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

from eventroute.errors import NotOpenError
from eventroute.port import Capabilities
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.queues.consumer import Consumer
from eventroute_aws.sns.provision import Provisioner
from eventroute_aws.sns.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.clock import Clock
    from eventroute.errors import EventRouteError
    from eventroute.port import (
        Change,
        DeadLetter,
        DeadSettlement,
        Delivery,
        Outgoing,
        QueueDepth,
        Role,
        Settlement,
    )
    from eventroute.topology import Topology
    from eventroute_aws.options import SnsOptions

__all__ = ["SnsAdapter"]

_BATCH: Final = 10
_LONGEST_DELAY: Final = 43_200.0


class SnsAdapter:
    """An SNS topic for each event source, an SQS queue for each subscription.

    Time is that of AWS; the clock tells only how long a lease has left.
    """

    def __init__(self, options: SnsOptions, clock: Clock) -> None:
        self._options = options
        self._clients = Clients(options)
        claims = None if options.claim_check is None else Claims(self._clients, options.claim_check)
        self._provisioner = Provisioner(self._clients, options)
        self._publisher = Publisher(self._clients, options, self._provisioner.topic, claims)
        self._consumer = Consumer(self._clients, options, clock, claims)
        self._is_open = False

    @property
    def capabilities(self) -> Capabilities:
        """See :class:`eventroute.port.Adapter`."""
        return Capabilities(
            ordered=True,
            durable=True,
            multi_process=True,
            max_event_bytes=self._publisher.max_event_bytes,
            max_release_delay=_LONGEST_DELAY,
            max_publish_delay=0,
            batch_size=_BATCH,
            filtering="an SNS filter policy (MessageBody)",
            native_dead_letters=True,
            fan_out_lag=self._options.fan_out_lag,
        )

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        """See :class:`eventroute.port.Adapter`."""
        await self._clients.open()
        try:
            queues = await self._provisioner.open(topology, provision=provision)
        except BaseException:
            if not self._is_open:  # nobody will close what was never open
                with anyio.CancelScope(shield=True):
                    await self._clients.close()
            raise
        self._is_open = True
        self._consumer.use(queues)

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        await self._clients.open()
        return await self._provisioner.plan(topology)

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        await self._clients.open()
        return await self._provisioner.apply(topology)

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        """See :class:`eventroute.port.Guarded`."""
        await self._clients.open()
        return await self._provisioner.permissions(role, topology)

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        await self._clients.open()
        return await self._provisioner.destroy(dry_run=dry_run)

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :class:`eventroute.port.Adapter`."""
        self._must_be_open()
        await self._consumer.forget(subscriptions)
        await self._provisioner.drop(subscriptions)

    async def close(self) -> None:
        """See :class:`eventroute.port.Adapter`. Waits for the polls under way."""
        self._is_open = False
        await self._publisher.close()
        await self._consumer.close()
        await self._clients.close()

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        self._must_be_open()
        return await self._publisher.publish(messages, timeout=timeout)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        self._must_be_open()
        return await self._consumer.receive(subscription, limit=limit, wait=wait)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        self._must_be_open()
        return await self._consumer.settle(settlements)

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`. SQS's counts are approximate, and lag."""
        self._must_be_open()
        return await self._consumer.depth(subscription)

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        """See :class:`eventroute.port.Adapter`."""
        self._must_be_open()
        return await self._consumer.receive_dead(subscription, limit=limit, lease=lease)

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        self._must_be_open()
        return await self._consumer.settle_dead(settlements)

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise NotOpenError("the AWS backend is used before it was opened, or after it closed")
