"""The adapter of every AWS backend: provisioning, publishing and consuming, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from eventroute.errors import NotOpenError
from eventroute_aws.calls import Calls
from eventroute_aws.delays.delaying import forwards_when_open
from eventroute_aws.provisioning.found import QueueFinder
from eventroute_aws.provisioning.leftovers import leftovers
from eventroute_aws.provisioning.misspelt import refuse_misspelt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.errors import EventRouteError
    from eventroute.port import (
        Capabilities,
        Change,
        DeadLetter,
        DeadSettlement,
        Delivery,
        Leftover,
        Outgoing,
        QueueDepth,
        Role,
        Settlement,
    )
    from eventroute.topology import Topology
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.delaying import Delaying
    from eventroute_aws.parts import Provisioning, Sending
    from eventroute_aws.queues.consumer import Consumer

__all__ = ["AwsAdapter"]


class AwsAdapter:
    """What fans out differs from backend to backend; the queue side is the same.

    Time is that of AWS; the clock tells only how long a lease has left.

    :param clients: of nobody else; closed with the adapter.
    :param delays: the publisher, where it lets events wait; who receives also publishes what is
        due, and where there are routes alone, who opens.
    """

    def __init__(  # noqa: PLR0917  its parts, each once
        self,
        clients: Clients,
        capabilities: Capabilities,
        provisioner: Provisioning,
        publisher: Sending,
        consumer: Consumer,
        delays: Delaying | None = None,
    ) -> None:
        self._clients = clients
        self._capabilities = capabilities
        self._provisioner = provisioner
        self._publisher = publisher
        self._consumer = consumer
        self._delays = delays
        self._is_open = False

    @property
    def backend(self) -> str:
        """Its name in the configuration, for messages."""
        return self._clients.options.shared_table

    @property
    def capabilities(self) -> Capabilities:
        """See :class:`eventroute.port.Adapter`."""
        return self._capabilities

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        """See :class:`eventroute.port.Adapter`."""
        refuse_misspelt(topology, self._clients.options)
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
        if self._delays is not None and forwards_when_open(topology):
            self._delays.forward()

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        refuse_misspelt(topology, self._clients.options)
        await self._clients.open()
        return await self._provisioner.plan(topology)

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        refuse_misspelt(topology, self._clients.options)
        await self._clients.open()
        return await self._provisioner.apply(topology)

    async def leftovers(self, topology: Topology) -> Sequence[Leftover]:
        """See :class:`eventroute.port.Tidied`."""
        await self._clients.open()
        finder = QueueFinder(self._clients, Calls(), self._clients.options)
        return await leftovers(topology, finder)

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
        async with anyio.create_task_group() as group:  # both may have polls that have to end
            group.start_soon(self._publisher.close)
            group.start_soon(self._consumer.close)
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
        if self._delays is not None:
            self._delays.forward()
        return await self._consumer.receive(subscription, limit=limit, wait=wait)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        self._must_be_open()
        return await self._consumer.settle(settlements)

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`. SQS's counts are approximate, and lag.

        What waits to be published counts for every subscription: which will get it, nobody knows.
        """
        self._must_be_open()
        # First what waits: an event that is published in between is counted twice, not never.
        waiting = 0 if self._delays is None else await self._delays.outstanding()
        depth = await self._consumer.depth(subscription)
        return replace(depth, delayed=depth.delayed + waiting) if waiting else depth

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
