"""The application on the SQLite backend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel

from eventroute import Delivery, EventBus, Publisher, RejectError, Retry, Router, event
from eventroute.delivery.settling import LAST_CALL
from eventroute.testing import VirtualClock
from eventroute_sqlite import SqliteOptions


@event("shop", "Moved")
class Moved(BaseModel):
    order_id: str
    step: int


@event("shop", "Arrived")
class Arrived(BaseModel):
    order_id: str


class Running:
    """A bus whose workers run, on a clock that jumps to what is due."""

    def __init__(self, bus: EventBus, clock: VirtualClock) -> None:
        self.bus = bus
        self.clock = clock

    async def settled(self) -> None:
        names = [one.subscription.name for one in self.bus.subscribers]
        with anyio.fail_after(60):
            while True:
                depths = [await self.bus.depth(name) for name in names]
                if not any(depth.outstanding for depth in depths):
                    return
                due = [depth.next_due for depth in depths if depth.next_due is not None]
                if due and not any(depth.ready or depth.in_flight for depth in depths):
                    self.clock.advance_to(min(due))
                await anyio.sleep(0.001)


@asynccontextmanager
async def running(file: Path, *routers: Router) -> AsyncGenerator[Running]:
    clock = VirtualClock()
    options = {"path": str(file), "poll_interval": 0.005}
    bus = EventBus("sqlite", options=options, clock=clock, random=Random(0))
    bus.include(*routers)
    async with bus, anyio.create_task_group() as group:
        group.start_soon(partial(bus.run, handle_signals=False))
        yield Running(bus, clock)
        bus.stop()


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_events_are_handled_with_all_that_follows_from_them(file: Path, loop: str) -> None:
    router = Router("r")
    arrived: list[str] = []

    @router.subscribe(Moved, where={"step": [{"numeric": [">=", 2]}]})
    async def arrive(move: Moved, bus: Publisher) -> None:
        await bus.publish(Arrived(order_id=move.order_id))

    @router.subscribe(Arrived)
    def note(one: Arrived) -> None:
        arrived.append(one.order_id)

    async def main() -> None:
        async with running(file, router) as app:
            await app.bus.publish_many(
                [Moved(order_id=order, step=step) for order in "abc" for step in (1, 2)]
            )
            await app.settled()
            assert app.bus.counts("arrive").handled == 3

    anyio.run(main, backend=loop)
    assert sorted(arrived) == ["a", "b", "c"]


async def test_a_key_keeps_its_order_even_when_a_step_fails(file: Path) -> None:
    router = Router("r")
    seen: defaultdict[str, list[int]] = defaultdict(list)

    @router.subscribe(Moved, ordered_by="order_id")
    async def show(move: Moved, delivery: Delivery) -> None:
        await anyio.lowlevel.checkpoint()
        if move.step == 2 and delivery.attempt < 3:
            raise ConnectionError
        seen[move.order_id].append(move.step)

    async with running(file, router) as app:
        await app.bus.publish_many(
            [Moved(order_id=order, step=step) for step in range(1, 6) for order in "abc"]
        )
        await app.settled()
    assert dict(seen) == {order: [1, 2, 3, 4, 5] for order in "abc"}


async def test_what_can_never_succeed_and_what_never_did_are_dead_letters(file: Path) -> None:
    router = Router("r")

    @router.subscribe(Moved, retry=Retry(attempts=3))
    async def handle(move: Moved) -> None:
        if move.step == 1:
            raise RejectError("no such order")
        raise ConnectionError("the other side is down")

    async with running(file, router) as app:
        await app.bus.publish_many([Moved(order_id="a", step=1), Moved(order_id="a", step=2)])
        await app.settled()
        letters = await app.bus.dead_letters("handle")
    assert sorted((letter.reason, letter.attempts) for letter in letters) == [
        ("attempts-exhausted", 3),
        ("rejected", 1),
    ]


async def test_what_one_run_leaves_the_next_one_handles(file: Path) -> None:
    router = Router("r")
    seen: list[int] = []

    @router.subscribe(Moved)
    async def handle(move: Moved) -> None:
        seen.append(move.step)

    options = {"path": str(file)}
    publisher = EventBus("sqlite", options=options)
    publisher.include(router)
    async with publisher:
        await publisher.publish_many([Moved(order_id="a", step=step) for step in range(250)])
    worker = EventBus("sqlite", options=options)
    worker.include(router)
    await worker.run(handle_signals=False, until_empty=True)
    assert sorted(seen) == list(range(250))


def test_a_worker_waits_longer_for_an_answer_than_a_call_waits_for_the_lock() -> None:
    assert SqliteOptions().busy_timeout < LAST_CALL, "else a settlement is given up unrepeated"
