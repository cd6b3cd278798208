"""Many events in one call: one outcome each, and no more in a call than the backend takes."""

from __future__ import annotations

from collections import Counter

from eventroute.delivery import Batch, Retry
from eventroute.envelope import Event
from eventroute.errors import BatchError, LeaseLostError, LimitExceededError
from eventroute.port import Ack, Bury, Delivery, Extend, Outgoing, Release
from eventroute.router import Router
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import (
    NAME,
    SOURCE,
    event,
    events,
    numbers,
    sized,
    subscription,
)
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import NotApplicableError, promise
from eventroute.testing.conformance.watching import Recorder
from eventroute.testing.faults import FaultLog, Faults, FaultyAdapter

__all__ = ["BatchingPromises"]


class BatchingPromises(Harness):
    """A failure in a batch is a failure of those that failed."""

    @promise
    async def test_each_event_of_a_publish_has_its_own_outcome(self, backend: Backend) -> None:
        limit = backend.capabilities.max_event_bytes
        if limit is None or limit >= 1 << 20:
            raise NotApplicableError("no event that there can be is refused")
        adapter = await backend.open()
        messages = [Outgoing(one) for one in (event(1), event(2), sized(limit + 1))]
        outcomes = await adapter.publish(messages, timeout=self.patience)
        assert [type(one) for one in outcomes] == [type(None), type(None), LimitExceededError]
        assert numbers(await backend.work_off(adapter, 2)) == [1, 2]

    @promise
    async def test_only_the_events_that_failed_are_published_again(self, backend: Backend) -> None:
        router, seen = Router("kit"), Counter[int]()
        plan = FaultLog(Faults(fail_publish=0.5, seed=3, most=2))

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen[one.detail["number"]] += 1

        async with backend.running(
            router, around=lambda adapter: FaultyAdapter(adapter, plan, backend.clock)
        ) as app:
            await app.bus.publish_many(events(30))
            await app.settled()
        assert plan.injected
        assert seen == dict.fromkeys(range(30), 1)

    @promise
    async def test_each_settlement_has_its_own_outcome(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, *events(6))
        acked, released, buried, extended, stale, held = await backend.take(adapter, 6)
        await backend.settle(adapter, Ack(stale))
        outcomes = await adapter.settle(
            [
                Ack(acked),
                Ack(stale),
                Release(released, 60),
                Bury(buried, "r", "e"),
                Extend(extended, 60),
            ]
        )
        assert [type(one) for one in outcomes] == [
            type(None),
            LeaseLostError,
            *([type(None)] * 3),
        ]
        assert held.attempt == 1
        await backend.depth_is(adapter, ready=0, delayed=1, in_flight=2, dead=1)

    @promise
    async def test_a_full_batch_is_published_received_and_settled(self, backend: Backend) -> None:
        adapter = await backend.open()
        size = adapter.capabilities.batch_size
        outcomes = await adapter.publish(list(map(Outgoing, events(size))), timeout=self.patience)
        assert list(outcomes) == [None] * size
        taken = await backend.take(adapter, size)
        await backend.settle(adapter, *map(Ack, taken))
        await backend.depth_is(adapter, ready=0, in_flight=0)

    @promise
    async def test_a_batch_of_large_events_is_accepted(self, backend: Backend) -> None:
        limit = backend.capabilities.max_event_bytes or 1 << 20
        count = min(backend.capabilities.batch_size, 12)
        adapter = await backend.open()
        sent = [sized(limit) for _ in range(count)]
        await backend.publish(adapter, *sent)
        taken = await backend.work_off(adapter, count)
        assert {one.body for one in taken} == {one.to_json() for one in sent}

    @promise
    async def test_an_empty_batch_is_no_trouble(self, backend: Backend) -> None:
        adapter = await backend.open()
        assert list(await adapter.publish([], timeout=1)) == []
        assert list(await adapter.settle([])) == []
        assert list(await adapter.settle_dead([])) == []

    @promise
    async def test_a_receive_gives_no_more_than_its_limit(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, *events(10))
        for limit in (1, 3):
            assert len(await backend.receive(adapter, NAME, limit)) <= limit

    @promise
    async def test_no_call_has_more_entries_than_the_backend_takes(self, backend: Backend) -> None:
        router, recorder = Router("kit"), Recorder(backend.make())
        size = backend.capabilities.batch_size

        @router.subscribe({"source": [SOURCE]}, concurrency=2 * size)
        async def handle(one: Event) -> None: ...

        async with backend.running(router, adapter=recorder) as app:
            await app.bus.publish_many(events(2 * size + 1))
            await app.settled()
            assert app.bus.counts("handle").handled == 2 * size + 1
        assert recorder.published == [size, size, 1]
        assert max(recorder.received) <= size
        assert max(map(len, recorder.settled)) <= size

    @promise
    async def test_a_batch_handler_gets_every_event_and_only_failures_come_again(
        self, backend: Backend
    ) -> None:
        router, seen, retried = Router("kit"), Counter[int](), list[int]()

        @router.subscribe(
            {"source": [SOURCE]}, batch=Batch(3), retry=Retry.fixed(backend.delay / 4)
        )
        async def handle(several: list[Event], deliveries: list[Delivery]) -> None:
            failed: dict[int, Exception] = {}
            for index, one in enumerate(several):
                number = one.detail["number"]
                if deliveries[index].attempt > 1:
                    retried.append(number)
                elif number % 3 == 1:
                    failed[index] = ConnectionError()
                    continue
                seen[number] += 1
            if failed:
                raise BatchError(failed)

        async with backend.running(router) as app:
            await app.bus.publish_many(events(9))
            await app.settled()
        assert seen == dict.fromkeys(range(9), 1)
        assert sorted(retried) == [1, 4, 7]

    @promise
    async def test_what_was_handled_is_settled_when_the_bus_has_closed(
        self, backend: Backend
    ) -> None:
        router, seen = Router("kit"), list[int]()
        adapter = await backend.open(subscription("kit.handle"))

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])
            if len(seen) == 20:
                app.bus.stop()

        async with backend.running(router, adapter=adapter) as app:
            await app.bus.publish_many(events(50))
            await app.until(lambda: len(seen) >= 20)
        await backend.provision(adapter, subscription("kit.handle"))
        await backend.depth_is(adapter, "kit.handle", ready=50 - len(seen), in_flight=0)
