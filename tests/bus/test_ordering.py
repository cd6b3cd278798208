"""Events with the same key, one after the other."""

from __future__ import annotations

from collections import defaultdict

import anyio
import anyio.lowlevel
from pydantic import BaseModel

from eventroute import Delivery, Event, Retry, Router, event
from eventroute.testing import TestBus


@event("shop", "Moved")
class Moved(BaseModel):
    order_id: str
    step: int


async def test_a_key_keeps_its_order_even_when_a_step_fails() -> None:
    router = Router("r")
    seen: defaultdict[str, list[int]] = defaultdict(list)

    @router.subscribe(Moved, ordered_by="order_id")
    async def show(move: Moved, delivery: Delivery) -> None:
        await anyio.lowlevel.checkpoint()
        if move.step == 2 and delivery.attempt < 3:
            raise ConnectionError
        seen[move.order_id].append(move.step)

    async with TestBus(router) as bus:
        await bus.publish_many(
            [Moved(order_id=order, step=step) for step in range(1, 6) for order in "abc"]
        )
        await bus.settled()
    assert dict(seen) == {order: [1, 2, 3, 4, 5] for order in "abc"}


async def test_the_next_starts_only_after_the_one_before_is_settled() -> None:
    router = Router("r")
    under_way: set[str] = set()
    most = 0

    @router.subscribe(Moved, ordered_by="order_id", concurrency=10)
    async def show(move: Moved) -> None:
        nonlocal most
        assert move.order_id not in under_way
        under_way.add(move.order_id)
        most = max(most, len(under_way))
        await anyio.wait_all_tasks_blocked()
        under_way.remove(move.order_id)

    async with TestBus(router) as bus:
        await bus.publish_many(
            [Moved(order_id=order, step=step) for step in range(5) for order in "abc"]
        )
        await bus.settled()
        assert len(bus.handled("show")) == 15
    assert most == 3, "different keys run side by side"


async def test_a_failing_key_blocks_only_itself() -> None:
    router = Router("r")
    done: list[tuple[str, int]] = []

    @router.subscribe(Moved, ordered_by="order_id", retry=Retry(attempts=3))
    async def show(move: Moved) -> None:
        if move.order_id == "bad":
            raise ConnectionError
        done.append((move.order_id, move.step))

    async with TestBus(router) as bus:
        await bus.publish_many([Moved(order_id=o, step=s) for s in (1, 2) for o in ("bad", "good")])
        await bus.settled()
        assert [letter.attempts for letter in await bus.dlq("show").list()] == [3, 3]
    assert done == [("good", 1), ("good", 2)]


async def test_events_without_the_key_share_one() -> None:
    router = Router("r")
    seen: list[int] = []

    @router.subscribe({"source": ["shop"]}, ordered_by="customer.id")
    async def show(event: Event, delivery: Delivery) -> None:
        if event.detail["step"] == 1 and delivery.attempt == 1:
            raise ConnectionError
        seen.append(event.detail["step"])

    async with TestBus(router) as bus:
        await bus.publish_many([Event("shop", "T", {"step": step}) for step in (1, 2, 3)])
        await bus.settled()
    assert seen == [1, 2, 3]
