"""How much a worker receives of events that must wait for one another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import anyio
import pytest

from eventroute import Batch, Event, Router
from eventroute.topology import Topology

from .line import Line, bus_on


class Unordered(Line):
    """Hands out an event although an earlier one of its key is with somebody."""

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        unordered = (replace(one, ordered_by=None) for one in topology)
        await super().open(Topology(tuple(unordered)), provision=provision)


@pytest.mark.parametrize("takes_many", [False, True])
async def test_what_waits_behind_an_event_of_its_key_counts_as_received(takes_many: bool) -> None:
    router = Router("r")
    line = Unordered()
    go, begun = anyio.Event(), anyio.Event()

    async def one(event: Event) -> None:
        begun.set()
        await go.wait()

    async def many(events: list[Event]) -> None:
        await one(events[0])

    handle: Any = many if takes_many else one
    options: dict[str, Any] = {"batch": Batch(size=3)} if takes_many else {}
    router.subscribe({"source": ["s"]}, name="x", ordered_by="key", concurrency=3, **options)(
        handle
    )
    bus = bus_on(line, router)
    async with bus, anyio.create_task_group() as group:
        group.start_soon(lambda: bus.run(handle_signals=False))
        await anyio.wait_all_tasks_blocked()
        await bus.publish(Event("s", "t", {"key": "a"}))
        await begun.wait()
        await bus.publish_many([Event("s", "t", {"key": "a"}) for _ in range(50)])
        await anyio.wait_all_tasks_blocked()
        assert (await bus.depth("x")).in_flight <= 4
        go.set()
        while bus.counts("x").handled < 51:
            await anyio.lowlevel.checkpoint()
        bus.stop()
