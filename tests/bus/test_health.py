"""A worker never goes silent."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import anyio
import pytest
from pydantic import BaseModel

from eventroute import EventBus, Health, HealthState, Router, event
from eventroute.errors import AdapterError, EventRouteError
from eventroute.port import Settlement
from eventroute.testing import TestBus

from ..delivery.line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


def test_before_it_runs_a_subscription_is_stopped() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    bus = EventBus()
    bus.include(router)
    assert [one.state for one in bus.health().values()] == [HealthState.STOPPED]


async def test_a_subscription_that_works_is_running_and_afterwards_stopped() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await anyio.wait_all_tasks_blocked()
        assert bus.health()["r.handle"].state is HealthState.RUNNING
    assert bus.health()["r.handle"].state is HealthState.STOPPED


async def test_a_backend_that_fails_is_seen_until_it_answers_again() -> None:
    line = Line()
    router = Router("r")
    told: list[Health] = []
    failures = [AdapterError("first"), AdapterError("second")]

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    def fail() -> None:
        if failures:
            raise failures.pop(0)

    line.before_receive = fail
    bus = EventBus(line, clock=line.clock, on_health=told.append)
    bus.include(router)
    async with bus, anyio.create_task_group() as group:
        group.start_soon(lambda: bus.run(handle_signals=False))
        await anyio.wait_all_tasks_blocked()
        line.clock.advance_to(1)
        await anyio.wait_all_tasks_blocked()
        health = bus.health()["r.handle"]
        assert (health.state, health.since, health.failures) == (HealthState.FAILING, 0, 2)
        assert str(health.error) == "second"
        line.clock.advance_to(3)
        await bus.publish(Placed())
        await anyio.wait_all_tasks_blocked()
        health = bus.health()["r.handle"]
        assert (health.state, health.since, health.failures) == (HealthState.RUNNING, 3, 0)
        assert str(health.error) == "second"
        bus.stop()
    assert [one.state.value for one in told] == [
        *("running", "failing", "failing", "running", "stopped")
    ]


class Broken(Line):
    """Has a fault in its code, for some calls."""

    def __init__(self, faults: int) -> None:
        super().__init__()
        self.faults = faults

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        outcomes = await super().settle(settlements)
        if self.faults:
            self.faults -= 1
            return []
        return outcomes


async def test_a_fault_in_the_machinery_is_logged_and_the_worker_begins_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = Broken(faults=2)
    router = Router("r")
    states: list[tuple[HealthState, int]] = []

    @router.subscribe(Placed, concurrency=1)
    async def handle(order: Placed) -> None: ...

    bus = bus_on(line, router)
    with caplog.at_level(logging.ERROR, "eventroute"):
        async with bus, anyio.create_task_group() as group:
            await bus.publish_many([Placed() for _ in range(3)])
            group.start_soon(lambda: bus.run(handle_signals=False, until_empty=True))
            for pause in (1, 2):
                await anyio.wait_all_tasks_blocked()
                health = bus.health()["r.handle"]
                states.append((health.state, health.failures))
                line.clock.advance_to(line.clock.now() + pause)
    assert bus.counts("handle").handled == 1, "the other two were settled, but nobody heard of it"
    assert states == [(HealthState.FAILING, 1)] * 2
    assert [record.getMessage() for record in caplog.records] == [
        "r.handle: the worker failed; again in 1 s",
        "r.handle: the worker failed; again in 2 s",
    ]


async def test_one_worker_that_fails_does_not_stop_another() -> None:
    line = Broken(faults=1)
    router = Router("r")

    @router.subscribe(Placed, where={"order_id": ["first"]})
    async def unlucky(order: Placed) -> None: ...

    @router.subscribe(Placed, where={"order_id": ["second"]})
    async def lucky(order: Placed) -> None:
        bus.stop()

    bus = bus_on(line, router)
    async with bus, anyio.create_task_group() as group:
        group.start_soon(lambda: bus.run(handle_signals=False))
        await bus.publish(Placed(order_id="first"))
        await anyio.wait_all_tasks_blocked()
        assert bus.health()["r.unlucky"].state is HealthState.FAILING
        await bus.publish(Placed(order_id="second"))
    assert bus.counts("lucky").handled == 1


async def test_an_observer_of_health_that_fails_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    def fail(health: Health) -> None:
        raise RuntimeError

    bus = EventBus(on_health=fail)
    bus.include(router)
    with caplog.at_level(logging.ERROR, "eventroute"):
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False, until_empty=True)
    assert bus.counts("handle").handled == 1
    assert "r.handle: on_health failed" in caplog.text
