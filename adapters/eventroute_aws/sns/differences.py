"""What has to be done, in which order, so that things become as they should be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute_aws.provisioning.differences import changed, queue_phases, told
from eventroute_aws.provisioning.names import Names
from eventroute_aws.provisioning.policies import Author, senders_in
from eventroute_aws.provisioning.tags import check_owner, lacking
from eventroute_aws.sns.resources import Desired, DesiredTopic, Link
from eventroute_aws.sns.steps import (
    ChangeLink,
    ChangeTopic,
    CreateTopic,
    Phases,
    Step,
    Subscribe,
    Unsubscribe,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from eventroute.pattern.narrow import FilterPolicy
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.provisioning.desired import DesiredQueue
    from eventroute_aws.provisioning.found import FoundQueue
    from eventroute_aws.sns.found import FoundLink, FoundTopic

__all__ = ["Found", "differences"]

_MOST_ON_FIFO: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What there is, of what matters to a topology.

    :ivar queues: by name.
    :ivar topics: by ARN; also those that a queue may be subscribed to and no longer should.
    """

    queues: Mapping[str, FoundQueue] = field(default_factory=dict)
    topics: Mapping[str, FoundTopic] = field(default_factory=dict)


def differences(desired: Desired, found: Found, *, options: SnsOptions, any_: str) -> Phases:
    """Compare.

    Subscriptions for every source come before other topics: who creates a topic copies them.

    :param any_: ARN of the topic whose subscriptions are for every source.
    :raises ConfigurationError: something that is there belongs to another prefix, or something
        that the options name is not there.
    :raises UnsupportedError: SNS's limits are in the way.
    """
    author = Author(options.prefix, "sns.amazonaws.com")
    kept = _of_others(desired, found, author)
    queues = [_with_senders_of_others(queue, kept) for queue in desired.queues]
    links = [one for one in desired.links if (one.topic, one.queue) not in kept]
    links += _copies(desired, found, any_, Names(options.prefix))
    _check_fifo_limit(links, found)
    first, others = _split(_topics(desired, found, options.prefix), any_)
    first_links, other_links = _split(_links(links, found), any_)
    return (
        tuple(_stale(desired, found, author)),
        *queue_phases(queues, found.queues, author, options),
        first,
        first_links,
        others,
        other_links,
    )


def _split(steps: Iterable[tuple[str, Step]], any_: str) -> Phases:
    given = list(steps)
    return (
        tuple(step for topic, step in given if topic == any_),
        tuple(step for topic, step in given if topic != any_),
    )


def _stale(desired: Desired, found: Found, author: Author) -> Iterator[Step]:
    wanted = {(link.topic, link.queue) for link in desired.links}
    for queue in desired.queues:
        there = found.queues.get(queue.name)
        if queue.dead is None or there is None:
            continue
        registered = senders_in(there.policy, author)
        for topic in found.topics.values():
            arn = topic.queues.get(queue.arn)
            if arn is None or (topic.arn, queue.arn) in wanted:
                continue
            if queue.ours or any(fnmatchcase(topic.arn, one) for one in registered):
                yield Unsubscribe(arn, topic.arn, queue.arn)


def _of_others(desired: Desired, found: Found, author: Author) -> set[tuple[str, str]]:
    """Topic and queue of subscriptions that others made, to queues of others.

    Our own are registered in the queue's policy before they are made.

    :raises ConfigurationError: one of them lets less through than is needed.
    """
    theirs = {queue.arn: queue for queue in desired.queues if not queue.ours}
    kept: set[tuple[str, str]] = set()
    for link in desired.links:
        topic = found.topics.get(link.topic)
        there = None if topic is None else topic.links.get(link.queue)
        queue = theirs.get(link.queue)
        if queue is None or there is None or queue.name not in found.queues:
            continue
        registered = senders_in(found.queues[queue.name].policy, author)
        if any(fnmatchcase(link.topic, one) for one in registered):
            continue
        if there.filter is not None and not _same(link.filter, there.filter):
            raise ConfigurationError(
                f"the subscription of {queue.name} to {link.topic.rpartition(':')[2]} was made by "
                f"others and has the filter {_shown(there.filter)}, where the pattern of "
                f"{queue.subscription!r} needs {_shown(link.filter)}; remove the filter, or delete "
                f"the subscription (aws sns unsubscribe --subscription-arn {there.arn}) and "
                "eventroute makes its own"
            )
        kept.add((link.topic, link.queue))
    return kept


def _with_senders_of_others(queue: DesiredQueue, kept: set[tuple[str, str]]) -> DesiredQueue:
    arns = frozenset(topic for topic, its_queue in kept if its_queue == queue.arn)
    return replace(queue, senders=queue.senders - arns, senders_of_others=arns) if arns else queue


def _topics(desired: Desired, found: Found, prefix: str) -> Iterator[tuple[str, Step]]:
    for topic in desired.topics:
        there = found.topics.get(topic.arn)
        if there is None:
            if not topic.ours:
                raise ConfigurationError(
                    f"sns.topics.{topic.source}: there is no topic {topic.arn}, or its account "
                    "does not let this one see it; correct the ARN, or have it made"
                )
            yield topic.arn, CreateTopic(topic)
            continue
        step = _changed_topic(topic, there, prefix)
        if step is not None:
            yield topic.arn, step


def _changed_topic(topic: DesiredTopic, there: FoundTopic, prefix: str) -> Step | None:
    if not topic.ours:
        return None
    check_owner(f"the topic {topic.name}", there.tags, prefix, topic.tags)
    attributes = changed(topic.attributes, there.attributes)
    tags = lacking(topic.tags, there.tags)
    details = told(attributes, there.attributes)
    details += [f"tag {key}: {value!r}" for key, value in tags.items()]
    return ChangeTopic(topic.arn, attributes, tags, tuple(details)) if details else None


def _copies(desired: Desired, found: Found, any_: str, names: Names) -> Iterator[Link]:
    """Subscriptions of others for every source, which a topic does not have yet."""
    source = found.topics.get(any_)
    own = {queue.arn for queue in desired.queues}
    for topic in desired.topics:
        if source is None or not topic.ours or topic.arn == any_:
            continue
        there = found.topics.get(topic.arn)
        for link in source.links.values():
            if link.queue not in own and (there is None or link.queue not in there.queues):
                yield Link(
                    topic.arn, link.queue, None if names.is_of_aws(topic.arn) else link.filter
                )


def _links(links: Iterable[Link], found: Found) -> Iterator[tuple[str, Step]]:
    for link in links:
        topic = found.topics.get(link.topic)
        there = None if topic is None else topic.links.get(link.queue)
        step = Subscribe(link) if there is None else _changed_link(link, there)
        if step is not None:
            yield link.topic, step


def _changed_link(link: Link, there: FoundLink) -> Step | None:
    settings: list[tuple[str, str]] = []
    details: list[str] = []
    if not there.raw:
        settings.append(("RawMessageDelivery", "true"))
        details.append("RawMessageDelivery: false, becomes true")
    if not _same(link.filter, there.filter):
        new, old = link.filter, there.filter
        if new is None:
            settings.append(("FilterPolicy", "{}"))
        elif old is not None and new.scope == old.scope:
            settings.append(("FilterPolicy", new.policy))
        else:
            # In between, SNS lets everything through: more than is wanted, and never less.
            settings.append(("FilterPolicy", "{}"))
            settings.append(("FilterPolicyScope", new.scope))
            settings.append(("FilterPolicy", new.policy))
        details.append(f"filter {_shown(old)}, becomes {_shown(new)}")
    if not settings:
        return None
    return ChangeLink(there.arn, link.topic, link.queue, tuple(settings), tuple(details))


def _check_fifo_limit(links: Iterable[Link], found: Found) -> None:
    by_topic: dict[str, set[str]] = {}
    for link in links:
        by_topic.setdefault(link.topic, set()).add(link.queue)
    for arn, queues in by_topic.items():
        there = found.topics.get(arn)
        count = len(queues | set(there.queues if there else ()))
        if arn.endswith(".fifo") and count > _MOST_ON_FIFO:
            raise UnsupportedError(
                f"the FIFO topic {arn} would have {count} subscriptions, with those of others, "
                f"and SNS allows {_MOST_ON_FIFO}; drop some, or publish under several sources"
            )


def _same(one: FilterPolicy | None, other: FilterPolicy | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.scope == other.scope and json.loads(one.policy) == json.loads(other.policy)


def _shown(found: FilterPolicy | None) -> str:
    return "none" if found is None else f"on {found.scope} {found.policy}"
