"""Looks at what there is: topics, their tags, and who is subscribed to them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow import FilterPolicy
from eventroute_aws.provisioning.names import Names
from eventroute_aws.provisioning.tags import owns, read_list

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients

__all__ = ["Finder", "FoundLink", "FoundTopic"]

_NO_TAGS: Final = frozenset({"ResourceNotFound", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A subscription of a queue to a topic as it is.

    :ivar arn: its own.
    :ivar queue: ARN of the queue.
    """

    arn: str
    queue: str
    raw: bool
    filter: FilterPolicy | None


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as it is.

    :ivar queues: ARN of every queue that is subscribed, with that of the subscription.
    :ivar links: more about some of them, by queue.
    """

    arn: str
    attributes: Mapping[str, str]
    tags: Mapping[str, str]
    queues: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, FoundLink] = field(default_factory=dict)


class Finder:
    """Asks SNS; changes nothing."""

    def __init__(self, clients: Clients, calls: Calls, prefix: str) -> None:
        self._clients = clients
        self._calls = calls
        self._prefix = prefix

    async def topic(self, arn: str, *, tagged: bool = True) -> FoundTopic | None:
        """A topic without its subscriptions, ``None`` where there is none.

        :param tagged: whether to ask for its tags; those of another account's topic cannot be read.
        """
        sns = await self._clients.sns()
        doing = f"looking at the topic {arn}"
        attributes = await self._calls.ask(doing, lambda: sns.get_topic_attributes(TopicArn=arn))
        if attributes is None:
            return None
        tags = await self.tags(arn) if tagged else {}
        return None if tags is None else FoundTopic(arn, dict(attributes["Attributes"]), tags)

    async def tags(self, arn: str) -> dict[str, str] | None:
        """The tags of a topic, ``None`` where there is none."""
        sns = await self._clients.sns()
        answer = await self._calls.ask(
            f"looking at the tags of {arn}",
            lambda: sns.list_tags_for_resource(ResourceArn=arn),
            _NO_TAGS,
        )
        if answer is None:
            return None
        return read_list(answer.get("Tags", []))

    async def queues_of(self, arn: str) -> dict[str, str]:
        """The queues that are subscribed to a topic, and the ARNs of the subscriptions."""
        sns = await self._clients.sns()
        doing = f"listing the subscriptions of the topic {arn}"
        found: dict[str, str] = {}
        token = ""
        while True:
            more = {"NextToken": token} if token else {}
            answer = await self._calls.ask(
                doing,
                partial(sns.list_subscriptions_by_topic, TopicArn=arn, **more),
            )
            for one in () if answer is None else answer["Subscriptions"]:
                # What waits for its confirmation has no ARN yet, and one that was deleted none.
                its_arn = one.get("SubscriptionArn", "")
                if one.get("Protocol") == "sqs" and its_arn.startswith("arn:"):
                    found[one.get("Endpoint", "")] = its_arn
            token = "" if answer is None else answer.get("NextToken", "")
            if not token:
                return found

    async def link(self, queue: str, arn: str) -> FoundLink | None:
        """A subscription, ``None`` where it was deleted meanwhile."""
        sns = await self._clients.sns()
        answer = await self._calls.ask(
            f"looking at the subscription {arn}",
            lambda: sns.get_subscription_attributes(SubscriptionArn=arn),
        )
        if answer is None:
            return None
        attributes = answer["Attributes"]
        raw = attributes.get("RawMessageDelivery", "").lower() == "true"
        return FoundLink(arn, queue, raw, _filter(attributes))

    async def whole(self, topic: FoundTopic, queues: Collection[str] | None = None) -> FoundTopic:
        """A topic with its subscriptions.

        :param queues: ARNs of those whose subscription is of interest; ``None`` is all.
        """
        subscribed = await self.queues_of(topic.arn)
        wanted = [one for one in subscribed if queues is None or one in queues]
        links = await self._calls.each(wanted, lambda queue: self.link(queue, subscribed[queue]))
        return FoundTopic(
            topic.arn,
            topic.attributes,
            topic.tags,
            subscribed,
            {link.queue: link for link in links if link is not None},
        )

    async def our_topics(self) -> list[str]:
        """ARNs of the topics with our tag."""
        sns = await self._clients.sns()
        begin = Names(self._prefix).begin
        arns: list[str] = []
        token = ""
        while True:
            more = {"NextToken": token} if token else {}
            answer = await self._calls.ask("listing topics", partial(sns.list_topics, **more))
            found = [] if answer is None else [one.get("TopicArn", "") for one in answer["Topics"]]
            arns += [arn for arn in found if arn.rpartition(":")[2].startswith(begin)]
            token = "" if answer is None else answer.get("NextToken", "")
            if not token:
                break
        tags = await self._calls.each(arns, self.tags)
        return sorted(
            arn for arn, its in zip(arns, tags, strict=True) if its and owns(self._prefix, its)
        )


def _filter(attributes: Mapping[str, str]) -> FilterPolicy | None:
    policy = attributes.get("FilterPolicy") or "{}"
    if _json(policy) == {}:
        return None
    by_body = attributes.get("FilterPolicyScope") == "MessageBody"
    return FilterPolicy(policy, "MessageBody" if by_body else "MessageAttributes")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
