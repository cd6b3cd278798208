"""Creates, checks and removes the archive of the event bus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from eventroute_aws.calls import Calls
from eventroute_aws.eventbridge.archive.differences import archive_steps, removal_of
from eventroute_aws.eventbridge.archive.found import ArchiveFinder
from eventroute_aws.eventbridge.archive.iam import policy_with_archive
from eventroute_aws.eventbridge.archive.leftovers import Leftovers
from eventroute_aws.eventbridge.archive.steps import ArchiveApplier
from eventroute_aws.eventbridge.found import Finder
from eventroute_aws.provisioning.apply import apply
from eventroute_aws.provisioning.places import place_of
from eventroute_aws.provisioning.rounds import refuse_differences, settle
from eventroute_aws.provisioning.steps import changes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Change, Role
    from eventroute.topology import Topology
    from eventroute_aws.clients import Clients
    from eventroute_aws.eventbridge.archive.steps import ArchiveStep
    from eventroute_aws.layout import Queue
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.parts import Provisioning

__all__ = ["ProvisioningOfArchive"]


@dataclass(frozen=True, slots=True)
class _Survey:
    phases: tuple[tuple[ArchiveStep, ...], ...]


class ProvisioningOfArchive:
    """Puts a topology on EventBridge, and with it the archive, where the options want one.

    :param others: puts everything else there, the event bus first.
    """

    def __init__(self, others: Provisioning, clients: Clients, options: EventBridgeOptions) -> None:
        self._others = others
        self._clients = clients
        self._options = options
        self._on = options.archive != "off"
        self._calls = Calls()
        self._finder = ArchiveFinder(clients, self._calls, options)
        rules = Finder(clients, self._calls, options)
        self._leftovers = Leftovers(clients, self._calls, rules, options)
        self._opening = anyio.Lock()

    async def open(self, topology: Topology, *, provision: bool) -> Sequence[Queue]:
        """See :meth:`eventroute.port.Adapter.open`."""
        queues = await self._others.open(topology, provision=provision)
        if self._on and provision:
            if self._options.provision == "validate":
                refuse_differences(_Survey(await self._archive()), "run `eventroute apply`")
            elif self._options.provision == "create":
                await self._apply(mend_rules=False)
        return queues

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        planned = await self._others.plan(topology)
        if not self._on:
            return planned
        return [*planned, *changes_of((await self._survey(mend_rules=True)).phases)]

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`. Removes what replays have left, too."""
        done = await self._others.apply(topology)
        return [*done, *await self._apply(mend_rules=True)] if self._on else done

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :meth:`eventroute.port.Adapter.drop`."""
        await self._others.drop(subscriptions)

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`. The archive goes before its bus.

        Also where the options no longer want one: nobody else deletes it.
        """
        steps = removal_of(await self._finder.archive(), self._options)
        if not dry_run:
            await apply([steps], ArchiveApplier(self._clients, self._calls).do, self._calls)
        return [*changes_of([steps]), *await self._others.destroy(dry_run=dry_run)]

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        """See :class:`eventroute.port.Guarded`. Who provisions replays, too."""
        policy = await self._others.permissions(role, topology)
        place = await place_of(self._clients)
        return policy_with_archive(role, policy, topology, self._options, place)

    async def _archive(self) -> tuple[tuple[ArchiveStep, ...], ...]:
        bus = (await place_of(self._clients)).bus(self._options.bus)
        there = await self._finder.archive()
        return (archive_steps(self._finder.name, bus, there, self._options),)

    async def _survey(self, *, mend_rules: bool) -> _Survey:
        leftovers = await self._leftovers.removal() if mend_rules else ()
        return _Survey((*await self._archive(), *leftovers))

    async def _apply(self, *, mend_rules: bool) -> Sequence[Change]:
        applier = ArchiveApplier(self._clients, self._calls)
        async with self._opening:
            _, done = await settle(
                lambda: self._survey(mend_rules=mend_rules),
                lambda survey: apply(survey.phases, applier.do, self._calls),
                lambda _: False,
                self._calls,
            )
        return done
