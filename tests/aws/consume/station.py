"""A queue with its dead-letter queue on an emulator, and the consumer that is tested on it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from botocore.model import OperationModel

from eventroute.clock import SystemClock
from eventroute.envelope import Event
from eventroute.port import DeadLetter, DeadSettlement, Delivery, Settlement
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.layout import Queue
from eventroute_aws.options import AwsOptions
from eventroute_aws.queues.consumer import Consumer
from tools.emulators import Emulator

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import MessageAttributeValueTypeDef

__all__ = ["NAME", "Station", "event", "make_queue", "numbers", "station", "text", "until"]

NAME = "billing.invoice"


def text(value: str, kind: str = "String") -> MessageAttributeValueTypeDef:
    return {"DataType": kind, "StringValue": value}


def event(number: int = 1, **more: object) -> Event:
    return Event("shop.orders", "OrderPlaced", {"number": number, **more})


@dataclass
class Station:
    """What a test works with.

    :ivar calls: name and parameters of every request, in order.
    """

    clients: Clients
    options: AwsOptions
    consumer: Consumer
    queue: Queue
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def watch(self) -> None:
        for client in (await self.clients.sqs(), await self.clients.polls()):
            client.meta.events.register("provide-client-params.sqs", self._note)

    @asynccontextmanager
    async def cancelled_by(self, call: str) -> AsyncGenerator[None]:
        """Cancel what is inside at the moment when it makes a call to receive."""
        polls = await self.clients.polls()
        with anyio.CancelScope() as scope:

            def cancel(**_: object) -> None:
                scope.cancel()

            polls.meta.events.register(f"before-call.sqs.{call}", cancel, unique_id="cancel")
            try:
                yield
            finally:
                polls.meta.events.unregister(f"before-call.sqs.{call}", unique_id="cancel")
        assert scope.cancelled_caught

    def _note(self, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        self.calls.append((model.name, params))

    def asked(self, name: str) -> list[Mapping[str, Any]]:
        return [params for called, params in self.calls if called == name]

    async def send(
        self,
        *bodies: str | Event,
        attributes: Mapping[str, MessageAttributeValueTypeDef] | None = None,
        group: str = "g",
    ) -> None:
        client = await self.clients.sqs()
        for number, body in enumerate(bodies):
            text = body.to_json().decode() if isinstance(body, Event) else body
            more: Any = {"MessageAttributes": attributes} if attributes else {}
            if self.queue.fifo:
                once = f"{len(self.calls)}-{number}"
                more |= {"MessageGroupId": group, "MessageDeduplicationId": once}
            await client.send_message(QueueUrl=self.queue.url, MessageBody=text, **more)

    async def receive(self, limit: int = 10, wait: float = 5) -> list[Delivery]:
        return list(await self.consumer.receive(NAME, limit=limit, wait=wait))

    async def take(self, count: int) -> list[Delivery]:
        """Receive until there are so many."""
        found: list[Delivery] = []
        with anyio.fail_after(15):
            while len(found) < count:
                found += await self.receive(min(10, count - len(found)))
        return found

    async def one(self) -> Delivery:
        return (await self.take(1))[0]

    async def letters(self, count: int = 1, lease: float = 60) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        with anyio.fail_after(15):
            while len(found) < count:
                found += await self.consumer.receive_dead(NAME, limit=10, lease=lease)
        return found

    async def settled(self, *settlements: Settlement) -> None:
        assert list(await self.consumer.settle(settlements)) == [None] * len(settlements)

    async def settled_dead(self, *settlements: DeadSettlement) -> None:
        assert list(await self.consumer.settle_dead(settlements)) == [None] * len(settlements)

    async def counts(self) -> tuple[int, int, int]:
        """Ready, in flight, dead."""
        depth = await self.consumer.depth(NAME)
        return depth.ready, depth.in_flight, depth.dead

    async def comes_to(self, ready: int, in_flight: int, dead: int) -> None:
        """Wait until the queues hold so much."""
        with anyio.fail_after(10):
            while await self.counts() != (ready, in_flight, dead):
                await anyio.sleep(0.02)


@asynccontextmanager
async def station(
    emulator: Emulator,
    account: str,
    *,
    fifo: bool = False,
    visibility_timeout: float = 30,
    claims: Claims | None = None,
    queues: Mapping[str, str] | None = None,
    endpoint: str | None = None,
    **more: object,
) -> AsyncGenerator[Station]:
    options = AwsOptions.model_validate(
        {
            "poll_wait": 1,
            **emulator.options(account),
            **({} if endpoint is None else {"endpoint_url": endpoint}),
            **more,
        }
    )
    clients = Clients(options)
    await clients.open()
    consumer = Consumer(clients, options, SystemClock(), claims)
    try:
        dead = await make_queue(clients, "invoice-dead", fifo=fifo)
        client = await clients.sqs()
        arn = (await client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"]))[
            "Attributes"
        ]["QueueArn"]
        redrive = {"deadLetterTargetArn": arn, "maxReceiveCount": options.max_receive_count}
        url = await make_queue(clients, "invoice", fifo=fifo, RedrivePolicy=json.dumps(redrive))
        queue = Queue(NAME, url, dead, visibility_timeout, fifo)
        consumer.use([queue])
        made = Station(clients, options, consumer, queue)
        await made.watch()
        yield made
    finally:
        await consumer.close()
        await clients.close()


async def make_queue(clients: Clients, name: str, *, fifo: bool, **attributes: str) -> str:
    client = await clients.sqs()
    if fifo:
        name += ".fifo"
        attributes |= {
            "FifoQueue": "true",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        }
    answer = await client.create_queue(QueueName=name, Attributes=attributes)  # type: ignore[arg-type]  # names that are checked by SQS
    return answer["QueueUrl"]


async def until(condition: Callable[[], object], what: str = "the condition") -> None:
    with anyio.fail_after(10):
        while not condition():
            await anyio.sleep(0.01)


def numbers(deliveries: Sequence[Delivery | DeadLetter]) -> list[int]:
    return [Event.from_json(one.body).detail["number"] for one in deliveries]
