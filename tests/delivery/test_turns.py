"""Subscriptions that share the turns of a process."""

from __future__ import annotations

from functools import partial

import anyio

from eventroute import Delivery, Event, EventBus, Router
from eventroute.testing import VirtualClock


async def test_a_handled_event_is_acknowledged_although_its_slot_waits_for_a_turn() -> None:
    router, clock = Router("r"), VirtualClock()
    leave, attempts = anyio.Event(), list[tuple[object, int]]()

    async def slow(event: Event) -> None:
        await anyio.sleep_forever()

    for name in ("one", "two"):
        router.subscribe({"source": ["slow"]}, name=name, concurrency=2)(slow)

    @router.subscribe({"source": ["quick"]}, concurrency=2, visibility_timeout=30)
    async def quick(event: Event, delivery: Delivery) -> None:
        attempts.append((event.detail["number"], delivery.attempt))
        if event.detail["number"] == 0:
            await leave.wait()
        else:
            await anyio.sleep_forever()

    bus = EventBus(max_concurrency=5, clock=clock, grace=0)
    bus.include(router)
    async with bus:
        for source in ("slow", "quick"):
            await bus.publish_many([Event(source, "t", {"number": n}) for n in range(2)])
        async with anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await anyio.wait_all_tasks_blocked()
            leave.set()
            await anyio.wait_all_tasks_blocked()
            assert bus.counts("quick").handled == 1
            for moment in (10, 20, 30, 40):
                clock.advance_to(moment)
                await anyio.wait_all_tasks_blocked()
            bus.stop()
    assert sorted(attempts) == [(0, 1), (1, 1)]
