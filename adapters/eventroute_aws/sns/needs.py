"""What a topology asks of SNS and SQS, before anybody has looked at what there is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute.pattern.narrow import sources_of
from eventroute_aws.provisioning.names import FIFO, LONGEST_TOPIC_NAME
from eventroute_aws.provisioning.needs import check_hiding, check_mapped_queues

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.topology import Subscription, Topology
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.provisioning.names import Place

__all__ = ["Needs", "check_regions", "needs_of"]

_MOST_ATTRIBUTES: Final = 10
_OWN_ATTRIBUTES: Final = 3
_TOPIC: Final = re.compile(
    r"(arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:)?"
    rf"(?P<name>[A-Za-z0-9_-]{{1,{LONGEST_TOPIC_NAME}}}(\.fifo)?)"
)


@dataclass(frozen=True, slots=True)
class Needs:
    """A topology that this backend can carry, as far as can be told without looking.

    :ivar subscriptions: each with the sources that its pattern names, ``None`` for an open one.
    :ivar sources: every source that has a topic.
    :ivar ordered_by: the ordering path of each source whose topic must be FIFO.
    """

    subscriptions: tuple[tuple[Subscription, frozenset[str] | None], ...]
    sources: tuple[str, ...]
    ordered_by: Mapping[str, str]

    @property
    def open(self) -> bool:
        """Whether a subscription is for every source."""
        return any(sources is None for _, sources in self.subscriptions)


def needs_of(topology: Topology, options: SnsOptions, sources: Iterable[str] = ()) -> Needs:
    """Read a topology.

    :param sources: more sources that must have a topic.
    :raises UnsupportedError: it asks for what SNS and SQS cannot do.
    :raises ConfigurationError: the options name what cannot be.
    """
    _check_options(options)
    subscriptions = tuple((one, sources_of(one.pattern)) for one in topology)
    ordered_by = dict(options.ordered_by)
    namers = dict.fromkeys(ordered_by, "the option ordered_by")
    named = {*options.sources, *sources, *options.topics}
    for one, its_sources in subscriptions:
        _check(one, options)
        named |= its_sources or set()
        if one.ordered_by is None:
            continue
        if its_sources is None:
            raise UnsupportedError(
                f"the ordered subscription {one.name!r} does not name its sources, and only an "
                "SNS topic of one source can keep an order; add them to its pattern, such as "
                '{"source": ["shop.orders"]}, or leave ordered_by out'
            )
        for source in its_sources:
            other = ordered_by.setdefault(source, one.ordered_by)
            namer = namers.setdefault(source, f"the subscription {one.name!r}")
            if other != one.ordered_by:
                raise UnsupportedError(
                    f"{namer} orders events of {source!r} by {other!r}, and {one.name!r} by "
                    f"{one.ordered_by!r}; an SNS message has one ordering key: order both by the "
                    "same member, leave one of them unordered, or publish under two sources"
                )
    for source in ordered_by:
        mapped = options.topics.get(source, FIFO)
        if not mapped.endswith(FIFO) and source in named:
            raise UnsupportedError(
                f"{namers[source]} needs the order of {source!r}, but {options.table}.topics "
                f"maps it to the standard topic {mapped!r}; map it to a FIFO topic, or leave "
                f"ordered_by out"
            )
    return Needs(subscriptions, tuple(sorted(named)), ordered_by)


def check_regions(options: SnsOptions, place: Place) -> None:
    """Refuse topics that calls to a place cannot reach.

    :raises ConfigurationError: naming the option.
    """
    for source, topic in options.topics.items():
        region = place.topic(topic).split(":")[3]
        if region != place.region:
            raise ConfigurationError(
                f"{options.table}.topics.{source}: {topic} is in the region {region!r}, and the "
                f"backend in {place.region!r}; set {options.shared_table}.region to the topic's "
                f"region, or forward its events to a topic in {place.region}"
            )


def _check(one: Subscription, options: SnsOptions) -> None:
    check_hiding(one)
    mapped = options.queues.get(one.name)
    if mapped is not None and one.ordered_by is not None and not mapped.endswith(FIFO):
        raise UnsupportedError(
            f"the subscription {one.name!r} is ordered, but {options.shared_table}.queues maps "
            f"it to the standard queue {mapped!r}; map it to a FIFO queue, or leave ordered_by out"
        )


def _check_options(options: SnsOptions) -> None:
    count = len(options.attributes) + _OWN_ATTRIBUTES + (options.claim_check is not None)
    if count > _MOST_ATTRIBUTES:
        most = _MOST_ATTRIBUTES - count + len(options.attributes)
        raise ConfigurationError(
            f"{options.table}.attributes has {len(options.attributes)} entries; beside "
            f"eventroute's own, a "
            f"message delivered raw has room for {most}"
        )
    check_mapped_queues(options)
    stray = next((source for source in options.filtered if source not in options.topics), None)
    if stray is not None:
        raise ConfigurationError(
            f"{options.table}.filtered: {stray!r} is not in {options.table}.topics; the "
            f"topics that "
            "eventroute makes are filtered anyway, but those of services of AWS, so leave it out"
        )
    for source, topic in options.topics.items():
        match = _TOPIC.fullmatch(topic)
        if match is None or len(match["name"]) > LONGEST_TOPIC_NAME:
            raise ConfigurationError(
                f"{options.table}.topics.{source}: {topic!r} names no topic; use its name or "
                f"its ARN"
            )
