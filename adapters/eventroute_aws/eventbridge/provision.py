"""Creates, checks and removes the event bus, rules, targets and queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from eventroute_aws.calls import Calls
from eventroute_aws.eventbridge.apply import Applier
from eventroute_aws.eventbridge.desired import desired_of
from eventroute_aws.eventbridge.found import Finder
from eventroute_aws.eventbridge.iam import policy_of
from eventroute_aws.eventbridge.needs import check_needs
from eventroute_aws.eventbridge.removal import Removal
from eventroute_aws.eventbridge.survey import Survey, Surveyor
from eventroute_aws.provisioning.found import QueueFinder
from eventroute_aws.provisioning.places import assumed_urls, laid_out, place_of
from eventroute_aws.provisioning.rounds import refuse_differences, settle
from eventroute_aws.provisioning.steps import changes_of, rewrites_policies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Change, Role
    from eventroute.topology import Topology
    from eventroute_aws.clients import Clients
    from eventroute_aws.eventbridge.resources import Desired
    from eventroute_aws.layout import Queue
    from eventroute_aws.options import EventBridgeOptions, Mode

__all__ = ["Provisioner"]


class Provisioner:
    """Puts a topology on EventBridge and SQS, as ``options.provision`` says."""

    def __init__(self, clients: Clients, options: EventBridgeOptions) -> None:
        self._clients = clients
        self._options = options
        self._calls = Calls()
        self._queues = QueueFinder(clients, self._calls, options)
        finder = Finder(clients, self._calls, options)
        self._surveyor = Surveyor(finder, self._queues, options)
        self._removal = Removal(finder, self._queues, options)
        self._opening = anyio.Lock()

    async def open(self, topology: Topology, *, provision: bool = True) -> Sequence[Queue]:
        """See :meth:`eventroute.port.Adapter.open`; returns where each subscription's queue is.

        Unless names are assumed, the event bus exists afterwards: EventBridge takes events for one
        that does not, and drops them.
        """
        check_needs(topology, self._options)
        async with self._opening:
            return await self._open(topology, self._options.provision if provision else "assume")

    async def bus_arn(self) -> str:
        """The ARN of the event bus that events are published to."""
        return (await place_of(self._clients)).bus(self._options.bus)

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        check_needs(topology, self._options)
        survey = await self._surveyor.survey(topology, await place_of(self._clients))
        return changes_of(survey.phases)

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        check_needs(topology, self._options)
        async with self._opening:
            _, _, done = await self._apply(topology)
        return done

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        """See :class:`eventroute.port.Guarded`. Goes by the declarations, not by what there is."""
        check_needs(topology, self._options)
        desired = await self._assumed(topology)
        return policy_of(role, topology, desired, self._options, await place_of(self._clients))

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :meth:`eventroute.port.Adapter.drop`."""
        async with self._opening:
            phases = await self._removal.of_subscriptions(subscriptions)
            await Applier(self._clients, self._calls).apply(phases)

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        async with self._opening:
            phases = await self._removal.of_everything()
            if not dry_run:
                await Applier(self._clients, self._calls).apply(phases)
        return changes_of(phases)

    async def _open(self, topology: Topology, mode: Mode) -> list[Queue]:
        match mode:
            case "assume":
                desired = await self._assumed(topology)
                urls = await assumed_urls(self._clients, desired.queues)
            case "validate":
                survey = await self._surveyor.survey(topology, await place_of(self._clients))
                refuse_differences(survey, "run `eventroute apply`")
                desired = survey.desired
                urls = {queue.name: queue.url for queue in survey.found.queues.values()}
            case "create":
                survey, urls, _ = await self._apply(topology)
                desired = survey.desired
        return laid_out(desired.queues, urls, topology)

    async def _apply(self, topology: Topology) -> tuple[Survey, dict[str, str], list[Change]]:
        place = await place_of(self._clients)
        applier = Applier(self._clients, self._calls)
        survey, done = await settle(
            lambda: self._surveyor.survey(topology, place),
            lambda survey: applier.apply(survey.phases),
            lambda survey: rewrites_policies(survey.phases),
            self._calls,
        )
        found = {queue.name: queue.url for queue in survey.found.queues.values()}
        return survey, applier.urls | found, done

    async def _assumed(self, topology: Topology) -> Desired:
        dead = await self._queues.dead_letters(topology)
        return desired_of(topology, self._options, await place_of(self._clients), dead)
