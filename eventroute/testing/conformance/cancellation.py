"""A call that is cut short has happened or not; a handler that is cut short is not acknowledged."""

from __future__ import annotations

import threading
from functools import partial

import anyio
import anyio.lowlevel

from eventroute.delivery import Retry
from eventroute.envelope import Event
from eventroute.port import Ack, Outgoing, Release
from eventroute.router import Router
from eventroute.testing.conformance.application import has
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import (
    NAME,
    SOURCE,
    event,
    events,
    numbers,
    subscription,
)
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import promise

__all__ = ["CancellationPromises"]

MOMENTS = range(25)

POOLED = ("AnyIO worker thread", "Trio thread", "ThreadPoolExecutor", "asyncio_")
"""Names of threads that event loops keep for the next call."""


def own_threads() -> set[int | None]:
    """Threads that no event loop keeps in a pool."""
    return {one.ident for one in threading.enumerate() if not one.name.startswith(POOLED)}


class CancellationPromises(Harness):
    """Cancelled at any moment: nothing is half done, nothing is left behind."""

    @promise
    async def test_a_cancelled_publish_is_in_all_queues_or_in_none(self, backend: Backend) -> None:
        adapter = await backend.open(subscription("a"), subscription("b"))
        for turns in MOMENTS:
            async with anyio.create_task_group() as group:
                group.start_soon(partial(adapter.publish, [Outgoing(event(turns))], timeout=5))
                for _ in range(turns):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        await backend.publish(adapter, event(99))  # what was begun before it has ended by then

        async def both_have_the_same() -> bool:
            depths = [await adapter.depth(name) for name in "ab"]
            return depths[0].ready == depths[1].ready

        await backend.eventually(both_have_the_same, "both queues hold the same events")
        count = (await adapter.depth("a")).ready
        one = numbers(await backend.work_off(adapter, count, "a"))
        assert one == numbers(await backend.work_off(adapter, count, "b"))
        assert len(set(one)) == len(one)

    @promise
    async def test_what_a_cancelled_receive_had_leased_comes_back(self, backend: Backend) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, *events(len(MOMENTS)))
        got: list[int] = []

        async def receive() -> None:
            received = await adapter.receive(NAME, limit=1, wait=5)
            got.extend(numbers(received))
            await adapter.settle([Ack(one) for one in received])

        for turns in MOMENTS:
            async with anyio.create_task_group() as group:
                group.start_soon(receive)
                for _ in range(turns):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        await backend.pass_time(backend.lease + backend.slack)
        left = (await adapter.depth(NAME)).ready
        others = numbers(await backend.work_off(adapter, left))
        assert set(got) | set(others) == set(range(len(MOMENTS))), "every event is somewhere"

    @promise
    async def test_a_cancelled_settlement_took_effect_or_did_not(self, backend: Backend) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, *events(len(MOMENTS)))
        for turns, delivery in enumerate(await backend.take(adapter, len(MOMENTS))):
            async with anyio.create_task_group() as group:
                group.start_soon(adapter.settle, [Ack(delivery)])
                for _ in range(turns):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        await backend.pass_time(backend.lease + backend.slack)
        left = (await adapter.depth(NAME)).ready
        again = await backend.work_off(adapter, left)
        assert {one.attempt for one in again} <= {2}
        await backend.depth_is(adapter, ready=0, delayed=0, in_flight=0, dead=0)

    @promise
    async def test_a_cancelled_handler_is_not_acknowledged(self, backend: Backend) -> None:
        router, begun = Router("kit"), list[int]()
        adapter = await backend.open(subscription("kit.handle"))

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            begun.append(1)
            await anyio.sleep_forever()

        bus = backend.bus(router, adapter=adapter)
        async with bus, anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await bus.publish(event(5))
            with anyio.fail_after(self.patience):
                while not begun:
                    await anyio.sleep(0.002)
            group.cancel_scope.cancel()
        await backend.provision(adapter, subscription("kit.handle"))
        assert numbers(await backend.take(adapter, 1, "kit.handle")) == [5]

    @promise
    async def test_a_handler_that_takes_too_long_is_ended_and_tried_again(
        self, backend: Backend
    ) -> None:
        router, attempts = Router("kit"), list[str]()

        @router.subscribe(
            {"source": [SOURCE]},
            timeout=backend.delay / 2,
            retry=Retry.fixed(backend.delay / 4, attempts=2),
        )
        async def handle(one: Event) -> None:
            await anyio.sleep(0.005)  # by then the time limit is being waited for
            attempts.append("begun")
            try:
                await anyio.sleep_forever()
            finally:
                attempts.append("ended")

        async with backend.running(router) as app:
            await app.bus.publish(event())
            for attempt in (1, 2):
                await app.until(has(attempts, 2 * attempt - 1))
                await backend.pass_time(backend.delay / 2)
                await app.until(has(attempts, 2 * attempt))
            await app.settled()
            (letter,) = await app.bus.dead_letters("handle")
        assert attempts == ["begun", "ended"] * 2
        assert letter.error.startswith("TimeoutError")

    @promise
    async def test_a_receive_that_waits_can_be_cancelled(self, backend: Backend) -> None:
        adapter = await backend.open()
        async with anyio.create_task_group() as group:
            group.start_soon(partial(adapter.receive, NAME, limit=1, wait=15))
            await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        await backend.publish(adapter, event(1))
        assert numbers(await backend.take(adapter, 1)) == [1]

    @promise
    async def test_a_closed_adapter_leaves_no_task_and_no_thread(self, backend: Backend) -> None:
        tasks = {task.id for task in anyio.get_running_tasks()}
        threads = own_threads()
        for _ in range(2):
            adapter = await backend.open()
            await backend.publish(adapter, event(), event())
            first, second = await backend.take(adapter, 2)
            await backend.settle(adapter, Ack(first), Release(second))
            await adapter.close()

        async def nothing_is_left() -> bool:
            now = {task.id for task in anyio.get_running_tasks()}
            return now <= tasks and own_threads() <= threads

        await backend.eventually(nothing_is_left, "tasks and threads of the adapter have ended")

    @promise
    async def test_a_bus_that_ended_leaves_no_task_and_no_thread(self, backend: Backend) -> None:
        router = Router("kit")

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None: ...

        tasks = {task.id for task in anyio.get_running_tasks()}
        threads = own_threads()
        async with backend.running(router) as app:
            await app.bus.publish_many(events(5))
            await app.settled()

        async def nothing_is_left() -> bool:
            now = {task.id for task in anyio.get_running_tasks()}
            return now <= tasks and own_threads() <= threads

        await backend.eventually(nothing_is_left, "tasks and threads of the bus have ended")
