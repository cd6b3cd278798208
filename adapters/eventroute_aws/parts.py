"""The parts of an AWS backend that differ from service to service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eventroute.port import Guarded, Provisioned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.errors import EventRouteError
    from eventroute.port import Outgoing
    from eventroute.topology import Topology
    from eventroute_aws.layout import Queue

__all__ = ["Checking", "Provisioning", "Sending"]


class Provisioning(Provisioned, Guarded, Protocol):
    """Puts a topology on AWS."""

    async def open(self, topology: Topology, *, provision: bool) -> Sequence[Queue]:
        """As :meth:`eventroute.port.Adapter.open`, and tell where each queue is."""
        ...

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :meth:`eventroute.port.Adapter.drop`."""
        ...


class Sending(Protocol):
    """Publishes to AWS."""

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :meth:`eventroute.port.Adapter.publish`."""
        ...

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        ...


class Checking(Sending, Protocol):
    """Publishes to AWS, and knows beforehand what it would refuse."""

    async def check(self, messages: Sequence[Outgoing]) -> Sequence[EventRouteError | None]:
        """What :meth:`publish` would refuse, if they were not delayed. Publishes nothing."""
        ...
