"""Clients that publish to SNS, each measured in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from time import perf_counter, process_time
from typing import Any, Final

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from eventroute.envelope import Event
from eventroute.port import Outgoing
from eventroute_aws.clients import Clients
from eventroute_aws.layout import Topic
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.publisher import Publisher

Publish = Callable[[Event], Awaitable[None]]
PublishMany = Callable[[list[Event]], Awaitable[None]]

_TOPIC: Final = "bench"


def an_event(number: int) -> Event:
    """One of 330 bytes, such as an order."""
    detail = {
        "order_id": f"{number:08}",
        "customer": {"id": number % 997, "country": "KR", "name": "Kim Min-jun"},
        "lines": [{"sku": f"sku-{number % 89}", "quantity": 2, "price": 12.5}],
        "total": 25.0,
    }
    return Event("shop.orders", "OrderPlaced", detail)


def _attributes(event: Event) -> dict[str, Any]:
    return {
        "source": {"DataType": "String", "StringValue": event.source},
        "detail-type": {"DataType": "String", "StringValue": event.detail_type},
    }


@asynccontextmanager
async def _sns(url: str) -> AsyncGenerator[tuple[Any, str]]:

    config = AioConfig(
        max_pool_connections=50,
        retries={"mode": "standard", "total_max_attempts": 1},
        warm_up_loader_caches=True,
    )
    async with AioSession().create_client(
        "sns", region_name="us-east-1", endpoint_url=url, config=config
    ) as client:
        yield client, (await client.create_topic(Name=_TOPIC))["TopicArn"]


async def in_tasks(events: int, callers: int, size: int, publish: PublishMany) -> None:
    """So many callers, each of which publishes so many events at a time, again and again."""

    async def caller(first: int) -> None:
        for start in range(first, events, callers * size):
            await publish([an_event(number) for number in range(start, min(start + size, events))])

    await asyncio.gather(*(caller(number * size) for number in range(callers)))


async def raw_batches(url: str, events: int, callers: int) -> tuple[float, float]:
    async with _sns(url) as (client, arn):

        async def publish(batch: list[Event]) -> None:
            answer = await client.publish_batch(
                TopicArn=arn,
                PublishBatchRequestEntries=[
                    {
                        "Id": str(index),
                        "Message": event.to_json().decode(),
                        "MessageAttributes": _attributes(event),
                    }
                    for index, event in enumerate(batch)
                ],
            )
            assert len(answer["Successful"]) == len(batch)

        return await timed(lambda count: in_tasks(count, callers, 10, publish), events)


async def raw_batches_by_tenth(url: str, events: int, callers: int) -> tuple[float, float]:
    """As many requests at once as there are when all callers share them."""
    return await raw_batches(url, events, max(1, callers // 10))


async def raw_singles(url: str, events: int, callers: int) -> tuple[float, float]:
    async with _sns(url) as (client, arn):

        async def publish(batch: list[Event]) -> None:
            (event,) = batch
            await client.publish(
                TopicArn=arn, Message=event.to_json().decode(), MessageAttributes=_attributes(event)
            )

        return await timed(lambda count: in_tasks(count, callers, 1, publish), events)


class _OneTopic:
    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    def known_topic(self, _source: str) -> Topic:
        return self._topic

    async def topic(self, _source: str) -> Topic:
        return self._topic


async def eventroute(url: str, events: int, callers: int, size: int = 1) -> tuple[float, float]:

    options = SnsOptions(endpoint_url=url, region="us-east-1")
    clients = Clients(options)
    await clients.open()
    client = await clients.sns()
    topic = Topic("shop.orders", (await client.create_topic(Name=_TOPIC))["TopicArn"])
    publisher = Publisher(clients, options, _OneTopic(topic), None)

    async def publish(batch: list[Event]) -> None:
        outcomes = await publisher.publish([Outgoing(event) for event in batch], timeout=30)
        assert not any(outcomes), outcomes

    try:
        return await timed(lambda count: in_tasks(count, callers, size, publish), events)
    finally:
        await publisher.close()
        await clients.close()


async def eventroute_tens(url: str, events: int, callers: int) -> tuple[float, float]:
    return await eventroute(url, events, callers, size=10)


async def fanferro(url: str, events: int, callers: int) -> tuple[float, float]:
    """Each event alone: it gathers no events of several callers."""
    return await _fanferro(url, events, callers, 1)


async def fanferro_tens(url: str, events: int, callers: int) -> tuple[float, float]:
    return await _fanferro(url, events, callers, 10)


async def _fanferro(url: str, events: int, callers: int, size: int) -> tuple[float, float]:

    library: Any = import_module("fanferro")
    client = library.Client(
        region="us-east-1",
        endpoint_url=url,
        credentials=library.Credentials("000000000000", "test"),
        account_id="000000000000",
    )
    topic = client.topic(_TOPIC, provisioning=library.Provisioning.ensure())

    async def publish(batch: list[Event]) -> None:
        messages = [
            library.OutgoingMessage(
                event.to_json(),
                id=event.id,
                attributes={"source": event.source, "detail-type": event.detail_type},
            )
            for event in batch
        ]
        if size == 1:
            await topic.publish(messages[0])
        else:
            await topic.publish_batch(messages)

    async with client:
        return await timed(lambda count: in_tasks(count, callers, size, publish), events)


async def timed(work: Callable[[int], Awaitable[None]], events: int) -> tuple[float, float]:
    """Seconds an event: CPU of this process, threads included, and on the wall."""
    await work(events // 10)
    cpu, wall = process_time(), perf_counter()
    await work(events)
    return (process_time() - cpu) / events, (perf_counter() - wall) / events


ENGINES: Final = {
    "eventroute": eventroute,
    "eventroute, ten at a time": eventroute_tens,
    "raw batches": raw_batches,
    "raw batches, a tenth of the callers": raw_batches_by_tenth,
    "raw singles": raw_singles,
    "fanferro": fanferro,
    "fanferro, ten at a time": fanferro_tens,
}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    used, took = asyncio.run(
        ENGINES[given["engine"]](given["url"], given["events"], given["callers"])
    )
    print(json.dumps({"cpu": used, "wall": took}))
