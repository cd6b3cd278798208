"""From a topology to the topics, queues and subscriptions that it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedError
from eventroute.pattern.narrow import sources_of
from eventroute_aws.provisioning.desired import desired_queues
from eventroute_aws.provisioning.names import FIFO, Names
from eventroute_aws.provisioning.tags import tags_of
from eventroute_aws.sns.filters import filter_of
from eventroute_aws.sns.needs import check_regions
from eventroute_aws.sns.resources import (
    ORDERED_BY,
    Desired,
    DesiredTopic,
    Link,
    Standing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.topology import Subscription
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.provisioning.desired import DesiredQueue
    from eventroute_aws.provisioning.names import Place
    from eventroute_aws.sns.needs import Needs

__all__ = ["desired_of"]

_MOST_FILTERS: Final = 200
_MOST_ON_FIFO: Final = 100
_MOST_NAMED: Final = 4_096
"""Bytes of ARNs of our topics in a queue's policy, which may have 8 KiB."""


def desired_of(
    needs: Needs,
    options: SnsOptions,
    place: Place,
    standing: Mapping[str, Standing],
    others: Iterable[str] = (),
    *,
    dead: Mapping[str, str] | None = None,
) -> Desired:
    """Say how things should be.

    :param standing: for each source, what there is of it.
    :param others: ARNs of topics that open subscriptions are for as well.
    :param dead: subscription to name, of the dead-letter queues that mapped queues have already.
    :raises UnsupportedError: what there is stands in the way, or SNS's limits do.
    :raises ConfigurationError: a topic of the options is somewhere else.
    """
    check_regions(options, place)
    return _Drawing(needs, options, place, dead or {}).draw(standing, others)


class _Drawing:
    def __init__(
        self, needs: Needs, options: SnsOptions, place: Place, dead: Mapping[str, str]
    ) -> None:
        self._dead = dead
        self._needs = needs
        self._options = options
        self._place = place
        self._names = Names(options.prefix)

    def draw(self, standing: Mapping[str, Standing], others: Iterable[str]) -> Desired:
        by_source = {
            source: self._topic(source, standing.get(source, Standing()))
            for source in self._needs.sources
        }
        topics = {topic.arn: topic for topic in by_source.values()}
        every = dict.fromkeys([*topics, *others])
        if self._needs.open:
            any_ = self._any()
            every = {any_.arn: None, **every}
            topics = {any_.arn: any_, **topics}
        queues: list[DesiredQueue] = []
        links: list[Link] = []
        for one, sources in self._needs.subscriptions:
            named = None if sources is None else sorted(by_source[name].arn for name in sources)
            queues += self._queues(one, named, every)
            links += self._links(one, queues[-1], every if named is None else named)
        position = {arn: index for index, arn in enumerate(every)}
        links.sort(key=lambda link: position[link.topic])
        _check_counts(links)
        return Desired(tuple(queues), tuple(topics.values()), tuple(links))

    def _topic(self, source: str, standing: Standing) -> DesiredTopic:
        ordered_by = self._needs.ordered_by.get(source)
        mapped = self._options.topics.get(source)
        if mapped is not None:
            fifo = mapped.endswith(FIFO)
            key = (ordered_by or standing.ordered_by) if fifo else None
            return DesiredTopic(self._place.topic(mapped), source, key, ours=False)
        standard_name = self._names.topic(source, fifo=False)
        if standing.standard and standing.fifo:
            raise UnsupportedError(
                f"{source!r} has two topics, {standard_name} and {standard_name}{FIFO}; delete the "
                "one that its publishers do not use, and open the bus again"
            )
        known = standing.ordered_by
        if ordered_by is not None and known is not None and ordered_by != known:
            raise UnsupportedError(
                f"the topic of {source!r} is ordered by {known!r}, and now by {ordered_by!r}; an "
                "SNS message has one ordering key: order by the same member, publish under "
                f"another source, or delete the topic {standard_name}{FIFO} once its publishers "
                "have stopped and its queues are empty"
            )
        fifo = ordered_by is not None or standing.fifo
        key = ordered_by or known
        return DesiredTopic(
            self._place.topic(self._names.topic(source, fifo=fifo)),
            source,
            key,
            self._topic_attributes(fifo=fifo),
            tags_of(
                self._options, {"eventroute:source": source, ORDERED_BY: key if fifo else None}
            ),
        )

    def _any(self) -> DesiredTopic:
        attributes = self._topic_attributes(fifo=False)
        return DesiredTopic(
            self._place.topic(self._names.any), None, None, attributes, tags_of(self._options, {})
        )

    def _queues(
        self, one: Subscription, named: list[str] | None, every: Iterable[str]
    ) -> list[DesiredQueue]:
        letters, events = desired_queues(one, self._options, self._place, self._dead.get(one.name))
        senders = self._senders(named, every)
        # Without a prefix, it would be every topic of the account.
        ahead = {self._all} - senders if events.ours and self._names.begin else frozenset[str]()
        return [letters, replace(events, senders=senders, ahead=frozenset(ahead))]

    @property
    def _all(self) -> str:
        return f"{self._place.topic(self._names.begin)}*"

    def _senders(self, named: list[str] | None, every: Iterable[str]) -> frozenset[str]:
        arns = frozenset(every if named is None else named)
        own = {arn for arn in arns if arn.startswith(self._all.removesuffix("*"))}
        if named is not None and sum(len(arn) for arn in own) <= _MOST_NAMED:
            return arns
        return frozenset({self._all, *(arns - own)})

    def _links(self, one: Subscription, queue: DesiredQueue, topics: Iterable[str]) -> list[Link]:
        if queue.name.endswith(FIFO):
            standard = next((arn for arn in topics if not arn.endswith(FIFO)), None)
            if standard is not None:
                raise UnsupportedError(
                    f"the subscription {one.name!r} has the FIFO queue {queue.name!r}, and SNS "
                    f"does not deliver from the standard topic {standard.rpartition(':')[2]!r} "
                    "into it; map the subscription to a standard queue in "
                    f"{self._options.shared_table}.queues, or order it"
                )
        found = filter_of(one.pattern, self._options)
        # A topic of ours carries one source; a test of that alone would only use up a quota.
        needless = sources_of(one.pattern) is not None and one.pattern.source.keys() == {"source"}
        unfiltered = {
            self._place.topic(name)
            for source, name in self._options.topics.items()
            if source not in self._options.filtered
        }
        mapped = {self._place.topic(name) for name in self._options.topics.values()}
        # What services of AWS send there is no event on the wire.
        unfiltered |= {arn for arn in topics if self._names.is_of_aws(arn) and arn not in mapped}
        return [
            Link(
                arn,
                queue.arn,
                None if arn in unfiltered or (needless and arn not in mapped) else found,
            )
            for arn in topics
        ]

    def _topic_attributes(self, *, fifo: bool) -> dict[str, str]:
        attributes = {"KmsMasterKeyId": self._options.kms_key or ""}
        if fifo:
            attributes["FifoTopic"] = "true"
            attributes["ContentBasedDeduplication"] = "false"
            attributes["FifoThroughputScope"] = "MessageGroup"
        return attributes


def _check_counts(links: Iterable[Link]) -> None:
    by_topic: dict[str, list[Link]] = {}
    for link in links:
        by_topic.setdefault(link.topic, []).append(link)
    for topic, its_links in by_topic.items():
        if topic.endswith(FIFO) and len(its_links) > _MOST_ON_FIFO:
            raise UnsupportedError(
                f"{len(its_links)} subscriptions are for the FIFO topic {topic}, and SNS allows "
                f"{_MOST_ON_FIFO}; publish under several sources, or leave ordered_by out"
            )
        filtered = sum(link.filter is not None for link in its_links)
        if filtered > _MOST_FILTERS:
            raise UnsupportedError(
                f"{filtered} subscriptions to the topic {topic} have a filter policy, and SNS "
                f"allows {_MOST_FILTERS} a topic; publish under several sources"
            )
