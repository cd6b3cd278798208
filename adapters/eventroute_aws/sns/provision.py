"""Creates, checks and removes topics, queues and what connects them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.errors import ConfigurationError
from eventroute.topology import Topology
from eventroute_aws.calls import Calls
from eventroute_aws.layout import Topic
from eventroute_aws.provisioning.found import QueueFinder
from eventroute_aws.provisioning.names import FIFO
from eventroute_aws.provisioning.places import assumed_urls, laid_out, place_of
from eventroute_aws.provisioning.rounds import refuse_differences, settle
from eventroute_aws.provisioning.steps import changes_of, rewrites_policies
from eventroute_aws.sns.apply import Applier
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.differences import Found
from eventroute_aws.sns.found import Finder
from eventroute_aws.sns.iam import policy_of
from eventroute_aws.sns.needs import needs_of
from eventroute_aws.sns.removal import Removal
from eventroute_aws.sns.steps import CreateTopic
from eventroute_aws.sns.survey import Survey, Surveyor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Change, Role
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Queue
    from eventroute_aws.options import Mode, SnsOptions
    from eventroute_aws.sns.needs import Needs
    from eventroute_aws.sns.resources import Desired
    from eventroute_aws.sns.steps import Phases

__all__ = ["Provisioner"]

_LARGEST: Final = 262_144


class Provisioner:
    """Puts a topology on SNS and SQS, as ``options.provision`` says."""

    def __init__(self, clients: Clients, options: SnsOptions) -> None:
        self._clients = clients
        self._options = options
        self._calls = Calls()
        self._queues = QueueFinder(clients, self._calls, options)
        finder = Finder(clients, self._calls, options.prefix)
        self._surveyor = Surveyor(finder, self._queues, self._calls, options)
        self._removal = Removal(finder, self._queues, self._calls, options)
        self._topics: dict[str, Topic] = {}
        self._opening = anyio.Lock()

    async def open(self, topology: Topology, *, provision: bool = True) -> Sequence[Queue]:
        """See :meth:`eventroute.port.Adapter.open`; returns where each subscription's queue is."""
        needs = needs_of(topology, self._options)
        async with self._opening:
            return await self._open(needs, mode=self._options.provision if provision else "assume")

    def known_topic(self, source: str) -> Topic | None:
        """The topic that events of a source are published to, if it is in memory and usable."""
        known = self._topics.get(source)
        return None if known is None or _is_unclear(known) else known

    async def topic(self, source: str) -> Topic:
        """The topic that events of a source are published to; from memory after the first time.

        :raises ConfigurationError: there is none, and none may be created.
        """
        known = self._topics.get(source)
        if known is None:
            self._refuse_undeclared(source)
            needs = replace(needs_of(Topology(), self._options, [source]), sources=(source,))
            async with self._opening:
                if source not in self._topics:
                    await self._open(
                        needs,
                        f"add {source!r} to the option {self._options.table}.sources and run "
                        "`eventroute apply`",
                        mode=self._options.provision,
                    )
            known = self._topics[source]
        if _is_unclear(known):
            raise ConfigurationError(
                f"the topic {known.arn} keeps an order, and does not tell by what; name the "
                f'member in the options: [sns.ordered_by] "{source}" = "order.id"'
            )
        return known

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        needs = needs_of(topology, self._options)
        survey = await self._surveyor.survey(needs, await place_of(self._clients))
        return changes_of(survey.phases)

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        needs = needs_of(topology, self._options)
        async with self._opening:
            _, _, done = await self._apply(needs)
        return done

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        """See :class:`eventroute.port.Guarded`. Goes by the declarations, not by what there is."""
        needs = needs_of(topology, self._options)
        desired, _ = await self._assumed(needs)
        return policy_of(role, needs, desired, self._options, await place_of(self._clients))

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :meth:`eventroute.port.Adapter.drop`."""
        async with self._opening:
            await self._remove(await self._removal.of_subscriptions(subscriptions))

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        async with self._opening:
            phases = await self._removal.of_everything()
            if not dry_run:
                self._topics.clear()
                await self._remove(phases)
        return changes_of(phases)

    def _refuse_undeclared(self, source: str) -> None:
        options = self._options
        declared = {*options.sources, *options.topics, *options.ordered_by}
        if options.provision == "assume" and source not in declared:
            raise ConfigurationError(
                f"nothing declares the source {source!r}, so that its topic cannot be assumed; "
                f'{_remedy(source, self._options)}, or open with provision = "create"'
            )

    async def _open(
        self, needs: Needs, remedy: str = "run `eventroute apply`", *, mode: Mode
    ) -> list[Queue]:
        match mode:
            case "assume":
                desired, found = await self._assumed(needs)
                urls = await assumed_urls(self._clients, desired.queues)
            case "validate":
                survey = await self._surveyor.survey(needs, await place_of(self._clients))
                refuse_differences(survey, remedy)
                desired, found = survey.desired, survey.found
                urls = {queue.name: queue.url for queue in found.queues.values()}
            case "create":
                survey, urls, _ = await self._apply(needs)
                desired, found = survey.desired, survey.found
        self._remember(desired, found)
        return laid_out(desired.queues, urls, [one for one, _ in needs.subscriptions])

    async def _apply(self, needs: Needs) -> tuple[Survey, dict[str, str], list[Change]]:
        place = await place_of(self._clients)
        applier = Applier(self._clients, self._calls)
        survey, done = await settle(
            lambda: self._surveyor.survey(needs, place),
            lambda survey: applier.apply(survey.phases),
            lambda survey: _needs_another_look(needs, survey.phases),
            self._calls,
        )
        found = {queue.name: queue.url for queue in survey.found.queues.values()}
        return survey, applier.urls | found, done

    async def _remove(self, phases: Phases) -> None:
        await Applier(self._clients, self._calls).apply(phases)

    async def _assumed(self, needs: Needs) -> tuple[Desired, Found]:
        dead = await self._queues.dead_letters([one for one, _ in needs.subscriptions])
        place = await place_of(self._clients)
        return desired_of(needs, self._options, place, {}, dead=dead), Found()

    def _remember(self, desired: Desired, found: Found) -> None:
        for topic in desired.topics:
            there = found.topics.get(topic.arn)
            attributes: Mapping[str, str] = {} if there is None else there.attributes
            largest = int(attributes.get("MaximumMessageSize") or _LARGEST)
            if topic.source is not None:
                self._topics[topic.source] = Topic(
                    topic.source, topic.arn, topic.ordered_by, largest
                )


def _remedy(source: str, options: SnsOptions) -> str:
    return f"add {source!r} to the option {options.table}.sources, run `eventroute apply`"


def _needs_another_look(needs: Needs, phases: Phases) -> bool:
    """Whether others may have made a topic that nobody saw while it was made.

    They made the other kind of topic for a source, or one that an open subscription is for. Or they
    wrote the policy of a queue when we did.
    """
    made = any(isinstance(step, CreateTopic) for phase in phases for step in phase)
    return needs.open or made or rewrites_policies(phases)


def _is_unclear(topic: Topic) -> bool:
    return topic.ordered_by is None and topic.arn.endswith(FIFO)
