"""Looks at what there is: topics, queues, tags, and who is subscribed to what."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import ClientError

from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.provisioning.names import Names
from eventroute_aws.sns.filters import Filter
from eventroute_aws.sns.resources import OWNER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients

__all__ = ["Finder", "FoundLink", "FoundQueue", "FoundTopic"]

Result = TypeVar("Result")

_NO_TAGS: Final = frozenset({"ResourceNotFound", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class FoundQueue:
    """A queue as it is. Its policy is among the attributes."""

    name: str
    url: str
    attributes: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A subscription of a queue to a topic as it is.

    :ivar arn: its own.
    :ivar queue: ARN of the queue.
    """

    arn: str
    queue: str
    raw: bool
    filter: Filter | None


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
    """Asks SNS and SQS; changes nothing."""

    def __init__(self, clients: Clients, calls: Calls, prefix: str) -> None:
        self._clients = clients
        self._calls = calls
        self._prefix = prefix

    async def queue(self, name: str) -> FoundQueue | None:
        """A queue, ``None`` where there is none."""
        sqs = await self._clients.sqs()
        doing = f"looking at the queue {name}"
        found = await self._ask(doing, lambda: sqs.get_queue_url(QueueName=name))
        if found is None:
            return None
        url = found["QueueUrl"]
        attributes = await self._ask(
            doing, lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        )
        tags = await self._ask(doing, lambda: sqs.list_queue_tags(QueueUrl=url))
        if attributes is None or tags is None:
            return None  # it was deleted in between
        its_attributes = {str(key): text for key, text in attributes.get("Attributes", {}).items()}
        return FoundQueue(name, url, its_attributes, dict(tags.get("Tags", {})))

    async def topic(self, arn: str) -> FoundTopic | None:
        """A topic without its subscriptions, ``None`` where there is none."""
        sns = await self._clients.sns()
        doing = f"looking at the topic {arn}"
        attributes = await self._ask(doing, lambda: sns.get_topic_attributes(TopicArn=arn))
        if attributes is None:
            return None
        tags = await self.tags(arn)
        return None if tags is None else FoundTopic(arn, dict(attributes["Attributes"]), tags)

    async def tags(self, arn: str) -> dict[str, str] | None:
        """The tags of a topic, ``None`` where there is none."""
        sns = await self._clients.sns()
        answer = await self._ask(
            f"looking at the tags of {arn}",
            lambda: sns.list_tags_for_resource(ResourceArn=arn),
            _NO_TAGS,
        )
        if answer is None:
            return None
        return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}

    async def queues_of(self, arn: str) -> dict[str, str]:
        """The queues that are subscribed to a topic, and the ARNs of the subscriptions."""
        sns = await self._clients.sns()
        doing = f"listing the subscriptions of the topic {arn}"
        found: dict[str, str] = {}
        token = ""
        while True:
            more = {"NextToken": token} if token else {}
            answer = await self._ask(
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
        answer = await self._ask(
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
            answer = await self._ask("listing topics", partial(sns.list_topics, **more))
            found = [] if answer is None else [one.get("TopicArn", "") for one in answer["Topics"]]
            arns += [arn for arn in found if arn.rpartition(":")[2].startswith(begin)]
            token = "" if answer is None else answer.get("NextToken", "")
            if not token:
                break
        tags = await self._calls.each(arns, self.tags)
        return sorted(arn for arn, its in zip(arns, tags, strict=True) if its and self.owns(its))

    async def our_queues(self) -> list[FoundQueue]:
        """The queues with our tag."""
        sqs = await self._clients.sqs()
        begin = Names(self._prefix).begin
        urls: list[str] = []
        token = ""
        while True:
            more = {"NextToken": token} if token else {}
            answer = await self._ask(
                "listing queues",
                partial(sqs.list_queues, QueueNamePrefix=begin, MaxResults=1_000, **more),
            )
            urls += [] if answer is None else answer.get("QueueUrls", [])
            token = "" if answer is None else answer.get("NextToken", "")
            if not token:
                break
        names = [url.rpartition("/")[2] for url in urls]
        found = await self._calls.each(names, self.queue)
        return [queue for queue in found if queue is not None and self.owns(queue.tags)]

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether something with these tags is ours."""
        return tags.get(OWNER) == self._prefix

    async def _ask(
        self,
        doing: str,
        make: Callable[[], Awaitable[Result]],
        missing: Collection[str] = frozenset(),
    ) -> Result | None:
        try:
            return await self._calls.call(doing, make)
        except ClientError as error:
            if code_of(error) in MISSING or code_of(error) in missing:
                return None
            raise translate(error, doing) from error


def _filter(attributes: Mapping[str, str]) -> Filter | None:
    policy = attributes.get("FilterPolicy") or "{}"
    if _json(policy) == {}:
        return None
    by_body = attributes.get("FilterPolicyScope") == "MessageBody"
    return Filter(policy, "MessageBody" if by_body else "MessageAttributes")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
