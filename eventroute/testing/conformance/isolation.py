"""No subscription holds back another."""

from __future__ import annotations

import anyio

from eventroute.delivery import Retry
from eventroute.envelope import Event
from eventroute.router import Router
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import SOURCE, event, events, numbers, subscription
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import promise

__all__ = ["IsolationPromises"]


class IsolationPromises(Harness):
    """A failing, slow or silent subscription is alone with its trouble."""

    @promise
    async def test_a_queue_that_nobody_works_off_holds_back_no_other(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription("idle"), subscription("busy"))
        await backend.publish(adapter, *events(30))
        await backend.take(adapter, 1, "idle")
        assert numbers(await backend.work_off(adapter, 30, "busy")) == list(range(30))

    @promise
    async def test_a_handler_that_raises_stops_neither_the_others_nor_the_bus(
        self, backend: Backend
    ) -> None:
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]}, retry=Retry.none())
        async def failing(one: Event) -> None:
            raise ValueError("this handler always fails")

        @router.subscribe({"source": [SOURCE]})
        async def fine(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(router) as app:
            await app.bus.publish_many(events(10))
            await app.settled()
            await app.bus.publish(event(10))
            await app.settled()
            assert (await app.bus.depth("failing")).dead == 11
        assert sorted(seen) == list(range(11))

    @promise
    async def test_a_slow_handler_holds_back_no_other_subscription(self, backend: Backend) -> None:
        router, seen, may_end = Router("kit"), list[int](), anyio.Event()

        @router.subscribe({"source": [SOURCE]}, concurrency=1)
        async def slow(one: Event) -> None:
            await may_end.wait()

        @router.subscribe({"source": [SOURCE]})
        async def quick(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(router) as app:
            await app.bus.publish_many(events(10))
            await app.until(lambda: len(seen) == 10, "the quick handler has handled all")
            may_end.set()
            await app.settled()

    @promise
    async def test_an_event_that_waits_for_a_retry_holds_back_no_other(
        self, backend: Backend
    ) -> None:
        router, ends = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]}, retry=Retry.fixed(backend.delay), concurrency=1)
        async def handle(one: Event) -> None:
            if one.detail["number"] == 0 and len(ends) < 9:
                raise ConnectionError("not yet")
            ends.append(one.detail["number"])

        async with backend.running(router) as app:
            await app.bus.publish_many(events(10))
            await app.settled()
        assert sorted(ends) == list(range(10))
        assert ends[-1] == 0
