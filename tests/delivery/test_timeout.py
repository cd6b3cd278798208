"""A handler that takes too long."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import anyio
import pytest
from pydantic import BaseModel

from eventroute import Batch, Delivery, EventBus, HealthState, Retry, Router, event
from eventroute.delivery.time_limit import within
from eventroute.errors import DeclarationError
from eventroute.testing import TestBus, VirtualClock


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[], Awaitable[Any]]], Any]:
    return partial(anyio.run, backend=request.param)


def test_a_handler_that_takes_too_long_is_cancelled_and_tried_again(
    run: Callable[[Callable[[], Awaitable[Any]]], Any],
) -> None:
    router = Router("r")
    bus = TestBus(router)
    cancelled: list[float] = []

    @router.subscribe(Placed, timeout=5, retry=Retry.fixed(1))
    async def slow(order: Placed, delivery: Delivery) -> None:
        if delivery.attempt == 1:
            try:
                await anyio.sleep_forever()
            finally:
                cancelled.append(bus.clock.now())

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await anyio.wait_all_tasks_blocked()
            bus.clock.advance_to(4.9)
            await anyio.wait_all_tasks_blocked()
            assert cancelled == []
            bus.clock.advance_to(5)
            await bus.settled()
            first, second = bus.outcomes("slow")
        assert cancelled == [5]
        assert isinstance(first.error, TimeoutError)
        assert str(first.error) == "the handler took longer than 5 s"
        assert second.kind.value == "handled"

    run(main)


class Noting(VirtualClock):
    """Counts who slept."""

    sleepers = 0

    async def sleep(self, seconds: float) -> None:
        self.sleepers += 1
        await super().sleep(seconds)


@pytest.mark.parametrize("waits", [False, True])
async def test_time_is_watched_only_while_a_handler_waits(waits: bool) -> None:
    clock, ended = Noting(), list[bool]()

    async def call() -> None:
        for _ in range(3 if waits else 0):
            await anyio.lowlevel.checkpoint()
        ended.append(True)

    await within(5, clock, call)
    assert ended == [True]
    assert clock.sleepers == waits


async def test_a_handler_that_hides_its_cancellation_has_failed_all_the_same() -> None:
    router = Router("r")

    @router.subscribe(Placed, timeout=5, retry=Retry.none())
    async def stubborn(order: Placed) -> None:
        try:
            await anyio.sleep_forever()
        except BaseException:
            return

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await anyio.wait_all_tasks_blocked()
        bus.clock.advance_to(5)
        await bus.settled()
        (letter,) = await bus.dead_letters("stubborn")
    assert letter.error == "TimeoutError: the handler took longer than 5 s"


async def test_a_plain_function_is_left_behind_and_its_event_comes_again() -> None:
    router = Router("r")
    entered, leave = threading.Event(), threading.Event()

    @router.subscribe(Placed, timeout=5, retry=Retry.fixed(1))
    def stuck(order: Placed, delivery: Delivery) -> None:
        if delivery.attempt == 1:
            entered.set()
            leave.wait()

    try:
        async with TestBus(router) as bus:
            await bus.publish(Placed())
            await anyio.to_thread.run_sync(entered.wait)
            bus.clock.advance_to(5)
            await bus.settled()
            assert [one.kind.value for one in bus.outcomes("stuck")] == ["retried", "handled"]
    finally:
        leave.set()


async def test_an_error_within_the_time_is_the_handlers_own() -> None:
    router = Router("r")

    @router.subscribe(Placed, timeout=5, retry=Retry.none())
    async def broken(order: Placed) -> None:
        raise ConnectionError("down")

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        (letter,) = await bus.dead_letters("broken")
    assert letter.error == "ConnectionError: down"


def test_a_program_that_ends_within_the_time_ends() -> None:
    router = Router("r")

    @router.subscribe(Placed, timeout=5)
    async def leave(order: Placed) -> None:
        raise SystemExit(3)

    bus = EventBus()
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False)

    with pytest.raises(SystemExit):
        anyio.run(main)


async def test_a_worker_that_stops_within_the_time_gives_the_event_back() -> None:
    router = Router("r")

    @router.subscribe(Placed, timeout=5)
    async def slow(order: Placed) -> None:
        bus.stop()
        await anyio.sleep_forever()

    bus = TestBus(router, grace=0)
    async with bus:
        await bus.publish(Placed())
        await anyio.wait_all_tasks_blocked()
    assert bus.counts("slow").released == 1


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_time_that_cannot_pass_is_refused(timeout: float) -> None:
    with pytest.raises(DeclarationError, match="timeout="):
        Router("r").subscribe(Placed, timeout=timeout)


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """What handlers of these tests wait for; it comes when the test is over."""
    end = threading.Event()
    yield end
    end.set()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    with anyio.fail_after(20):
        while not condition():
            await anyio.sleep(0.005)


@pytest.mark.parametrize("takes_many", [False, True])
def test_hung_threads_keep_their_places_and_no_event_pays_for_them(
    run: Callable[[Callable[[], Awaitable[Any]]], Any],
    hang: threading.Event,
    takes_many: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")
    calls: list[str] = []

    def work(order_id: str) -> None:
        calls.append(order_id)
        if order_id.startswith("hangs"):
            hang.wait()

    def one(order: Placed) -> None:
        work(order.order_id)

    def many(orders: list[Placed]) -> None:
        work(orders[0].order_id)

    options: dict[str, Any] = {"batch": Batch(size=1)} if takes_many else {}
    router.subscribe(
        Placed,
        name="handle",
        timeout=0.01,
        concurrency=2,
        retry=Retry.fixed(0, attempts=20),
        **options,
    )(many if takes_many else one)
    bus = EventBus(grace=0)
    bus.include(router)

    async def main() -> None:
        async with bus, anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await bus.publish_many([Placed(order_id=f"hangs {n}") for n in range(2)])
            await until(lambda: bus.health()["r.handle"].state is HealthState.FAILING)
            await bus.publish(Placed(order_id="healthy"))
            await anyio.wait_all_tasks_blocked()
            assert len(calls) == 2
            assert (await bus.depth("handle")).in_flight == 0
            hang.set()
            await until(lambda: bus.counts("handle").handled == 3)
            assert bus.health()["r.handle"].state is HealthState.RUNNING
            assert await bus.dead_letters("handle") == []
            bus.stop()

    run(main)
    assert "all 2 threads are held by calls that went over their time limit" in caplog.text


def test_a_subscription_whose_threads_all_hang_stops(
    run: Callable[[Callable[[], Awaitable[Any]]], Any], hang: threading.Event
) -> None:
    router = Router("r")

    @router.subscribe(Placed, timeout=0.01, concurrency=1)
    def stuck(order: Placed) -> None:
        hang.wait()

    bus = EventBus(grace=60)
    bus.include(router)

    async def main() -> None:
        with anyio.fail_after(20):
            await stop_when_stuck()

    async def stop_when_stuck() -> None:
        async with bus, anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await bus.publish(Placed())
            await until(lambda: bus.health()["r.stuck"].state is HealthState.FAILING)
            bus.stop()

    run(main)


def test_others_are_handled_while_one_thread_hangs(
    run: Callable[[Callable[[], Awaitable[Any]]], Any], hang: threading.Event
) -> None:
    router = Router("r")

    @router.subscribe(Placed, timeout=0.5, concurrency=2, retry=Retry.none())
    def handle(order: Placed) -> None:
        if order.order_id == "0":
            hang.wait()

    bus = EventBus()
    bus.include(router)

    async def main() -> None:
        async with bus, anyio.create_task_group() as group:
            await bus.publish(Placed(order_id="0"))
            group.start_soon(partial(bus.run, handle_signals=False))
            await until(lambda: bus.counts("handle").dead_lettered == 1)
            await bus.publish_many([Placed(order_id=str(n)) for n in range(1, 20)])
            await until(lambda: bus.counts("handle").handled == 19)
            assert bus.health()["r.handle"].state is HealthState.RUNNING
            bus.stop()

    run(main)
