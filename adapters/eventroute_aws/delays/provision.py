"""Puts what delays need beside what a topology needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from logging import getLogger
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio

from eventroute.errors import EventRouteError
from eventroute_aws.calls import Calls
from eventroute_aws.delays.delaying import forwards_when_open
from eventroute_aws.delays.groups import CreateGroup, DeleteGroup, Groups, GroupStep, TagGroup
from eventroute_aws.delays.iam import policy_with_delays
from eventroute_aws.delays.schedules import count_schedules
from eventroute_aws.delays.site import Site
from eventroute_aws.provisioning.apply import QueueApplier, apply
from eventroute_aws.provisioning.desired import DesiredQueue, queue_attributes
from eventroute_aws.provisioning.differences import queue_phases
from eventroute_aws.provisioning.found import QueueFinder
from eventroute_aws.provisioning.places import place_of
from eventroute_aws.provisioning.policies import Author
from eventroute_aws.provisioning.rounds import refuse_differences, settle
from eventroute_aws.provisioning.steps import QueueStep, changes_of
from eventroute_aws.provisioning.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Change, Role
    from eventroute.topology import Topology
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Queue
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.parts import Provisioning
    from eventroute_aws.provisioning.names import Place

__all__ = ["ProvisioningOfDelays", "desired_delays"]

logger: Final = getLogger("eventroute.aws")

_Step: TypeAlias = QueueStep | GroupStep

_RETENTION: Final = 14 * 86_400
_LEASE: Final = 60
_MAX_RECEIVES: Final = 1_000


def desired_delays(options: AwsOptions, site: Site, place: Place) -> tuple[DesiredQueue, ...]:
    """The queue in which delayed events wait, behind its dead-letter queue.

    It keeps them as long as SQS does: nobody may be there to publish them when they are due.
    """
    shared = queue_attributes(options, fifo=False)
    tags = tags_of(options, {})
    redrive = {
        "deadLetterTargetArn": place.queue(site.dead_name),
        "maxReceiveCount": _MAX_RECEIVES,
    }
    return (
        DesiredQueue(
            site.dead_name,
            place.queue(site.dead_name),
            "",
            {**shared, "MessageRetentionPeriod": str(options.dead_letter_retention)},
            tags,
        ),
        DesiredQueue(
            site.name,
            place.queue(site.name),
            "",
            {
                **shared,
                "MessageRetentionPeriod": str(_RETENTION),
                "RedrivePolicy": json.dumps(redrive, separators=(",", ":")),
                "VisibilityTimeout": str(_LEASE),
            },
            tags,
            dead=site.dead_name,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Survey:
    phases: tuple[tuple[_Step, ...], ...]


class ProvisioningOfDelays:
    """Puts a topology on AWS, and with it the queue and the group of schedules that delays need.

    :param others: puts everything else there. It removes all queues that have our tag.
    """

    def __init__(self, others: Provisioning, clients: Clients, options: AwsOptions) -> None:
        self._others = others
        self._clients = clients
        self._options = options
        self._on = options.delays == "on"
        self._site = Site(clients, options)
        self._calls = Calls()
        self._finder = QueueFinder(clients, self._calls, options)
        self._groups = Groups(clients, self._calls, options, self._site.group)
        self._opening = anyio.Lock()

    async def open(self, topology: Topology, *, provision: bool) -> Sequence[Queue]:
        """See :meth:`eventroute.port.Adapter.open`."""
        queues = await self._others.open(topology, provision=provision)
        if self._on and provision:
            if self._options.provision == "validate":
                refuse_differences(await self._survey(), "run `eventroute apply`")
            elif self._options.provision == "create":
                await self._apply()
        if not self._on and self._options.provision != "assume":
            await self._warn_of_the_forgotten()
        return queues

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        planned = await self._others.plan(topology)
        if not self._on:
            return planned
        return [*planned, *changes_of((await self._survey()).phases)]

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        done = await self._others.apply(topology)
        return [*done, *await self._apply()] if self._on else done

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :meth:`eventroute.port.Adapter.drop`."""
        await self._others.drop(subscriptions)

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`. Schedules go before their queue."""
        # Also where no option asks for it any more: its schedules would send to nowhere.
        try:
            steps = await self._groups.removal()
        except EventRouteError as error:
            if self._options.scheduler_role is not None:
                raise
            logger.warning("whether there is a schedule group is not known: %s", error)
            steps = []
        if not dry_run:
            await apply([steps], self._groups.do, self._calls)
        return [*changes_of([steps]), *await self._others.destroy(dry_run=dry_run)]

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        """See :class:`eventroute.port.Guarded`. Who consumes publishes what was delayed, too."""
        policy = await self._others.permissions(role, topology)
        if not self._on:
            return policy
        publishing = await self._others.permissions("publisher", topology)
        place = await place_of(self._clients)
        return policy_with_delays(
            role,
            policy,
            publishing,
            options=self._options,
            site=self._site,
            place=place,
            forwards=forwards_when_open(topology),
        )

    async def _warn_of_the_forgotten(self) -> None:
        """Tell that something waits, which nobody publishes where delays are off."""
        site = self._site
        try:
            if not await site.is_there():
                return
            waiting = await site.count() + await count_schedules(self._clients, site.group)
        except EventRouteError as error:
            logger.debug("what waits in the queue %s is not known: %s", site.name, error)
            return
        if waiting:
            logger.warning(
                'delays is "off", and %d delayed events wait in the queue %s and the schedules of '
                "its group: nobody publishes them. Leave delays on until nothing waits any more",
                waiting,
                site.name,
            )

    async def _survey(self) -> _Survey:
        desired = desired_delays(self._options, self._site, await place_of(self._clients))
        found = await self._finder.queues(queue.name for queue in desired)
        # Scheduler sends with a role, and we with ours: nobody needs a policy of the queue.
        author = Author(self._options.prefix, "sns.amazonaws.com")
        queues = queue_phases(
            desired, {queue.name: queue for queue in found}, author, self._options
        )
        scheduled = self._options.scheduler_role is not None
        return _Survey((*queues, tuple(await self._groups.missing() if scheduled else ())))

    async def _apply(self) -> Sequence[Change]:
        applier = QueueApplier(self._clients, self._calls)

        async def do(step: _Step) -> None:
            if isinstance(step, CreateGroup | TagGroup | DeleteGroup):
                await self._groups.do(step)
            else:
                await applier.do(step)

        async with self._opening:
            _, done = await settle(
                self._survey,
                lambda survey: apply(survey.phases, do, self._calls),
                lambda _: False,
                self._calls,
            )
        return done
