"""Creates, checks and removes topics, queues and what connects them."""

from __future__ import annotations

import logging
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.errors import AdapterError, ConfigurationError
from eventroute.topology import Topology
from eventroute_aws.calls import Calls
from eventroute_aws.iam import policy_of
from eventroute_aws.layout import Queue, Topic
from eventroute_aws.provisioning.names import FIFO, Place
from eventroute_aws.sns.apply import Applier, MovedError
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.differences import Found
from eventroute_aws.sns.found import Finder
from eventroute_aws.sns.needs import needs_of
from eventroute_aws.sns.removal import Removal
from eventroute_aws.sns.steps import CreateTopic, changes_of
from eventroute_aws.sns.survey import Survey, Surveyor, dead_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Change, Role
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import Mode, SnsOptions
    from eventroute_aws.sns.needs import Needs
    from eventroute_aws.sns.resources import Desired
    from eventroute_aws.sns.steps import Phases

__all__ = ["Provisioner"]

_ROUNDS: Final = 6
_LARGEST: Final = 262_144

logger = logging.getLogger("eventroute")


class Provisioner:
    """Puts a topology on SNS and SQS, as ``options.provision`` says."""

    def __init__(self, clients: Clients, options: SnsOptions) -> None:
        self._clients = clients
        self._options = options
        self._calls = Calls()
        self._finder = Finder(clients, self._calls, options.prefix)
        self._surveyor = Surveyor(self._finder, self._calls, options)
        self._removal = Removal(self._finder, self._calls, options)
        self._topics: dict[str, Topic] = {}
        self._opening = anyio.Lock()

    async def open(self, topology: Topology, *, provision: bool = True) -> Sequence[Queue]:
        """See :meth:`eventroute.port.Adapter.open`; returns where each subscription's queue is."""
        needs = needs_of(topology, self._options)
        async with self._opening:
            return await self._open(needs, mode=self._options.provision if provision else "assume")

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
                        f"add {source!r} to the option sns.sources and run `eventroute apply`",
                        mode=self._options.provision,
                    )
            known = self._topics[source]
        if known.ordered_by is None and known.arn.endswith(FIFO):
            raise ConfigurationError(
                f"the topic {known.arn} keeps an order, and does not tell by what; name the "
                f'member in the options: [sns.ordered_by] "{source}" = "order.id"'
            )
        return known

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """See :class:`eventroute.port.Provisioned`."""
        needs = needs_of(topology, self._options)
        survey = await self._surveyor.survey(needs, await self._place())
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
        return policy_of(role, needs, desired, self._options, await self._place())

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
                f'{_remedy(source)}, or open with provision = "create"'
            )

    async def _open(
        self, needs: Needs, remedy: str = "run `eventroute apply`", *, mode: Mode
    ) -> list[Queue]:
        match mode:
            case "assume":
                desired, found = await self._assumed(needs)
                urls = await self._assumed_urls(desired)
            case "validate":
                survey = await self._surveyor.survey(needs, await self._place())
                _refuse_differences(survey, remedy)
                desired, found = survey.desired, survey.found
                urls = {queue.name: queue.url for queue in found.queues.values()}
            case "create":
                survey, urls, _ = await self._apply(needs)
                desired, found = survey.desired, survey.found
        self._remember(desired, found)
        visibility = {one.name: one.visibility_timeout for one, _ in needs.subscriptions}
        return [
            Queue(
                queue.subscription,
                urls[queue.name],
                urls[queue.dead],
                ceil(visibility[queue.subscription]),
                queue.name.endswith(FIFO),
            )
            for queue in desired.queues
            if queue.dead is not None
        ]

    async def _apply(self, needs: Needs) -> tuple[Survey, dict[str, str], list[Change]]:
        """Look and change until nothing differs; others may be changing the same things."""
        place = await self._place()
        applier = Applier(self._clients, self._calls)
        done: list[Change] = []
        rounds = 0
        while True:
            rounds += 1
            survey = await self._surveyor.survey(needs, place)
            try:
                await applier.apply(survey.phases)
            except MovedError as error:
                if rounds == _ROUNDS:
                    raise AdapterError(
                        f"others keep changing the same resources ({error}); open the bus again"
                    ) from error
                await anyio.sleep(self._calls.pause())
                continue
            changes = changes_of(survey.phases)
            for change in changes:
                logger.info("%s %s %s", change.action, change.resource, "; ".join(change.details))
            done += [change for change in changes if change not in done]
            # AWS may still tell how things were, so that doing it again must come to an end.
            settled = not changes or not _needs_another_look(needs, survey.phases)
            if settled or rounds == _ROUNDS:
                found = {queue.name: queue.url for queue in survey.found.queues.values()}
                return survey, applier.urls | found, done

    async def _remove(self, phases: Phases) -> None:
        await Applier(self._clients, self._calls).apply(phases)

    async def _assumed(self, needs: Needs) -> tuple[Desired, Found]:
        dead: dict[str, str] = {}
        for one, _ in needs.subscriptions:
            mapped = self._options.queues.get(one.name)
            queue = None if mapped is None else await self._finder.queue(mapped)
            letters = None if queue is None else dead_of(queue)
            if letters is not None:
                dead[one.name] = letters
        place = await self._place()
        return desired_of(needs, self._options, place, {}, dead=dead), Found()

    async def _assumed_urls(self, desired: Desired) -> dict[str, str]:
        place = await self._place()
        endpoint = (await self._clients.sqs()).meta.endpoint_url.rstrip("/")
        return {queue.name: f"{endpoint}/{place.account}/{queue.name}" for queue in desired.queues}

    def _remember(self, desired: Desired, found: Found) -> None:
        for topic in desired.topics:
            there = found.topics.get(topic.arn)
            attributes: Mapping[str, str] = {} if there is None else there.attributes
            largest = int(attributes.get("MaximumMessageSize") or _LARGEST)
            if topic.source is not None:
                self._topics[topic.source] = Topic(
                    topic.source, topic.arn, topic.ordered_by, largest
                )

    async def _place(self) -> Place:
        meta = (await self._clients.sqs()).meta
        return Place(meta.partition, meta.region_name, await self._clients.account())


def _refuse_differences(survey: Survey, remedy: str) -> None:
    changes = changes_of(survey.phases)
    if changes:
        listed = "; ".join(map(_told, changes))
        raise ConfigurationError(
            f"what there is on AWS is not what the application declares: {listed}. {remedy}, or "
            'open with provision = "create"'
        )


def _remedy(source: str) -> str:
    return f"add {source!r} to the option sns.sources, run `eventroute apply`"


def _told(change: Change) -> str:
    details = f" ({', '.join(change.details)})" if change.details else ""
    return f"{change.action} the {change.resource}{details}"


def _needs_another_look(needs: Needs, phases: Phases) -> bool:
    """Whether others may have made a topic that nobody saw while it was made.

    They made the other kind of topic for a source, or one that an open subscription is for.
    """
    made = any(isinstance(step, CreateTopic) for phase in phases for step in phase)
    return needs.open or made
