"""An account on an emulator: provisioners, and what people do by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventroute import Event
from eventroute.backend_options import read_table
from eventroute.pattern import Pattern
from eventroute.topology import Subscription, Topology
from eventroute_aws.clients import Clients
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.provision import Provisioner

if TYPE_CHECKING:
    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sqs import SQSClient

ORDERS = {"source": ["shop.orders"]}
LARGE = {"source": ["shop.orders"], "detail": {"total": [{"numeric": [">=", 1000]}]}}
OPEN = {"detail-type": [{"prefix": "Order"}]}


def topology(**subscriptions: Mapping[str, Any] | Subscription) -> Topology:
    """A topology of patterns by name; ``__`` in a name stands for a dot."""
    return Topology(
        tuple(
            one
            if isinstance(one, Subscription)
            else Subscription(name.replace("__", "."), Pattern(one))
            for name, one in subscriptions.items()
        )
    )


def ordered(name: str, pattern: Mapping[str, Any], path: str = "order_id") -> Subscription:
    return Subscription(name, Pattern(pattern), ordered_by=path)


@dataclass
class Account:
    """Its clients speak as its root user."""

    stack: AsyncExitStack
    options: dict[str, object]
    clients: Clients

    @classmethod
    async def enter(cls, stack: AsyncExitStack, options: dict[str, object]) -> Account:
        account = cls(stack, options, Clients(read_table(SnsOptions, "sns", options)))
        await account.clients.open()
        stack.push_async_callback(account.clients.close)
        return account

    async def provisioner(self, **more: object) -> Provisioner:
        """Another process, as it were, but for its connections."""
        options = read_table(SnsOptions, "sns", {**self.options, **more})
        return Provisioner(self.clients, options)

    @property
    def id(self) -> str:
        return str(self.options["account"])

    def topic_arn(self, name: str) -> str:
        return f"arn:aws:sns:us-east-1:{self.id}:{name}"

    def queue_arn(self, name: str) -> str:
        return f"arn:aws:sqs:us-east-1:{self.id}:{name}"

    async def sns(self) -> SNSClient:
        return await self.clients.sns()

    async def sqs(self) -> SQSClient:
        return await self.clients.sqs()

    async def url(self, queue: str) -> str:
        return (await (await self.sqs()).get_queue_url(QueueName=queue))["QueueUrl"]

    async def queue(self, name: str) -> dict[str, str]:
        """Attributes of a queue."""
        answer = await (await self.sqs()).get_queue_attributes(
            QueueUrl=await self.url(name), AttributeNames=["All"]
        )
        return {str(key): value for key, value in answer["Attributes"].items()}

    async def policy(self, name: str) -> list[dict[str, Any]]:
        """Statements of a queue's policy."""
        text = (await self.queue(name)).get("Policy") or "{}"
        found: list[dict[str, Any]] = json.loads(text).get("Statement", [])
        return found

    async def change_queue(self, name: str, **attributes: str) -> None:
        changed: Any = attributes
        await (await self.sqs()).set_queue_attributes(
            QueueUrl=await self.url(name), Attributes=changed
        )

    async def queue_tags(self, name: str) -> dict[str, str]:
        answer = await (await self.sqs()).list_queue_tags(QueueUrl=await self.url(name))
        return dict(answer.get("Tags", {}))

    async def topic_tags(self, name: str) -> dict[str, str]:
        answer = await (await self.sns()).list_tags_for_resource(ResourceArn=self.topic_arn(name))
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    async def queues(self) -> set[str]:
        found = await (await self.sqs()).list_queues()
        return {url.rpartition("/")[2] for url in found.get("QueueUrls", [])}

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

    async def make_queue(self, name: str, **attributes: str) -> str:
        """Make a queue by hand; returns its ARN."""
        given: Any = attributes
        await (await self.sqs()).create_queue(QueueName=name, Attributes=given)
        return self.queue_arn(name)

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

    async def bodies(self, queue: str) -> list[str]:
        """Ids of the events that a queue holds."""
        return [json.loads(text)["id"] for text in await self.texts(queue)]

    async def texts(self, queue: str) -> list[str]:
        """What a queue holds."""
        answer = await (await self.sqs()).receive_message(
            QueueUrl=await self.url(queue), MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        return [one.get("Body", "") for one in answer.get("Messages", [])]
