"""Calls that are cancelled at any moment, in either event loop."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from eventroute import Delivery
from eventroute.port import Bury, DeadLetter
from eventroute.testing import VirtualClock
from eventroute_sqlite import SqliteAdapter

from .kit import EVENT, one, opened, outgoing, subscription, until

each_loop = pytest.mark.parametrize("loop", ["asyncio", "trio"])
MOMENTS = range(40)


@each_loop
def test_a_cancelled_publish_is_in_all_queues_or_in_none(file: Path, loop: str) -> None:
    async def main() -> None:
        async with opened(file, None, subscription("a"), subscription("b")) as adapter:
            for turns in MOMENTS:
                async with anyio.create_task_group() as group:
                    group.start_soon(partial(adapter.publish, outgoing(EVENT), timeout=1))
                    for _ in range(turns):
                        await anyio.lowlevel.checkpoint()
                    group.cancel_scope.cancel()
            assert len({(await adapter.depth(name)).ready for name in "ab"}) == 1

    anyio.run(main, backend=loop)


@each_loop
def test_what_a_cancelled_receive_had_leased_comes_back_uncounted(file: Path, loop: str) -> None:
    received: list[Delivery] = []

    async def receive(adapter: SqliteAdapter) -> None:
        received.extend(await adapter.receive("q", limit=1, wait=60))

    async def all_others_are_ready(adapter: SqliteAdapter) -> bool:
        depth = await adapter.depth("q")
        return (depth.in_flight, depth.ready) == (len(received), len(MOMENTS) - len(received))

    async def main() -> None:
        async with opened(file, VirtualClock()) as adapter:
            for turns in MOMENTS:
                await adapter.publish(outgoing(EVENT), timeout=1)
                async with anyio.create_task_group() as group:
                    group.start_soon(receive, adapter)
                    for _ in range(turns):
                        await anyio.lowlevel.checkpoint()
                    group.cancel_scope.cancel()
            await until(partial(all_others_are_ready, adapter))
            others = await adapter.receive("q", limit=100, wait=0)
            assert {delivery.attempt for delivery in others} == {1}

    anyio.run(main, backend=loop)


async def test_a_receive_that_asyncio_cancels_gives_back_what_it_had_leased(file: Path) -> None:
    received: list[Delivery] = []

    async def receive() -> None:
        received.extend(await adapter.receive("q", limit=1, wait=60))

    async def all_others_are_ready() -> bool:
        depth = await adapter.depth("q")
        return (depth.in_flight, depth.ready) == (len(received), len(MOMENTS) - len(received))

    async with opened(file, VirtualClock()) as adapter:
        for turns in MOMENTS:
            await adapter.publish(outgoing(EVENT), timeout=1)
            task = asyncio.ensure_future(receive())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await until(all_others_are_ready)


async def test_dead_letters_that_a_cancelled_call_had_held_are_shown_again(file: Path) -> None:
    held: list[DeadLetter] = []

    async def hold() -> None:
        held.extend(await adapter.receive_dead("q", limit=1, lease=3600))

    async def it_can_be_held() -> bool:
        return len(await adapter.receive_dead("q", limit=1, lease=0)) == 1

    async with opened(file, VirtualClock()) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await adapter.settle([Bury(await one(adapter), "rejected", "no")])
        turns = 0
        while not held:
            async with anyio.create_task_group() as group:
                group.start_soon(hold)
                for _ in range(turns):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
            turns += 1
            if not held:
                await until(it_can_be_held)


async def test_closing_finishes_what_was_begun(file: Path) -> None:
    async with anyio.create_task_group() as group, opened(file) as adapter:
        for _ in range(50):
            group.start_soon(partial(adapter.publish, outgoing(EVENT), timeout=1))
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
    async with opened(file) as adapter:
        assert (await adapter.depth("q")).ready == 50
