"""An account on an emulator: provisioners, and what people do by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eventroute import Event
from eventroute.backend_options import read_table
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.provision import Provisioner

from ..account import LARGE, OPEN, ORDERS, QueueAccount, ordered, topology

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_aiobotocore_sns import SNSClient

__all__ = ["LARGE", "OPEN", "ORDERS", "Account", "ordered", "topology"]


class Account(QueueAccount):
    """With topics, too."""

    async def provisioner(self, **more: object) -> Provisioner:
        """Another process, as it were, but for its connections."""
        options = read_table(SnsOptions, "sns", {**self.options, **more})
        return Provisioner(self.clients, options)

    def topic_arn(self, name: str) -> str:
        return f"arn:aws:sns:us-east-1:{self.id}:{name}"

    async def sns(self) -> SNSClient:
        return await self.clients.sns()

    async def topic_tags(self, name: str) -> dict[str, str]:
        answer = await (await self.sns()).list_tags_for_resource(ResourceArn=self.topic_arn(name))
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    async def topics(self) -> set[str]:
        found = await (await self.sns()).list_topics()
        return {one.get("TopicArn", "").rpartition(":")[2] for one in found["Topics"]}

    async def subscriptions(self, topic: str) -> dict[str, dict[str, str]]:
        """Attributes of each subscription to a topic, by the name of its queue."""
        sns = await self.sns()
        found = await sns.list_subscriptions_by_topic(TopicArn=self.topic_arn(topic))
        by_queue: dict[str, dict[str, str]] = {}
        for one in found["Subscriptions"]:
            arn = one.get("SubscriptionArn", "")
            attributes = await sns.get_subscription_attributes(SubscriptionArn=arn)
            queue = one.get("Endpoint", "").rpartition(":")[2]
            by_queue[queue] = dict(attributes["Attributes"])
        return by_queue

    async def filter(self, topic: str, queue: str) -> tuple[str, Any]:
        """Scope and policy of a subscription's filter."""
        attributes = (await self.subscriptions(topic))[queue]
        policy = json.loads(attributes.get("FilterPolicy") or "{}")
        return attributes.get("FilterPolicyScope", "") if policy else "", policy

    async def make_topic(
        self, name: str, tags: Mapping[str, str] | None = None, **attributes: str
    ) -> str:
        """Make a topic by hand; returns its ARN."""
        listed: Any = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        sns = await self.sns()
        made = await sns.create_topic(Name=name, Attributes=attributes, Tags=listed)
        return made["TopicArn"]

    async def subscribe(self, topic: str, queue: str, **attributes: str) -> str:
        """Subscribe a queue by hand; returns the ARN of the subscription."""
        made = await (await self.sns()).subscribe(
            TopicArn=self.topic_arn(topic),
            Protocol="sqs",
            Endpoint=self.queue_arn(queue),
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        return made["SubscriptionArn"]

    async def publish(self, topic: str, event: Event) -> None:
        """As the publisher does."""
        fifo = topic.endswith(".fifo")
        await (await self.sns()).publish(
            TopicArn=self.topic_arn(topic),
            Message=event.to_json().decode(),
            MessageAttributes={
                "source": {"DataType": "String", "StringValue": event.source},
                "detail-type": {"DataType": "String", "StringValue": event.detail_type},
            },
            **({"MessageGroupId": "a", "MessageDeduplicationId": event.id} if fifo else {}),
        )
