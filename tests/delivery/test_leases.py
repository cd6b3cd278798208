"""A lease lives as long as its handler, and no longer than its worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

import anyio
import pytest
from pydantic import BaseModel

from eventroute import Delivery, EventBus, Router, event
from eventroute.clock import Clock
from eventroute.errors import AccessDeniedError, AdapterError, EventRouteError
from eventroute.port import (
    Ack,
    Adapter,
    Capabilities,
    DeadLetter,
    DeadSettlement,
    Outgoing,
    QueueDepth,
    Settlement,
)
from eventroute.testing import TestBus, VirtualClock
from eventroute.topology import Topology
from eventroute_memory import create


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


class Unreliable:
    """The in-memory adapter behind a line that fails when told to."""

    def __init__(self, inner: Adapter) -> None:
        self.inner = inner
        self.failing_receives = 0
        self.error: Exception = AdapterError("the line is down")
        self.failing_acks = 0

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        await self.inner.open(topology, provision=provision)

    async def close(self) -> None:
        await self.inner.close()

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        return await self.inner.publish(messages, timeout=timeout)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        if self.failing_receives:
            self.failing_receives -= 1
            raise self.error
        return await self.inner.receive(subscription, limit=limit, wait=wait)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        if self.failing_acks and isinstance(settlements[0], Ack):
            self.failing_acks -= 1
            raise AdapterError("the line is down")
        return await self.inner.settle(settlements)

    async def depth(self, subscription: str) -> QueueDepth:
        return await self.inner.depth(subscription)

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        return await self.inner.receive_dead(subscription, limit=limit, lease=lease)

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        return await self.inner.settle_dead(settlements)

    async def drop(self, subscriptions: Sequence[str]) -> None:
        await self.inner.drop(subscriptions)


async def test_a_lease_is_extended_while_the_handler_lives() -> None:
    router = Router("r")
    release = anyio.Event()
    bus = TestBus(router)

    @router.subscribe(Placed, visibility_timeout=30)
    async def slow(order: Placed) -> None:
        await release.wait()

    async with bus:
        await bus.publish(Placed())
        for moment in range(10, 200, 10):
            await anyio.wait_all_tasks_blocked()
            bus.clock.advance_to(moment)
            assert (await bus.depth("slow")).in_flight == 1, f"lost after {moment} s"
        release.set()
        await bus.settled()
        assert bus.counts("slow").handled == 1
        assert bus.counts("slow").lost == 0


async def test_a_handler_that_held_up_the_loop_has_its_lease_extended_once_it_waits() -> None:
    router = Router("r")
    release = anyio.Event()
    bus = TestBus(router)

    @router.subscribe(Placed, visibility_timeout=30)
    async def slow(order: Placed) -> None:
        bus.clock.advance_to(25)  # without letting anybody else do anything
        await release.wait()

    async with bus:
        await bus.publish(Placed())
        for moment in (31, 41, 51):
            await anyio.wait_all_tasks_blocked()
            bus.clock.advance_to(moment)
            assert (await bus.depth("slow")).in_flight == 1, f"lost after {moment} s"
        release.set()
        await bus.settled()
        assert bus.counts("slow").handled == 1


async def test_events_of_a_worker_that_vanished_come_back() -> None:
    clock = VirtualClock()
    router = Router("r")
    seen: list[int] = []

    @router.subscribe(Placed, visibility_timeout=30)
    async def handle(order: Placed, delivery: Delivery) -> None:
        seen.append(delivery.attempt)
        bus.stop()

    bus = EventBus(clock=clock)
    bus.include(router)
    async with bus:
        await bus.publish(Placed())
        (lost,) = await bus.adapter.receive("r.handle", limit=1, wait=0)  # by a worker that dies
        assert lost.attempt == 1
        clock.advance_to(30)
        await bus.run(handle_signals=False)
    assert seen == [2]


async def failing_receives(
    caplog: pytest.LogCaptureFixture, error: Exception, times: int
) -> list[tuple[int, str, bool]]:
    """Level and message of each line of the log until it passes, and whether with a traceback."""
    clock = VirtualClock()
    line = Unreliable(create({}, clock))
    line.failing_receives, line.error = times, error
    router = Router("r")
    done = anyio.Event()

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        done.set()

    def factory(options: object, clock: Clock) -> Unreliable:
        return line

    bus = EventBus(factory, clock=clock)
    bus.include(router)
    with caplog.at_level(logging.WARNING, "eventroute"):
        async with bus, anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await bus.publish(Placed())
            for failure in range(times):
                await anyio.wait_all_tasks_blocked()
                clock.advance_to(clock.now() + 2**failure)
            await done.wait()
            bus.stop()
    return [
        (record.levelno, record.getMessage(), record.exc_info is not None)
        for record in caplog.records
    ]


async def test_a_backend_that_fails_to_receive_is_asked_again_and_an_error_once_it_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = "r.handle: receive failed; again in"
    why = "AdapterError: the line is down"
    assert await failing_receives(caplog, AdapterError("the line is down"), 5) == [
        (logging.WARNING, f"{said} 1 s: {why}", False),
        (logging.WARNING, f"{said} 2 s: {why}", False),
        (logging.WARNING, f"{said} 4 s: {why}", False),
        (logging.ERROR, f"{said} 8 s", True),
        (logging.ERROR, f"{said} 16 s: {why}", False),
    ]


@pytest.mark.parametrize("error", [AccessDeniedError("no"), RuntimeError("broken")])
async def test_what_will_not_pass_by_itself_is_an_error_at_once(
    caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    assert await failing_receives(caplog, error, 1) == [
        (logging.ERROR, "r.handle: receive failed; again in 1 s", True)
    ]


async def test_an_acknowledgement_that_fails_once_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eventroute.delivery.settling.SETTLE_PAUSES", (0.0, 0.0, 0.0))
    clock = VirtualClock()
    line = Unreliable(create({}, clock))
    line.failing_acks = 3
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        bus.stop()

    def factory(options: object, clock: Clock) -> Unreliable:
        return line

    bus = EventBus(factory, clock=clock)
    bus.include(router)
    async with bus:
        await bus.publish(Placed())
        await bus.run(handle_signals=False)
    assert (bus.counts("handle").handled, bus.counts("handle").lost) == (1, 0)


async def test_an_acknowledgement_that_fails_is_reported_and_the_event_comes_back(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventroute.delivery.settling.SETTLE_PAUSES", (0.0, 0.0, 0.0))
    clock = VirtualClock()
    line = Unreliable(create({}, clock))
    line.failing_acks = 4
    router = Router("r")
    attempts: list[int] = []

    @router.subscribe(Placed, visibility_timeout=30)
    async def handle(order: Placed, delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        if delivery.attempt == 2:
            bus.stop()

    def factory(options: object, clock: Clock) -> Unreliable:
        return line

    bus = EventBus(factory, clock=clock)
    bus.include(router)
    with caplog.at_level(logging.ERROR, "eventroute"):
        async with bus, anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await bus.publish(Placed(), id="e-1")
            await anyio.wait_all_tasks_blocked()
            clock.advance_to(30)
    assert attempts == [1, 2]
    assert bus.counts("handle").lost == 1
    assert caplog.records[0].getMessage() == (
        "r.handle: attempt 1 of event e-1 could not be settled; it will be delivered again"
    )
