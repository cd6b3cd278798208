"""Adapters on a file, and the calls that tests make most."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from eventroute import Delivery, Event, Pattern
from eventroute.clock import Clock, SystemClock
from eventroute.port import Outgoing
from eventroute.topology import Subscription, Topology
from eventroute_sqlite import SqliteAdapter, create

EVENT = Event("s", "T", {"x": 1})


def outgoing(*events: Event) -> list[Outgoing]:
    return [Outgoing(event) for event in events]


def subscription(
    name: str = "q", source: str = "s", *, lease: float = 30.0, ordered_by: str | None = None
) -> Subscription:
    return Subscription(
        name, Pattern({"source": [source]}), ordered_by=ordered_by, visibility_timeout=lease
    )


@asynccontextmanager
async def opened(
    file: Path,
    clock: Clock | None = None,
    *subscriptions: Subscription,
    **options: object,
) -> AsyncGenerator[SqliteAdapter]:
    """An open adapter; it has the subscription `q` where none is named."""
    adapter = create({"path": str(file), "poll_interval": 0.005, **options}, clock or SystemClock())
    await adapter.open(Topology(subscriptions or (subscription(),)))
    try:
        yield adapter
    finally:
        with anyio.CancelScope(shield=True):
            await adapter.close()


async def one(adapter: SqliteAdapter, name: str = "q", *, wait: float = 0) -> Delivery:
    (delivery,) = await adapter.receive(name, limit=1, wait=wait)
    return delivery


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Return when it holds; what happens in another thread or process takes its time."""
    with anyio.fail_after(seconds):
        while not await condition():
            await anyio.sleep(0.005)
