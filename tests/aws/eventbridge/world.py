"""A bus with a queue behind it, made by hand, and a publisher."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from eventroute.backend_options import read_table
from eventroute.envelope import Event
from eventroute.errors import EventRouteError
from eventroute.port import NO_HEADERS, Headers, Outgoing
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.eventbridge.publisher import Publisher
from eventroute_aws.options import EventBridgeOptions
from eventroute_aws.queues.message import Message, read_message
from eventroute_aws.queues.reading import Reading, read
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy

PATIENCE = 30.0
BUS = "shop"


def event(name: str, detail: dict[str, Any] | None = None, source: str = "shop.orders") -> Event:
    return Event(source, "OrderPlaced", {} if detail is None else detail, id=name)


class World:
    """What a test of publishing needs, over the wire."""

    def __init__(self, clients: Clients, options: EventBridgeOptions, proxy: Proxy) -> None:
        self.clients = clients
        self.options = options
        self.proxy = proxy
        self.url = ""
        self.claims = None if options.claim_check is None else Claims(clients, options.claim_check)
        self.publisher = Publisher(clients, options, self.claims)

    async def make(self) -> None:
        """A bus, and a rule that sends everything to one queue."""
        events, sqs = await self.clients.events(), await self.clients.sqs()
        await events.create_event_bus(Name=BUS)
        self.url = (await sqs.create_queue(QueueName="all"))["QueueUrl"]
        found = await sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        pattern = json.dumps({"source": [{"prefix": ""}]})
        await events.put_rule(Name="all", EventBusName=BUS, EventPattern=pattern)
        targets: Any = [{"Id": "queue", "Arn": found["Attributes"]["QueueArn"]}]
        await events.put_targets(Rule="all", EventBusName=BUS, Targets=targets)

    async def publish(
        self, *events: Event, headers: Headers = NO_HEADERS, timeout: float = PATIENCE
    ) -> Sequence[EventRouteError | None]:
        outgoing = [Outgoing(one, headers) for one in events]
        return await self.publisher.publish(outgoing, timeout=timeout)

    async def messages(self) -> list[Message]:
        """What has arrived in the queue, and is taken out of it."""
        sqs = await self.clients.sqs()
        found: list[Message] = []
        while messages := (
            await sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
        ).get("Messages"):
            for message in messages:
                found.append(read_message(message))
                receipt = message.get("ReceiptHandle", "")
                await sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
        return found

    async def received(self) -> list[Reading]:
        """What the messages in the queue carry."""
        return [read(message) for message in await self.messages()]

    async def ids(self) -> list[str]:
        """The ids of the events that have arrived, in alphabetical order."""
        return sorted(json.loads(one.body)["id"] for one in await self.received())

    @property
    def batches(self) -> list[int]:
        """How many entries each publishing request had."""
        return [request.entries for request in self.proxy.requests("PutEvents")]


@asynccontextmanager
async def world_on(emulator: Emulator, account: str, **options: object) -> AsyncGenerator[World]:
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(emulator.url))
        given = {**emulator.options(account), "endpoint_url": proxy.url, "linger": 0, "bus": BUS}
        checked = read_table(EventBridgeOptions, "eventbridge", {**given, **options})
        clients = Clients(checked)
        stack.push_async_callback(clients.close)
        await clients.open()
        world = World(clients, checked, proxy)
        stack.push_async_callback(world.publisher.close)
        await world.make()
        yield world
