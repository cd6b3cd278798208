"""Puts each part of a topology on its service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Change, Role
    from eventroute.topology import Topology
    from eventroute_aws.layout import Queue
    from eventroute_aws.mixed.transports import Transport, Transports
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.parts import Provisioning

__all__ = ["MixedProvisioner"]


class MixedProvisioner:
    """Both provisioners, one after the other: they may set up the same queue.

    :param provisioners: one for each service.
    """

    def __init__(
        self,
        transports: Transports,
        provisioners: Mapping[Transport, Provisioning],
        options: AwsOptions,
    ) -> None:
        self._transports = transports
        self._provisioners = provisioners
        self._options = options
        self.parts: Mapping[Transport, Topology] = {}
        """What each service has to do with, once opened."""

    async def open(self, topology: Topology, *, provision: bool) -> Sequence[Queue]:
        """See :class:`eventroute_aws.adapter.Provisioning`."""
        parts = self._transports.split(topology)
        if provision and self._options.provision == "create":
            await self.plan(topology)  # what one service refuses must not be half made on the other
        self.parts = parts
        queues: dict[str, Queue] = {}
        for transport, provisioner in self._provisioners.items():
            opened = await provisioner.open(parts[transport], provision=provision)
            queues |= {queue.subscription: queue for queue in opened}
        return list(queues.values())

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        parts = self._transports.split(topology)
        changes: list[Change] = []
        for transport, provisioner in self._provisioners.items():
            changes += await provisioner.plan(parts[transport])
        return _once(changes)

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        parts = self._transports.split(topology)
        await self.plan(topology)
        changes: list[Change] = []
        for transport, provisioner in self._provisioners.items():
            changes += await provisioner.apply(parts[transport])
        return _once(changes)

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        changes: list[Change] = []
        for provisioner in self._provisioners.values():
            changes += await provisioner.destroy(dry_run=dry_run)
        return _once(changes)

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :meth:`eventroute.port.Adapter.drop`."""
        for provisioner in self._provisioners.values():
            await provisioner.drop(subscriptions)

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        """See :class:`eventroute.port.Guarded`."""
        parts = self._transports.split(topology)
        statements: list[dict[str, Any]] = []
        policy: dict[str, Any] = {}
        for transport, provisioner in self._provisioners.items():
            policy = dict(await provisioner.permissions(role, parts[transport]))
            found = cast("list[dict[str, Any]]", policy["Statement"])
            statements += [one for one in found if one not in statements]
        return {**policy, "Statement": statements}


def _once(changes: Sequence[Change]) -> list[Change]:
    """Without those that both services tell of: they share queues."""
    return list(dict.fromkeys(changes))
