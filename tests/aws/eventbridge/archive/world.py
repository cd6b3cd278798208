"""A bus with an archive on an emulator, and what people see of both."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from eventroute import Event
from eventroute.clock import SystemClock
from eventroute.port import Ack, Outgoing, Replay
from eventroute_aws import create_eventbridge
from tools.emulators.proxy import Proxy

from ..provision.account import BUS, ORDERS, Account, topology
from .replaying import as_on_aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.topology import Topology
    from eventroute_aws.archiving import ArchivingAwsAdapter
    from tools.emulators import Emulator

__all__ = [
    "ARCHIVE",
    "BUS",
    "ORDERS",
    "World",
    "event",
    "plan_replays",
    "published",
    "since",
    "taken",
    "topology",
    "world_on",
]

ARCHIVE = "eventroute-shop"


def event(number: int, source: str = "shop.orders") -> Event:
    return Event(source, "OrderPlaced", {"number": number}, id=str(number))


def since(**ago: float) -> Replay:
    """Everything of the last hours, or of the time that is told."""
    now = datetime.now(UTC)
    return Replay(now - timedelta(**(ago or {"hours": 1})), now + timedelta(minutes=1))


@dataclass
class World:
    """Adapters speak to the proxy, people to the emulator."""

    account: Account
    proxy: Proxy
    stack: AsyncExitStack
    options: dict[str, object] = field(default_factory=dict)

    def adapter(self, **more: object) -> ArchivingAwsAdapter:
        """Another process, as it were."""
        given = {**self.account.options, "endpoint_url": self.proxy.url, "linger": 0, "bus": BUS}
        quick = {"archive": 7, "rule_lag": 0, "poll_wait": 0}
        adapter = create_eventbridge({**given, **quick, **self.options, **more}, SystemClock())
        self.stack.push_async_callback(adapter.close)
        return adapter

    async def opened(self, wanted: Topology | None = None, **more: object) -> ArchivingAwsAdapter:
        adapter = self.adapter(**more)
        await adapter.open(topology(a=ORDERS) if wanted is None else wanted)
        return adapter

    async def archive(self, name: str = ARCHIVE) -> Mapping[str, Any]:
        return await (await self.account.events()).describe_archive(ArchiveName=name)

    async def archives(self) -> set[str]:
        found = await (await self.account.events()).list_archives()
        return {one.get("ArchiveName", "") for one in found["Archives"]}

    async def make_archive(self, description: str = "theirs") -> None:
        """Make an archive of the bus by hand."""
        await (await self.account.events()).create_archive(
            ArchiveName=ARCHIVE, EventSourceArn=self.account.bus_arn(), Description=description
        )

    async def rules(self) -> set[str]:
        return set(await self.account.rules())


async def published(adapter: ArchivingAwsAdapter, *events: Event) -> None:
    outcomes = await adapter.publish([Outgoing(one) for one in events], timeout=5)
    assert outcomes == [None] * len(events)


async def taken(adapter: ArchivingAwsAdapter, subscription: str = "a") -> list[int]:
    """The numbers of the events that a queue holds, which is empty then."""
    numbers: list[int] = []
    while deliveries := await adapter.receive(subscription, limit=10, wait=0.1):
        numbers += [one.event.detail["number"] for one in deliveries]
        await adapter.settle([Ack(one) for one in deliveries])
    return sorted(numbers)


@asynccontextmanager
async def world_on(emulator: Emulator, account: str, **options: object) -> AsyncGenerator[World]:
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(emulator.url))
        people = await Account.enter(stack, emulator.options(account))
        async with AsyncExitStack() as adapters:
            yield World(people, proxy, adapters, options)


def plan_replays(proxy: Proxy) -> None:
    """Let every replay that is started from now on be as on AWS."""
    proxy.plan(as_on_aws, action="StartReplay", times=math.inf)
