"""What is too much is refused by name, or waits; it is never cut and never lost."""

from __future__ import annotations

import anyio

from eventroute.envelope import Event
from eventroute.errors import LimitExceededError, PublishTimeoutError
from eventroute.port import Ack, Outgoing
from eventroute.router import Router
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import (
    SOURCE,
    event,
    events,
    numbers,
    sized,
    subscription,
)
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import NotApplicableError, promise

__all__ = ["LimitPromises"]

LARGEST = 1 << 20
"""Bytes of the largest event that there can be."""


class LimitPromises(Harness):
    """Sizes, names, headers and room."""

    @promise
    async def test_an_event_of_almost_the_largest_size_arrives_whole(
        self, backend: Backend
    ) -> None:
        await _arrives(backend, (backend.capabilities.max_event_bytes or LARGEST) - 1)

    @promise
    async def test_an_event_of_the_largest_size_arrives_whole(self, backend: Backend) -> None:
        await _arrives(backend, backend.capabilities.max_event_bytes or LARGEST)

    @promise
    async def test_an_event_over_the_largest_size_is_refused_by_name(
        self, backend: Backend
    ) -> None:
        limit = backend.capabilities.max_event_bytes
        if limit is None or limit >= LARGEST:
            raise NotApplicableError("there is no event that is too large for it")
        adapter = await backend.open()
        (error,) = await adapter.publish([Outgoing(sized(limit + 1))], timeout=self.patience)
        assert isinstance(error, LimitExceededError)
        assert f"{limit:,}" in str(error) or str(limit) in str(error)
        refused = False
        async with backend.bus() as bus:
            try:
                await bus.publish(sized(limit + 1))
            except LimitExceededError:
                refused = True
        assert refused
        await backend.nothing(adapter)

    @promise
    async def test_more_than_ten_headers_arrive(self, backend: Backend) -> None:
        headers = {f"header-{number}": f"value {number}" for number in range(14)}
        adapter = await backend.open()
        await backend.publish(adapter, Outgoing(event(), headers))
        assert (await backend.one(adapter)).headers == headers

    @promise
    async def test_the_longest_names_are_told_apart(self, backend: Backend) -> None:
        names = [f"{'r' * 80}.{'s' * 79}{last}" for last in "ab"]
        adapter = await backend.open(
            *(subscription(name, {"detail": {"to": [name]}}) for name in names)
        )
        await backend.publish(adapter, *(event(n, to=name) for n, name in enumerate(names)))
        for number, name in enumerate(names):
            assert numbers(await backend.work_off(adapter, 1, name)) == [number]

    @promise
    async def test_names_that_differ_in_case_or_separators_are_told_apart(
        self, backend: Backend
    ) -> None:
        names = ["kit.Orders", "kit.orders", "kit-orders", "kit_orders"]
        adapter = await backend.open(
            *(subscription(name, {"detail": {"to": [name]}}) for name in names)
        )
        await backend.publish(adapter, *(event(n, to=name) for n, name in enumerate(names)))
        for number, name in enumerate(names):
            assert numbers(await backend.work_off(adapter, 1, name)) == [number]

    @promise
    async def test_a_publish_that_finds_no_room_in_time_says_so(self, backend: Backend) -> None:
        adapter = backend.make_bounded(5)
        if adapter is None:
            raise NotApplicableError("the queues have no bound")
        await backend.provision(adapter, subscription())
        await backend.publish(adapter, *events(5))
        outcomes: list[object] = []
        with anyio.move_on_after(self.patience):
            outcomes.extend(await adapter.publish([Outgoing(event(5))], timeout=0.02))
        assert outcomes, "a publish must not wait longer for room than it may"
        assert isinstance(outcomes[0], PublishTimeoutError)
        await backend.depth_is(adapter, ready=5)
        assert numbers(await backend.work_off(adapter, 5)) == [0, 1, 2, 3, 4]

    @promise
    async def test_a_publish_waits_until_there_is_room(self, backend: Backend) -> None:
        adapter = backend.make_bounded(2)
        if adapter is None:
            raise NotApplicableError("the queues have no bound")
        await backend.provision(adapter, subscription())
        await backend.publish(adapter, *events(2))
        first = await backend.one(adapter)
        outcomes: list[object] = []

        async def publish() -> None:
            outcomes.extend(await adapter.publish([Outgoing(event(2))], timeout=self.patience))

        async with anyio.create_task_group() as group:
            group.start_soon(publish)
            await anyio.sleep(0.02)
            assert outcomes == [], "there is no room yet"
            await backend.settle(adapter, Ack(first))
        assert outcomes == [None]
        assert numbers(await backend.work_off(adapter, 2)) == [1, 2]

    @promise
    async def test_a_burst_waits_for_room_and_never_raises(self, backend: Backend) -> None:
        adapter = backend.make_bounded(20)
        if adapter is None:
            raise NotApplicableError("the queues have no bound")
        router, seen, depths = Router("kit"), list[int](), list[int]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])
            if len(seen) % 100 == 0:
                depths.append((await app.bus.depth("handle")).outstanding)

        async with backend.running(router, adapter=adapter) as app:
            async with anyio.create_task_group() as group:
                for start in range(0, 1_000, 100):
                    batch = [event(number) for number in range(start, start + 100)]
                    group.start_soon(app.bus.publish_many, batch)
            await app.settled()
        assert sorted(seen) == list(range(1_000))
        assert max(depths) <= 20, "no more than its bound is held"


async def _arrives(backend: Backend, size: int) -> None:
    sent = sized(size)
    assert len(sent.to_json()) == size
    adapter = await backend.open()
    await backend.publish(adapter, sent)
    assert (await backend.one(adapter)).body == sent.to_json()
