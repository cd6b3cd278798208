"""Creates, checks and removes topics, queues and what connects them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import Change
    from eventroute.topology import Topology
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Queue, Topic
    from eventroute_aws.options import SnsOptions

__all__ = ["Provisioner"]


class Provisioner:
    """Puts a topology on SNS and SQS, as ``options.provision`` says."""

    def __init__(self, clients: Clients, options: SnsOptions) -> None:
        self._clients = clients
        self._options = options

    async def open(self, topology: Topology) -> Sequence[Queue]:
        """See :meth:`eventroute.port.Adapter.open`; returns where each subscription's queue is."""
        raise NotImplementedError

    async def topic(self, source: str) -> Topic:
        """The topic that events of a source are published to; from memory after the first time.

        :raises ConfigurationError: there is none, and none may be created.
        """
        raise NotImplementedError

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        raise NotImplementedError

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :meth:`eventroute.port.Adapter.drop`."""
        raise NotImplementedError

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        raise NotImplementedError
