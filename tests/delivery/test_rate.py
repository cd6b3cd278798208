"""How many events are received in a time, and handled at once."""

from __future__ import annotations

import anyio
import pytest
from pydantic import BaseModel

from eventroute import Batch, EventBus, RateLimit, Router, event
from eventroute.errors import ConfigurationError, DeclarationError
from eventroute.testing import TestBus

from .line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


ORDERS = [Placed(order_id=str(n)) for n in range(7)]


async def test_events_over_the_rate_come_later_and_evenly() -> None:
    router = Router("r")
    bus = TestBus(router)
    moments: list[float] = []

    @router.subscribe(Placed, rate=RateLimit(3, per=60))
    async def handle(order: Placed) -> None:
        moments.append(bus.clock.now())

    async with bus:
        await bus.publish_many(ORDERS)
        await bus.settled()
    assert moments == pytest.approx([0, 0, 0, 20, 40, 60, 80])


async def test_after_a_rest_a_burst_may_come() -> None:
    router = Router("r")
    bus = TestBus(router)
    moments: list[float] = []

    @router.subscribe(Placed, rate=RateLimit(2, per=10))
    async def handle(order: Placed) -> None:
        moments.append(bus.clock.now())

    async with bus:
        await bus.publish_many(ORDERS[:2])
        await bus.settled()
        bus.clock.advance_to(100)
        await bus.publish_many(ORDERS[:2])
        await bus.settled()
    assert moments == [0, 0, 100, 100]


async def test_what_may_not_be_handled_yet_is_not_leased() -> None:
    line = Line()
    router = Router("r")

    @router.subscribe(Placed, rate=RateLimit(3, per=60))
    async def handle(order: Placed) -> None: ...

    bus = bus_on(line, router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish_many(ORDERS)
        group.start_soon(lambda: bus.run(handle_signals=False))
        await anyio.wait_all_tasks_blocked()
        depth = await bus.depth("handle")
        assert (depth.ready, depth.in_flight) == (4, 0)
        bus.stop()
    assert line.received == [3]


async def test_batches_keep_to_the_rate() -> None:
    router = Router("r")
    bus = TestBus(router)
    seen: list[tuple[float, int]] = []

    @router.subscribe(Placed, rate=RateLimit(2, per=10), batch=Batch(size=4, wait=10))
    async def handle(orders: list[Placed]) -> None:
        seen.append((bus.clock.now(), len(orders)))

    async with bus:
        await bus.publish_many(ORDERS)
        await bus.settled()
    assert sum(size for _, size in seen) == 7
    for moment, _ in seen:
        assert sum(size for when, size in seen if when <= moment) <= 2 + moment / 5


async def test_a_process_handles_no_more_at_once_than_it_may() -> None:
    router = Router("r")
    now = most = 0

    async def work(order: Placed) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await anyio.lowlevel.checkpoint()
        now -= 1

    for name in ("one", "two", "three"):
        router.subscribe(Placed, name=name)(work)

    bus = EventBus(max_concurrency=2)
    bus.include(router)
    async with bus:
        await bus.publish_many(ORDERS)
        await bus.run(handle_signals=False, until_empty=True)
        assert sum(bus.counts(name).handled for name in ("one", "two", "three")) == 21
    assert most == 2


async def test_a_subscription_with_nothing_to_do_takes_no_share_of_the_process() -> None:
    router = Router("r")
    handled = anyio.Event()

    @router.subscribe({"source": ["elsewhere"]})
    async def idle() -> None: ...

    @router.subscribe(Placed)
    async def busy(order: Placed) -> None:
        handled.set()

    bus = EventBus(max_concurrency=1)
    bus.include(router)
    async with bus, anyio.create_task_group() as group:
        group.start_soon(lambda: bus.run(handle_signals=False))
        await anyio.wait_all_tasks_blocked()
        await bus.publish(Placed())
        await handled.wait()
        bus.stop()


@pytest.mark.parametrize(
    ("events", "per"), [(0, 1), (1.5, 1), (True, 1), (1, 0), (1, float("inf"))]
)
def test_a_rate_that_cannot_work_is_refused(events: int, per: float) -> None:
    with pytest.raises(DeclarationError, match="RateLimit"):
        RateLimit(events, per=per)


def test_a_rate_is_no_bare_number() -> None:
    with pytest.raises(DeclarationError, match=r"rate=5: write RateLimit\(\.\.\.\)"):
        Router("r").subscribe(Placed, rate=5)  # type: ignore[call-overload]  # pyright: ignore


def test_a_limit_of_the_process_is_a_whole_number() -> None:
    with pytest.raises(ConfigurationError, match="max_concurrency=0"):
        EventBus(max_concurrency=0)
