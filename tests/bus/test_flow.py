"""Bounds: of work under way, of queues, of events."""

from __future__ import annotations

import anyio
import pytest
from pydantic import BaseModel

from eventroute import Event, EventBus, Publisher, Router, event
from eventroute.errors import (
    ConfigurationError,
    EventRouteError,
    LimitExceededError,
    PublishError,
    PublishTimeoutError,
)
from eventroute.testing import TestBus


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


@pytest.mark.parametrize("limit", [1, 3])
async def test_no_more_attempts_are_under_way_than_the_limit(limit: int) -> None:
    router = Router("r")
    now = most = 0
    full = anyio.Event()

    @router.subscribe(Placed, concurrency=limit)
    async def slow(order: Placed) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == limit:
            full.set()
        await full.wait()
        await anyio.wait_all_tasks_blocked()
        now -= 1

    async with TestBus(router) as bus:
        await bus.publish_many([Placed(order_id=str(n)) for n in range(6)])
        await bus.settled()
        assert len(bus.handled("slow")) == 6
    assert most == limit


async def test_a_slow_subscriber_does_not_slow_another() -> None:
    router = Router("r")
    release = anyio.Event()
    fast_done = anyio.Event()

    @router.subscribe(Placed, concurrency=1)
    async def slow(order: Placed) -> None:
        await release.wait()

    @router.subscribe(Placed, concurrency=1)
    async def fast(order: Placed) -> None:
        if order.order_id == "9":
            fast_done.set()

    async with TestBus(router) as bus:
        await bus.publish_many([Placed(order_id=str(n)) for n in range(10)])
        await fast_done.wait()
        assert len(bus.handled("slow")) == 0
        release.set()
        await bus.settled()
        assert len(bus.handled("slow")) == 10


async def test_a_burst_of_a_thousand_waits_for_room_and_loses_nothing() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router, options={"capacity": 10}) as bus:
        orders = [Placed(order_id=str(n)) for n in range(1_000)]
        async with anyio.create_task_group() as group:
            for order in orders:
                group.start_soon(bus.publish, order)
        await bus.settled()
        assert sorted(bus.handled("handle"), key=str) == sorted(orders, key=str)


async def test_a_queue_never_holds_more_than_its_capacity() -> None:
    router = Router("r")
    deepest = 0
    bus = TestBus(router, options={"capacity": 5})

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        nonlocal deepest
        deepest = max(deepest, (await bus.depth("handle")).outstanding)

    async with bus:
        await bus.publish_many([Placed(order_id=str(n)) for n in range(100)])
        await bus.settled()
    assert deepest == 5


async def test_a_publish_that_finds_no_room_fails_naming_the_queue() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def never(order: Placed) -> None: ...

    bus = EventBus(options={"capacity": 2}, publish_timeout=0.01)
    bus.include(router)
    async with bus:  # nobody works the queue off
        await bus.publish(Placed(order_id="1"))
        await bus.publish(Placed(order_id="2"))
        with pytest.raises(PublishTimeoutError, match=r"queue of 'r\.never' holds 2 events"):
            await bus.publish(Placed(order_id="3"))
        assert (await bus.depth("never")).ready == 2


async def test_an_event_goes_to_all_its_queues_or_to_none() -> None:
    router = Router("r")

    @router.subscribe(Placed, where={"order_id": ["full", "both"]})
    async def crowded(order: Placed) -> None: ...

    @router.subscribe(Placed)
    async def roomy(order: Placed) -> None: ...

    bus = EventBus(options={"capacity": 2}, publish_timeout=0.01)
    bus.include(router)
    async with bus:
        for _ in range(2):
            await bus.publish(Placed(order_id="full"))
        with pytest.raises(PublishTimeoutError):
            await bus.publish(Placed(order_id="both"))
        assert (await bus.depth("roomy")).ready == 2


async def test_a_handler_that_fills_its_own_queue_fails_in_time_and_does_not_hang() -> None:
    router = Router("r")
    errors: list[EventRouteError] = []

    @router.subscribe(Placed, concurrency=1)
    async def echo(order: Placed, bus: Publisher) -> None:
        if order.order_id == "first":
            try:
                await bus.publish_many([Placed(order_id=str(n)) for n in range(3)])
            except PublishError as error:
                errors.extend(one for _, one in error.outcomes if one is not None)

    async with TestBus(router, options={"capacity": 2}, publish_timeout=0.01) as bus:
        await bus.publish(Placed(order_id="first"))
        await bus.settled()
    assert [type(error) for error in errors] == [PublishTimeoutError, PublishTimeoutError]


async def test_publish_many_says_which_events_failed() -> None:
    async with EventBus(options={"max_event_bytes": 300}) as bus:
        events = [Event("s", "T", {"x": "y" * size}) for size in (1, 500, 2)]
        with pytest.raises(PublishError, match="1 of 3 events were not published") as caught:
            await bus.publish_many(events)
    assert [one for one, _ in caught.value.outcomes] == events
    assert [type(error) for _, error in caught.value.outcomes] == [
        type(None),
        LimitExceededError,
        type(None),
    ]


async def test_an_event_over_the_limit_is_refused_with_both_numbers() -> None:
    async with EventBus(options={"max_event_bytes": 200}) as bus:
        with pytest.raises(LimitExceededError, match=r"\(s, T\) has 2,1\d\d bytes; .* 200\. Store"):
            await bus.publish(Event("s", "T", {"x": "y" * 2_000}))


async def test_publish_many_of_nothing_is_nothing() -> None:
    async with EventBus() as bus:
        assert await bus.publish_many([]) == []


async def test_many_events_travel_in_batches_and_keep_their_order() -> None:
    router = Router("r")

    @router.subscribe(Placed, concurrency=1)
    async def handle(order: Placed) -> None: ...

    orders = [Placed(order_id=str(n)) for n in range(250)]
    async with TestBus(router) as bus:
        published = await bus.publish_many(orders)
        await bus.settled()
        assert bus.handled("handle") == orders
    assert [one.detail["order_id"] for one in published] == [one.order_id for one in orders]


async def test_events_that_come_one_at_a_time_are_handled_side_by_side() -> None:
    router = Router("r")
    both = anyio.Event()
    first_begun = anyio.Event()

    @router.subscribe(Placed, concurrency=2)
    async def slow(order: Placed) -> None:
        if order.order_id == "1":
            first_begun.set()
            await both.wait()
        else:
            both.set()

    async with TestBus(router) as bus:
        await bus.publish(Placed(order_id="1"))
        await first_begun.wait()
        await bus.publish(Placed(order_id="2"))
        await bus.settled()
        assert len(bus.handled("slow")) == 2


@pytest.mark.parametrize(
    "options",
    [{"concurrency": 0}, {"concurrency": True}, {"grace": -1}, {"publish_timeout": float("nan")}],
)
def test_numbers_that_cannot_work_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        EventBus(**options)  # type: ignore[arg-type]  # pyright: ignore
