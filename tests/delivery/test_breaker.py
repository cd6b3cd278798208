"""A subscription pauses while what its handler depends on is down."""

from __future__ import annotations

import logging

import anyio
import pytest
from pydantic import BaseModel

from eventroute import CircuitBreaker, Delivery, HealthState, Retry, Router, event
from eventroute.errors import DeclarationError
from eventroute.port import Release
from eventroute.testing import TestBus

from .line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


ORDERS = [Placed(order_id=str(n)) for n in range(10)]
BREAKER = CircuitBreaker(failures=3, within=60, pause=30)


class Dependency:
    """Is down until a moment."""

    def __init__(self, bus: TestBus, until: float) -> None:
        self.bus = bus
        self.until = until
        self.calls: list[float] = []

    def call(self) -> None:
        self.calls.append(self.bus.clock.now())
        if self.bus.clock.now() < self.until:
            raise ConnectionError("down")


async def test_while_it_is_down_one_probe_a_pause_is_all_it_sees() -> None:
    router = Router("r")
    bus = TestBus(router)
    service = Dependency(bus, until=100)

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.fixed(1, attempts=3), concurrency=1)
    async def handle(order: Placed) -> None:
        service.call()

    async with bus:
        await bus.publish_many(ORDERS)
        await bus.settled()
        assert len(bus.handled("handle")) == 10
        assert (await bus.depth("handle")).dead == 0
    assert service.calls[:7] == [0, 0, 0, 30, 60, 90, 120]


async def test_attempts_do_not_count_while_it_is_down() -> None:
    router = Router("r")
    bus = TestBus(router)
    service = Dependency(bus, until=1_000)
    attempts: list[int] = []

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.fixed(1, attempts=3))
    async def handle(order: Placed, delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        service.call()

    async with bus:
        await bus.publish(Placed())
        await bus.settled()
        assert len(bus.handled("handle")) == 1
    assert attempts == [1, 2, *[3] * (len(attempts) - 2)]
    assert len(attempts) > 30


async def test_nothing_is_leased_in_a_pause_and_what_was_is_given_back() -> None:
    line = Line()
    router = Router("r")

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.fixed(600))
    async def handle(order: Placed) -> None:
        raise ConnectionError

    bus = bus_on(line, router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish_many(ORDERS)
        group.start_soon(lambda: bus.run(handle_signals=False))
        await anyio.wait_all_tasks_blocked()
        depth = await bus.depth("handle")
        assert (depth.ready, depth.delayed, depth.in_flight) == (7, 3, 0)
        assert line.received == [10]
        bus.stop()
    releases = [one for call in line.settled for one in call if isinstance(one, Release)]
    tried = [one for one in releases if one.delay]
    assert [(one.delay, one.counted) for one in tried] == [(600, True), (600, True), (30, False)]
    assert not any(one.counted for one in releases if not one.delay)


async def test_other_errors_do_not_pause() -> None:
    router = Router("r")
    bus = TestBus(router)

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.none())
    async def handle(order: Placed) -> None:
        raise ValueError

    async with bus:
        await bus.publish_many(ORDERS)
        await bus.settled()
        assert (await bus.depth("handle")).dead == 10
        assert bus.clock.now() == 0


async def test_a_success_in_between_starts_the_count_anew() -> None:
    router = Router("r")
    bus = TestBus(router)

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.none(), concurrency=1)
    async def handle(order: Placed) -> None:
        if int(order.order_id) % 3:
            raise ConnectionError

    async with bus:
        await bus.publish_many(ORDERS)
        await bus.settled()
        assert bus.clock.now() == 0


async def test_failures_far_apart_do_not_pause() -> None:
    router = Router("r")
    bus = TestBus(router)
    moments: list[float] = []

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.fixed(40, attempts=5))
    async def handle(order: Placed) -> None:
        moments.append(bus.clock.now())
        raise ConnectionError

    async with bus:
        await bus.publish(Placed())
        await bus.settled()
    assert moments == [0, 40, 80, 120, 160]


async def test_a_probe_that_fails_otherwise_shows_that_it_is_back() -> None:
    router = Router("r")
    bus = TestBus(router)
    errors: list[Exception] = [ConnectionError(), ConnectionError(), ConnectionError(), KeyError()]
    moments: list[float] = []

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.fixed(1), concurrency=1)
    async def handle(order: Placed) -> None:
        moments.append(bus.clock.now())
        if errors:
            raise errors.pop(0)

    async with bus:
        await bus.publish_many(ORDERS[:4])
        await bus.settled()
        assert bus.health()["r.handle"].state is HealthState.RUNNING
    assert moments[:4] == [0, 0, 0, 30]
    assert max(moments) <= 61


async def test_a_pause_is_seen_in_the_log_and_in_the_health(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")
    bus = TestBus(router)
    service = Dependency(bus, until=1)
    states: list[HealthState] = []

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.fixed(0), concurrency=1)
    async def handle(order: Placed) -> None:
        service.call()

    with caplog.at_level(logging.INFO, "eventroute"):
        async with bus:
            await bus.publish(Placed())
            await anyio.wait_all_tasks_blocked()
            paused = bus.health()["r.handle"]
            states.append(paused.state)
            await bus.settled()
            states.append(bus.health()["r.handle"].state)
    assert states == [HealthState.PAUSED, HealthState.RUNNING]
    assert isinstance(paused.error, ConnectionError)
    messages = [record.getMessage() for record in caplog.records]
    assert "r.handle: paused for 30 s: ConnectionError: down" in messages
    assert "r.handle: goes on after its pause" in messages


async def test_a_pause_longer_than_the_backend_delays_is_waited_for_here() -> None:
    line = Line(max_release_delay=10)
    router = Router("r")

    @router.subscribe(Placed, breaker=BREAKER, retry=Retry.fixed(0, attempts=9), concurrency=1)
    async def handle(order: Placed) -> None:
        raise ConnectionError

    bus = bus_on(line, router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish(Placed())
        group.start_soon(lambda: bus.run(handle_signals=False))
        await anyio.wait_all_tasks_blocked()
        calls = len(line.received)
        line.clock.advance_to(11)
        await anyio.wait_all_tasks_blocked()
        assert len(line.received) == calls
        assert (await bus.depth("handle")).ready == 1
        bus.stop()


@pytest.mark.parametrize(
    "options",
    [
        {"failures": 0},
        {"within": 0},
        {"pause": float("inf")},
        {"on": ()},
        {"on": OSError},
        {"on": (KeyboardInterrupt,)},
    ],
)
def test_a_breaker_that_cannot_work_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(DeclarationError, match=next(iter(options))):
        CircuitBreaker(**options)  # type: ignore[arg-type]  # pyright: ignore
