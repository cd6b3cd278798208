"""Clients that work off an SQS queue, each measured in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from time import perf_counter, process_time
from typing import Any, Final

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from pydantic import BaseModel

from benchmarks.aws.publishers import an_event
from eventroute import EventBus, Router
from eventroute import event as event_type
from eventroute_aws import create_sns

Work = Callable[[int], AbstractAsyncContextManager[None]]
"""Begins once so many events are handled and deleted; to stop what did it is not measured."""

_FILL: Final = 1_000
"""Events that are in the queue at once: an emulator is slower the more there are."""

_WARM_UP: Final = 200


class Customer(BaseModel):
    id: int
    country: str
    name: str


class Line(BaseModel):
    sku: str
    quantity: int
    price: float


@event_type("shop.orders", "OrderPlaced")
class OrderPlaced(BaseModel):
    order_id: str
    customer: Customer
    lines: list[Line]
    total: float


class Handler:
    """Does nothing but count."""

    def __init__(self) -> None:
        self.handled = 0

    async def __call__(self, order: OrderPlaced) -> None:  # noqa: ARG002  a handler's shape
        self.handled += 1


@asynccontextmanager
async def _sqs(url: str) -> AsyncGenerator[Any]:
    config = AioConfig(
        max_pool_connections=50, retries={"mode": "standard", "total_max_attempts": 1}
    )
    async with AioSession().create_client(
        "sqs", region_name="us-east-1", endpoint_url=url, config=config
    ) as client:
        yield client


async def _fill(client: Any, queue: str, events: int) -> None:  # noqa: ANN401
    for first in range(0, events, 10):
        made = [an_event(number) for number in range(first, min(first + 10, events))]
        answer = await client.send_message_batch(
            QueueUrl=queue,
            Entries=[
                {"Id": str(index), "MessageBody": one.to_json().decode()}
                for index, one in enumerate(made)
            ],
        )
        assert len(answer["Successful"]) == len(made)


async def _timed(client: Any, queue: str, work: Work, events: int) -> tuple[float, float]:  # noqa: ANN401
    """Seconds an event: CPU of this process, threads included, and on the wall."""
    await _fill(client, queue, _WARM_UP)
    async with work(_WARM_UP):
        pass
    used = took = 0.0
    for first in range(0, events, _FILL):
        count = min(_FILL, events - first)
        await _fill(client, queue, count)
        cpu, wall = process_time(), perf_counter()
        async with work(count):
            used += process_time() - cpu
            took += perf_counter() - wall
    return used / events, took / events


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  no engine tells when
        await asyncio.sleep(0.005)


async def raw_loop(url: str, events: int, loops: int = 1) -> tuple[float, float]:
    handle = Handler()
    async with _sqs(url) as client:
        queue = (await client.create_queue(QueueName="bench-by-hand"))["QueueUrl"]

        deleted = 0

        async def loop(until: int) -> None:
            nonlocal deleted
            while deleted < until:
                answer = await client.receive_message(
                    QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
                )
                messages = answer.get("Messages", [])
                for message in messages:
                    document = json.loads(message["Body"])
                    await handle(OrderPlaced.model_validate(document["detail"]))
                if messages:
                    answer = await client.delete_message_batch(
                        QueueUrl=queue,
                        Entries=[
                            {"Id": str(index), "ReceiptHandle": one["ReceiptHandle"]}
                            for index, one in enumerate(messages)
                        ],
                    )
                    deleted += len(answer["Successful"])

        @asynccontextmanager
        async def work(count: int) -> AsyncGenerator[None]:
            until = deleted + count
            tasks = [asyncio.create_task(loop(until)) for _ in range(loops)]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            yield
            await asyncio.gather(*tasks)

        return await _timed(client, queue, work, events)


async def raw_loops(url: str, events: int) -> tuple[float, float]:
    return await raw_loop(url, events, loops=4)


async def eventroute(url: str, events: int, concurrency: int = 10) -> tuple[float, float]:
    handle = Handler()
    router = Router("bench")

    @router.subscribe(OrderPlaced, name="take", concurrency=concurrency)
    async def take(order: OrderPlaced) -> None:
        await handle(order)

    options = {"endpoint_url": url, "region": "us-east-1", "prefix": "bench", "poll_wait": 1}
    bus = EventBus(create_sns, options=options)
    bus.include(router)
    async with _sqs(url) as client, bus:
        queue = (await client.get_queue_url(QueueName="bench-bench-take"))["QueueUrl"]

        @asynccontextmanager
        async def work(count: int) -> AsyncGenerator[None]:
            until = bus.counts("take").handled + count
            running = asyncio.create_task(bus.run(handle_signals=False))
            await _until(lambda: bus.counts("take").handled >= until)  # counted once it is deleted
            yield
            bus.stop()
            await running

        return await _timed(client, queue, work, events)


async def eventroute_fifty(url: str, events: int) -> tuple[float, float]:
    return await eventroute(url, events, concurrency=50)


async def fanferro(url: str, events: int) -> tuple[float, float]:
    library: Any = import_module("fanferro")
    handle = Handler()
    client = library.Client(
        region="us-east-1",
        endpoint_url=url,
        credentials=library.Credentials("000000000000", "test"),
        account_id="000000000000",
        provisioning=library.Provisioning.ensure(),
    )
    queue = client.queue("bench-fanferro")

    async def on_message(message: Any) -> None:  # noqa: ANN401
        await handle(OrderPlaced.model_validate(json.loads(message.data)["detail"]))

    on_message.__annotations__["message"] = library.Message[bytes]
    async with _sqs(url) as filler, client:
        address = (await filler.get_queue_url(QueueName="bench-fanferro"))["QueueUrl"]

        @asynccontextmanager
        async def work(count: int) -> AsyncGenerator[None]:
            consumer = client.consumer(queue, on_message, wait_time=1)
            running = asyncio.create_task(consumer.run(install_signal_handlers=False))
            await _until(lambda: consumer.stats()["engine"].get("messages_acked", 0) >= count)
            yield
            await consumer.stop()
            await running

        return await _timed(filler, address, work, events)


ENGINES: Final = {
    "eventroute": eventroute,
    "eventroute, concurrency of 50": eventroute_fifty,
    "raw loop": raw_loop,
    "raw loops, four at once": raw_loops,
    "fanferro": fanferro,
}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    used, took = asyncio.run(ENGINES[given["engine"]](given["url"], given["events"]))
    print(json.dumps({"cpu": used, "wall": took}))
