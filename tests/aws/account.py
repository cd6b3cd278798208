"""An account on an emulator: its queues, and what people do with them by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from eventroute.backend_options import read_table
from eventroute.pattern import Pattern
from eventroute.topology import Subscription, Topology
from eventroute_aws.clients import Clients
from eventroute_aws.options import AwsOptions

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

ORDERS = {"source": ["shop.orders"]}
LARGE = {"source": ["shop.orders"], "detail": {"total": [{"numeric": [">=", 1000, "<=", 90000]}]}}
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
class QueueAccount:
    """Its clients speak as its root user."""

    stack: AsyncExitStack
    options: dict[str, object]
    clients: Clients

    @classmethod
    async def enter(cls, stack: AsyncExitStack, options: dict[str, object]) -> Self:
        account = cls(stack, options, Clients(read_table(AwsOptions, "aws", options)))
        await account.clients.open()
        stack.push_async_callback(account.clients.close)
        return account

    @property
    def id(self) -> str:
        return str(self.options["account"])

    def queue_arn(self, name: str) -> str:
        return f"arn:aws:sqs:us-east-1:{self.id}:{name}"

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

    async def queues(self) -> set[str]:
        found = await (await self.sqs()).list_queues()
        return {url.rpartition("/")[2] for url in found.get("QueueUrls", [])}

    async def make_queue(self, name: str, **attributes: str) -> str:
        """Make a queue by hand; returns its ARN."""
        given: Any = attributes
        await (await self.sqs()).create_queue(QueueName=name, Attributes=given)
        return self.queue_arn(name)

    async def bodies(self, queue: str) -> list[str]:
        """Ids of the events that a queue holds."""
        return [json.loads(text)["id"] for text in await self.texts(queue)]

    async def texts(self, queue: str) -> list[str]:
        """What a queue holds."""
        answer = await (await self.sqs()).receive_message(
            QueueUrl=await self.url(queue), MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        return [one.get("Body", "") for one in answer.get("Messages", [])]
