"""Subscriptions that come and go while the bus is open."""

from __future__ import annotations

import anyio
import pytest
from pydantic import BaseModel

from eventroute import EventBus, HealthState, Router, event
from eventroute.errors import AdapterError, DeclarationError, NotOpenError, UnsupportedError
from eventroute.testing import TestBus

from ..delivery.line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


def router_of(name: str, handled: list[str]) -> Router:
    router = Router(name)

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        handled.append(f"{name} {order.order_id}")

    return router


async def test_a_router_may_join_a_bus_that_runs() -> None:
    handled: list[str] = []
    async with TestBus(router_of("old", handled)) as bus:
        await bus.publish(Placed(order_id="1"))
        await bus.settled()
        await bus.add(router_of("new", handled))
        await bus.publish(Placed(order_id="2"))
        await bus.settled()
        assert bus.counts("new.handle").handled == 1
        assert bus.health()["new.handle"].state is HealthState.RUNNING
    assert sorted(handled) == ["new 2", "old 1", "old 2"]


async def test_a_router_that_joins_before_the_run_is_worked_off_by_it() -> None:
    handled: list[str] = []
    bus = EventBus()
    async with bus:
        await bus.add(router_of("new", handled))
        await bus.publish(Placed())
        await bus.run(handle_signals=False, until_empty=True)
    assert handled == ["new 7"]


async def test_the_backend_is_told_the_whole_topology() -> None:
    line = Line()
    async with bus_on(line, router_of("old", [])) as bus:
        await bus.add(router_of("new", []))
    assert [[one.name for one in topology] for topology in line.opened] == [
        ["old.handle"],
        ["old.handle", "new.handle"],
    ]


async def test_what_a_router_declared_later_joins_when_it_is_added_again() -> None:
    handled: list[str] = []
    router = router_of("r", handled)
    async with TestBus(router) as bus:
        with pytest.raises(DeclarationError, match="included already"):
            await bus.add(router)

        @router.subscribe(Placed)
        async def late(order: Placed) -> None:
            handled.append("late")

        await bus.add(router)
        await bus.publish(Placed())
        await bus.settled()
    assert sorted(handled) == ["late", "r 7"]


async def test_a_router_that_cannot_join_changes_nothing() -> None:
    line = Line(max_release_delay=10)
    bus = bus_on(line)
    async with bus:
        with pytest.raises(UnsupportedError, match=r"new\.handle"):
            await bus.add(router_of("new", []))
        assert bus.subscribers == ()
        assert len(line.opened) == 1


async def test_two_routers_of_one_name_collide() -> None:
    async with TestBus(router_of("r", [])) as bus:
        with pytest.raises(DeclarationError, match=r"r\.handle"):
            await bus.add(router_of("r", []))
        assert len(bus.subscribers) == 1


async def test_a_removed_subscription_is_worked_off_no_more_and_its_queue_goes_on() -> None:
    handled: list[str] = []
    async with TestBus(router_of("a", handled), router_of("b", handled)) as bus:
        await bus.remove("a.handle")
        await bus.publish(Placed())
        await bus.settled()
        assert (await bus.adapter.depth("a.handle")).ready == 1
        assert [one.subscription.name for one in bus.subscribers] == ["b.handle"]
    assert handled == ["b 7"]


async def test_a_handler_under_way_finishes_when_its_subscription_is_removed() -> None:
    router = Router("r")
    begun, finish = anyio.Event(), anyio.Event()

    @router.subscribe(Placed)
    async def slow(order: Placed) -> None:
        begun.set()
        await finish.wait()

    bus = EventBus()
    bus.include(router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish(Placed())
        group.start_soon(lambda: bus.run(handle_signals=False))
        await begun.wait()
        group.start_soon(bus.remove, "slow")
        await anyio.wait_all_tasks_blocked()
        finish.set()
        await anyio.wait_all_tasks_blocked()
        assert (await bus.adapter.depth("r.slow")).outstanding == 0
        bus.stop()
    assert bus.health() == {}


async def test_what_does_not_finish_in_time_is_given_back() -> None:
    router = Router("r")
    begun = anyio.Event()

    @router.subscribe(Placed)
    async def stuck(order: Placed) -> None:
        begun.set()
        await anyio.sleep_forever()

    async with TestBus(router, grace=0) as bus:
        await bus.publish(Placed())
        await begun.wait()
        await bus.remove("stuck")
        assert (await bus.adapter.depth("r.stuck")).ready == 1


async def test_a_dropped_queue_is_gone() -> None:
    async with TestBus(router_of("r", [])) as bus:
        await bus.remove("handle", drop=True)
        with pytest.raises(AdapterError, match=r"no queue for 'r\.handle'"):
            await bus.adapter.depth("r.handle")
        await bus.publish(Placed())
        await bus.settled()


async def test_a_removed_subscription_may_come_back() -> None:
    handled: list[str] = []
    router = router_of("r", handled)
    async with TestBus(router) as bus:
        await bus.remove("handle")
        await bus.publish(Placed())
        await bus.add(router)
        await bus.settled()
    assert handled == ["r 7"]


async def test_what_is_unknown_cannot_be_removed() -> None:
    async with TestBus() as bus:
        with pytest.raises(LookupError, match="nothing"):
            await bus.remove("nothing")


async def test_a_queue_is_dropped_only_while_the_bus_is_open() -> None:
    bus = EventBus()
    bus.include(router_of("r", []))
    with pytest.raises(NotOpenError):
        await bus.remove("handle", drop=True)


async def test_several_may_stop_and_close_the_bus_at_once() -> None:
    handled: list[str] = []
    bus = EventBus()
    bus.include(router_of("r", handled))
    async with anyio.create_task_group() as group:

        async def use() -> None:
            async with bus:
                await bus.publish(Placed())
                await anyio.wait_all_tasks_blocked()
                bus.stop()

        group.start_soon(lambda: bus.run(handle_signals=False))
        await anyio.wait_all_tasks_blocked()
        for _ in range(3):
            group.start_soon(use)
    assert handled == ["r 7"] * 3


async def test_a_router_that_joins_while_the_bus_stops_does_not_hold_it_up() -> None:
    router = Router("r")
    begun, finish = anyio.Event(), anyio.Event()

    @router.subscribe(Placed)
    async def slow(order: Placed) -> None:
        begun.set()
        await finish.wait()

    bus = EventBus()
    bus.include(router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish(Placed())
        group.start_soon(lambda: bus.run(handle_signals=False))
        await begun.wait()
        bus.stop()
        await bus.add(router_of("late", []))
        finish.set()
    assert bus.counts("late.handle").handled == 0


async def test_what_is_added_while_its_queue_is_being_dropped_gets_a_new_queue() -> None:
    router = Router("r")
    begun, leave = anyio.Event(), anyio.Event()

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        begun.set()
        await leave.wait()

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await begun.wait()
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: bus.remove("handle", drop=True))
            await anyio.wait_all_tasks_blocked()
            group.start_soon(bus.add, router)
            await anyio.wait_all_tasks_blocked()
            leave.set()
        await bus.publish(Placed())
        await bus.settled()
        assert bus.counts("handle").handled == 2
        assert bus.health()["r.handle"].state is HealthState.RUNNING
