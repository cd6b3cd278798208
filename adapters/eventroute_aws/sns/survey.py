"""From a topology to how things are and how they should be: asks for what matters to it, only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventroute_aws.provisioning.found import dead_of
from eventroute_aws.provisioning.migration import migration
from eventroute_aws.provisioning.names import FIFO, Names, Place
from eventroute_aws.provisioning.policies import Author, senders_in
from eventroute_aws.provisioning.tags import check_owner
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.differences import Found, differences
from eventroute_aws.sns.needs import check_regions
from eventroute_aws.sns.resources import ORDERED_BY, Desired, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute_aws.calls import Calls
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.provisioning.found import QueueFinder
    from eventroute_aws.sns.found import Finder, FoundTopic
    from eventroute_aws.sns.needs import Needs
    from eventroute_aws.sns.steps import Phases

__all__ = ["Survey", "Surveyor", "topic_names"]


@dataclass(frozen=True, slots=True)
class Survey:
    """How things should be, how they are, and the steps between."""

    desired: Desired
    found: Found
    phases: Phases


def topic_names(source: str, options: SnsOptions) -> tuple[str, ...]:
    """Names, or ARNs, of the topics that a source may have."""
    if source in options.topics:
        return (options.topics[source],)
    names = Names(options.prefix)
    return names.topic(source, fifo=False), names.topic(source, fifo=True)


class Surveyor:
    """Looks, and compares."""

    def __init__(
        self, finder: Finder, queues: QueueFinder, calls: Calls, options: SnsOptions
    ) -> None:
        self._finder = finder
        self._queues = queues
        self._calls = calls
        self._options = options
        self._names = Names(options.prefix)

    async def survey(self, needs: Needs, place: Place) -> Survey:
        """Look at everything that matters to a topology.

        :raises UnsupportedError: what there is, or a limit of SNS, stands in the way.
        :raises ConfigurationError: what the options name is not there, or belongs to others.
        """
        check_regions(self._options, place)
        any_ = place.topic(self._names.any)
        author = Author(self._options.prefix, "sns.amazonaws.com")
        topics = await self._topics(
            [
                any_,
                *(
                    place.topic(name)
                    for source in needs.sources
                    for name in topic_names(source, self._options)
                ),
            ],
            place,
        )
        subscriptions = [one for one, _ in needs.subscriptions]
        siblings = await self._queues.siblings(subscriptions)
        ours = await self._finder.our_topics() if needs.open else []
        standing = {source: self._standing(source, place, topics) for source in needs.sources}
        unordered = {
            source: place.topic(self._names.topic(source, fifo=False))
            for source in needs.sources
            if needs.ordered_by.get(source) is not None and standing[source].standard
            if source not in self._options.topics
        }
        if siblings or unordered:
            raise migration(siblings, self._options, region=place.region, topics=unordered)
        mapped = await self._queues.mapped(subscriptions)
        dead = {name: letters for name in mapped if (letters := dead_of(mapped[name]))}
        desired = desired_of(needs, self._options, place, standing, ours, dead=dead)
        queues = {queue.name: queue for queue in mapped.values()}
        names = [queue.name for queue in desired.queues if queue.name not in queues]
        queues |= {queue.name: queue for queue in await self._queues.queues(names)}
        arns = dict.fromkeys([any_, *(topic.arn for topic in desired.topics), *ours])
        for queue in queues.values():
            registered = senders_in(queue.policy, author)
            arns |= dict.fromkeys(arn for arn in registered if "*" not in arn)
            if not ours and any("*" in arn for arn in registered):
                ours = await self._finder.our_topics()
                arns |= dict.fromkeys(ours)
        topics |= await self._topics([arn for arn in arns if arn not in topics], place)
        own = {queue.arn for queue in desired.queues}
        there = [topics[arn] for arn in arns if arn in topics]
        whole = await self._calls.each(
            there, lambda topic: self._finder.whole(topic, None if topic.arn == any_ else own)
        )
        found = Found(queues, {topic.arn: topic for topic in whole})
        phases = differences(desired, found, options=self._options, any_=any_)
        return Survey(desired, found, phases)

    async def _topics(self, arns: Iterable[str], place: Place) -> dict[str, FoundTopic]:
        found = await self._calls.each(
            dict.fromkeys(arns),
            lambda arn: self._finder.topic(arn, tagged=arn.split(":")[4] == place.account),
        )
        return {topic.arn: topic for topic in found if topic is not None}

    def _standing(self, source: str, place: Place, topics: Mapping[str, FoundTopic]) -> Standing:
        arns = [place.topic(name) for name in topic_names(source, self._options)]
        there = [topics[arn] for arn in arns if arn in topics]
        if source not in self._options.topics:
            for topic in there:
                name, purpose = topic.arn.rpartition(":")[2], {"eventroute:source": source}
                check_owner(f"the topic {name}", topic.tags, self._options.prefix, purpose)
        fifo = next((topic for topic in there if topic.arn.endswith(FIFO)), None)
        return Standing(
            standard=any(not topic.arn.endswith(FIFO) for topic in there),
            fifo=fifo is not None,
            ordered_by=None if fifo is None else fifo.tags.get(ORDERED_BY),
        )
