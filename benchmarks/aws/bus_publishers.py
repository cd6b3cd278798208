"""Clients that publish to an event bus, each measured in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from benchmarks.aws.publishers import in_tasks, timed
from eventroute.port import Outgoing
from eventroute_aws.clients import Clients
from eventroute_aws.eventbridge.publisher import Publisher
from eventroute_aws.options import EventBridgeOptions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eventroute.envelope import Event

_BUS: Final = "bench"


@asynccontextmanager
async def _events(url: str) -> AsyncGenerator[Any]:
    config = AioConfig(
        max_pool_connections=50,
        retries={"mode": "standard", "total_max_attempts": 1},
        warm_up_loader_caches=True,
    )
    async with AioSession().create_client(
        "events", region_name="us-east-1", endpoint_url=url, config=config
    ) as client:
        await _make_bus(client)
        yield client


async def _make_bus(client: Any) -> None:  # noqa: ANN401  its types are not installed here
    found = await client.list_event_buses(NamePrefix=_BUS)
    if not found["EventBuses"]:
        await client.create_event_bus(Name=_BUS)


def _entry(event: Event) -> dict[str, Any]:
    return {
        "Source": event.source,
        "DetailType": event.detail_type,
        "Time": event.time,
        "Detail": event.detail_json.decode(),
        "EventBusName": _BUS,
    }


async def raw_batches(url: str, events: int, callers: int, size: int = 10) -> tuple[float, float]:
    async with _events(url) as client:

        async def publish(batch: list[Event]) -> None:
            answer = await client.put_events(Entries=[_entry(event) for event in batch])
            assert not answer["FailedEntryCount"], answer

        return await timed(lambda count: in_tasks(count, callers, size, publish), events)


async def raw_batches_by_tenth(url: str, events: int, callers: int) -> tuple[float, float]:
    """As many requests at once as there are when all callers share them."""
    return await raw_batches(url, events, max(1, callers // 10))


async def raw_singles(url: str, events: int, callers: int) -> tuple[float, float]:
    return await raw_batches(url, events, callers, size=1)


async def eventroute(url: str, events: int, callers: int, size: int = 1) -> tuple[float, float]:
    options = EventBridgeOptions(endpoint_url=url, region="us-east-1", bus=_BUS)
    clients = Clients(options)
    await clients.open()
    await _make_bus(await clients.events())
    publisher = Publisher(clients, options, None)

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


ENGINES: Final = {
    "eventroute": eventroute,
    "eventroute, ten at a time": eventroute_tens,
    "raw batches": raw_batches,
    "raw batches, a tenth of the callers": raw_batches_by_tenth,
    "raw singles": raw_singles,
}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    used, took = asyncio.run(
        ENGINES[given["engine"]](given["url"], given["events"], given["callers"])
    )
    print(json.dumps({"cpu": used, "wall": took}))
