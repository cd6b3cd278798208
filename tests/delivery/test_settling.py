"""Settlements travel together, and each has its own outcome."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest
from pydantic import BaseModel

from eventroute import EventBus, Retry, Router, event
from eventroute.errors import AdapterError, EventRouteError
from eventroute.port import Ack, Bury, Extend, Release, Settlement, answering_at_once

from .line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


ORDERS = [Placed(order_id=str(n)) for n in range(20)]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventroute.delivery.settling.SETTLE_PAUSES", (0.0, 0.0, 0.0))


async def work_off(line: Line, router: Router, *, concurrency: int = 10) -> EventBus:
    bus = bus_on(line, router, concurrency=concurrency)
    async with bus:
        await bus.publish_many(ORDERS)
        await bus.run(handle_signals=False, until_empty=True)
    return bus


class AtOnce(Line):
    """Says that it settles without waiting, which holds while the line behind it does."""

    @answering_at_once
    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        return await super().settle(settlements)


class Overridden(AtOnce):
    """Settles in its own way, which waits."""

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        await anyio.lowlevel.checkpoint()
        return await super().settle(settlements)


@pytest.mark.anyio
@pytest.mark.parametrize("kind", [AtOnce, Overridden])
async def test_a_backend_may_say_that_it_settles_without_waiting(kind: type[Line]) -> None:
    line = kind()
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    bus = await work_off(line, router)
    assert [len(call) for call in line.settled] == [10, 10]
    assert bus.counts("handle").handled == len(ORDERS)


async def test_what_fails_without_waiting_is_sent_again() -> None:
    line = AtOnce()
    failures = [AdapterError("the line is down")]
    router = Router("r")

    def fail_once(_: Sequence[Settlement]) -> None:
        if failures:
            raise failures.pop()

    line.before_settle = fail_once

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    bus = await work_off(line, router)
    assert bus.counts("handle").handled == len(ORDERS)
    assert bus.counts("handle").lost == 0


async def test_what_one_slot_handles_without_waiting_is_settled_in_one_call() -> None:
    line = Line()
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    await work_off(line, router)
    assert [len(call) for call in line.settled] == [10, 10]


@pytest.mark.parametrize("size", [1, 3, 10])
async def test_no_call_has_more_entries_than_the_backend_takes(size: int) -> None:
    line = Line(batch_size=size)
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    bus = await work_off(line, router)
    assert max(len(call) for call in line.settled) == min(size, 10)
    assert max(line.received) <= size
    assert bus.counts("handle").handled == 20


class Slow(Line):
    """Answers settlements when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = anyio.Event()

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        outcomes = await super().settle(settlements)
        await self.answer.wait()
        return outcomes


async def test_a_lone_settlement_goes_at_once_and_the_next_gather_behind_it() -> None:
    line = Slow()
    router = Router("r")
    turns = [anyio.Event() for _ in ORDERS]

    @router.subscribe(Placed, concurrency=20)
    async def handle(order: Placed) -> None:
        await turns[int(order.order_id)].wait()

    bus = bus_on(line, router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish_many(ORDERS)
        group.start_soon(lambda: bus.run(handle_signals=False, until_empty=True))
        await anyio.wait_all_tasks_blocked()
        turns[0].set()
        await anyio.wait_all_tasks_blocked()
        assert [len(call) for call in line.settled] == [1]
        for turn in turns[1:]:
            turn.set()
        await anyio.wait_all_tasks_blocked()
        assert [len(call) for call in line.settled] == [1]
        line.answer.set()
    assert [len(call) for call in line.settled] == [1, 19]


async def test_only_the_entries_that_failed_are_settled_again() -> None:
    class Picky(Line):
        refused = 0

        async def settle(
            self, settlements: Sequence[Settlement]
        ) -> Sequence[EventRouteError | None]:
            first = settlements[0]
            if self.refused == 0 and isinstance(first, Ack):
                self.refused += 1
                self.settled.append(settlements)
                rest = await self.inner.settle(settlements[1:])
                return [AdapterError("not this one"), *rest]
            return await super().settle(settlements)

    line = Picky()
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    bus = await work_off(line, router)
    assert [len(call) for call in line.settled] == [10, 1, 10]
    assert (bus.counts("handle").handled, bus.counts("handle").lost) == (20, 0)


async def test_each_entry_of_a_call_is_what_its_own_attempt_asks_for() -> None:
    line = Line()
    router = Router("r")

    @router.subscribe(Placed, retry=Retry.none())
    async def handle(order: Placed) -> None:
        if int(order.order_id) % 2:
            raise ConnectionError

    bus = await work_off(line, router)
    assert [type(one) for one in line.settled[0]] == [Ack, Bury] * 5
    assert (bus.counts("handle").handled, bus.counts("handle").dead_lettered) == (10, 10)


async def test_events_given_back_on_a_stop_travel_together() -> None:
    line = Line()
    router = Router("r")

    @router.subscribe(Placed)
    async def stuck(order: Placed) -> None:
        if order.order_id == "9":
            bus.stop()
        await anyio.sleep_forever()

    bus = EventBus(line, clock=line.clock, grace=0)
    bus.include(router)
    async with bus:
        await bus.publish_many(ORDERS)
        await bus.run(handle_signals=False)
        assert (await bus.depth("stuck")).ready == 20
    released = [one for call in line.settled for one in call]
    assert len(released) == 10
    assert all(isinstance(one, Release) and not one.counted for one in released)
    assert len(line.settled) <= 2


async def test_leases_are_extended_in_calls_that_the_backend_takes() -> None:
    line = Line(batch_size=3)
    router = Router("r")
    done = anyio.Event()

    @router.subscribe(Placed, visibility_timeout=30)
    async def slow(order: Placed) -> None:
        await done.wait()

    bus = bus_on(line, router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish_many(ORDERS)
        group.start_soon(lambda: bus.run(handle_signals=False, until_empty=True))
        await anyio.wait_all_tasks_blocked()
        line.clock.advance_to(10)
        await anyio.wait_all_tasks_blocked()
        assert [len(call) for call in line.settled] == [3, 3, 3, 1]
        assert all(isinstance(one, Extend) for call in line.settled for one in call)
        done.set()


async def test_a_backend_that_answers_with_too_few_outcomes_is_found_out_and_asked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Forgetful(Line):
        forgets = True

        async def settle(
            self, settlements: Sequence[Settlement]
        ) -> Sequence[EventRouteError | None]:
            outcomes = await super().settle(settlements)
            if self.forgets:
                self.forgets = False
                bus.stop()
                return outcomes[1:]
            return outcomes

    line = Forgetful()
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    bus = bus_on(line, router)
    async with bus:
        await bus.publish_many(ORDERS)
        await bus.run(handle_signals=False)
    assert "settle gave 9 outcomes for 10 settlements" in caplog.text
