"""Topics with queues behind them, and a publisher that finds them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from eventroute.backend_options import read_table
from eventroute.envelope import Event
from eventroute.errors import ConfigurationError, EventRouteError
from eventroute.port import NO_HEADERS, Headers, Outgoing
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.layout import Topic
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.publisher import Publisher
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy

PATIENCE = 30.0


def event(name: str, detail: dict[str, Any] | None = None, source: str = "shop.orders") -> Event:
    return Event(source, "OrderPlaced", {} if detail is None else detail, id=name)


@dataclass(frozen=True)
class Arrived:
    """A message in a queue.

    :ivar attributes: type and value by name.
    :ivar system: what SQS says of it.
    """

    body: str
    attributes: dict[str, tuple[str, str]]
    system: Mapping[Any, str]

    @property
    def id(self) -> str:
        """Of the event."""
        name: str = json.loads(self.body)["id"]
        return name


class World:
    """What a test of publishing needs, over the wire."""

    def __init__(self, clients: Clients, options: SnsOptions, proxy: Proxy) -> None:
        self.clients = clients
        self.options = options
        self.proxy = proxy
        self.topics: dict[str, Topic] = {}
        self.queues: dict[str, str] = {}
        self.provisioned = asyncio.Event()
        self.provisioned.set()
        self.claims = None if options.claim_check is None else Claims(clients, options.claim_check)
        self.publisher = Publisher(clients, options, self, self.claims)

    def known_topic(self, source: str) -> Topic | None:
        return self.topics.get(source) if self.provisioned.is_set() else None

    async def topic(self, source: str) -> Topic:
        await self.provisioned.wait()
        try:
            return self.topics[source]
        except KeyError:
            raise ConfigurationError(f"no topic for {source}; name it in sns.sources") from None

    async def add(
        self, source: str, *, ordered_by: str | None = None, max_bytes: int = 262_144
    ) -> None:
        """Make a topic, and a queue that gets everything of it."""
        sns, sqs = await self.clients.sns(), await self.clients.sqs()
        fifo = ordered_by is not None
        name = source.replace(".", "-") + (".fifo" if fifo else "")
        kind = {"FifoTopic": "true", "ContentBasedDeduplication": "false"} if fifo else {}
        arn = (await sns.create_topic(Name=name, Attributes=kind))["TopicArn"]
        queue: dict[Any, str] = {"FifoQueue": "true"} if fifo else {}
        url = (await sqs.create_queue(QueueName=name, Attributes=queue))["QueueUrl"]
        found = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        await sns.subscribe(
            TopicArn=arn,
            Protocol="sqs",
            Endpoint=found["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
        self.topics[source] = Topic(source, arn, ordered_by, max_bytes)
        self.queues[source] = url

    async def publish(
        self, *events: Event, headers: Headers = NO_HEADERS, timeout: float = PATIENCE
    ) -> Sequence[EventRouteError | None]:
        outgoing = [Outgoing(one, headers) for one in events]
        return await self.publisher.publish(outgoing, timeout=timeout)

    async def received(self, source: str = "shop.orders") -> list[Arrived]:
        """What has arrived in the queue, and is taken out of it."""
        sqs = await self.clients.sqs()
        url = self.queues[source]
        found: list[Arrived] = []
        while messages := (
            await sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            )
        ).get("Messages"):
            for message in messages:
                attributes = {
                    name: (value["DataType"], value.get("StringValue", ""))
                    for name, value in message.get("MessageAttributes", {}).items()
                }
                system = message.get("Attributes", {})
                found.append(Arrived(message.get("Body", ""), attributes, system))
                receipt = message.get("ReceiptHandle", "")
                await sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
        return found

    async def ids(self, source: str = "shop.orders") -> list[str]:
        """The ids of the events that have arrived."""
        return [message.id for message in await self.received(source)]

    @property
    def batches(self) -> list[int]:
        """How many entries each publishing request had."""
        return [request.entries for request in self.proxy.requests("PublishBatch")]


@asynccontextmanager
async def world_on(emulator: Emulator, account: str, **options: object) -> AsyncGenerator[World]:
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(emulator.url))
        given = {**emulator.options(account), "endpoint_url": proxy.url, "linger": 0, **options}
        checked = read_table(SnsOptions, "sns", given)
        clients = Clients(checked)
        stack.push_async_callback(clients.close)
        await clients.open()
        world = World(clients, checked, proxy)
        stack.push_async_callback(world.publisher.close)
        yield world
