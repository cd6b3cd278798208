"""Opening, closing and changing a backend, and workers that come, go and suffer."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from eventroute.delivery import Health, HealthState
from eventroute.envelope import Event
from eventroute.errors import AdapterError
from eventroute.port import Ack, Bury, Delivery, Outgoing
from eventroute.router import Router
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
from eventroute.testing.conformance.promise import NotApplicableError, promise
from eventroute.testing.faults import FaultLog, Faults, FaultyAdapter
from eventroute.testing.wrapper import AdapterWrapper
from eventroute.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Sequence
__all__ = ["LifecyclePromises"]


class Buggy(AdapterWrapper):
    """Has a fault in its code, for the first calls."""

    faults = 2

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """Fail in a way that no adapter should."""
        if self.faults:
            self.faults -= 1
            raise ZeroDivisionError("a fault in the adapter")
        return await super().receive(subscription, limit=limit, wait=wait)


class LifecyclePromises(Harness):
    """Everything may happen twice, and nothing goes silent."""

    @promise
    async def test_an_adapter_is_made_without_an_event_loop(self, backend: Backend) -> None:
        made = await anyio.to_thread.run_sync(backend.make)
        assert made.capabilities == backend.capabilities

    @promise
    async def test_to_open_twice_changes_nothing(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event(1))
        await backend.provision(adapter, subscription())
        await backend.publish(adapter, event(2))
        assert numbers(await backend.work_off(adapter, 2)) == [1, 2]

    @promise
    async def test_to_open_without_provisioning_changes_nothing(self, backend: Backend) -> None:
        adapter = await backend.open()
        other = backend.make() if backend.capabilities.multi_process else adapter
        changed = subscription(pattern={"source": ["elsewhere"]})
        await other.open(Topology((changed, subscription("new"))), provision=False)
        await backend.publish(adapter, event(1))
        await backend.provision(adapter, subscription(), subscription("new"))
        assert numbers(await backend.work_off(adapter, 1)) == [1]
        await backend.nothing(adapter, "new")

    @promise
    async def test_what_there_is_can_be_worked_with_without_provisioning(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, *events(2))
        await backend.settle(adapter, Bury(await backend.one(adapter), "rejected", "no"))
        if backend.capabilities.durable:
            await adapter.close()
            adapter = backend.make()
        await adapter.open(Topology((subscription(), subscription("new"))), provision=False)
        await backend.depth_is(adapter, ready=1, dead=1)
        invented: object = None
        with suppress(AdapterError):
            invented = await adapter.depth("new")
        assert invented is None, "the backend has no such subscription"
        await backend.publish(adapter, event(2))
        assert len(await backend.work_off(adapter, 2)) == 2

    @promise
    async def test_a_lease_outlives_another_open(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event(1))
        delivery = await backend.one(adapter)
        await backend.provision(adapter, subscription(), subscription("new"))
        await backend.nothing(adapter)
        await backend.settle(adapter, Ack(delivery))
        await backend.depth_is(adapter, ready=0, in_flight=0)

    @promise
    async def test_to_close_twice_or_unopened_is_harmless(self, backend: Backend) -> None:
        await backend.make().close()
        adapter = await backend.open()
        await adapter.close()
        await adapter.close()

    @promise
    async def test_two_tasks_may_close_at_the_same_time(self, backend: Backend) -> None:
        adapter = await backend.open()
        async with anyio.create_task_group() as group:
            group.start_soon(adapter.close)
            group.start_soon(adapter.close)

    @promise
    async def test_a_closed_adapter_can_be_opened_again(self, backend: Backend) -> None:
        adapter = await backend.open()
        await adapter.close()
        await backend.provision(adapter, subscription())
        await backend.publish(adapter, event(1))
        assert numbers(await backend.work_off(adapter, 1)) == [1]

    @promise
    async def test_an_adapter_can_be_opened_again_in_another_event_loop(
        self, backend: Backend
    ) -> None:
        adapter = backend.make()

        async def use(number: int) -> int:
            await adapter.open(Topology((subscription(),)))
            await adapter.publish([Outgoing(event(number))], timeout=self.patience)
            found: list[Delivery] = []
            with anyio.fail_after(self.patience):
                while not found:
                    found += await adapter.receive(NAME, limit=1, wait=0)
            await adapter.settle([Ack(found[0])])
            await adapter.close()
            return numbers(found)[0]

        def in_a_loop(number: int) -> int:
            return anyio.run(use, number, backend=self.loops[0])

        for number in (1, 2):
            assert await anyio.to_thread.run_sync(in_a_loop, number) == number

    @promise
    async def test_processes_may_open_the_same_subscriptions_at_once(
        self, backend: Backend
    ) -> None:
        if not backend.capabilities.multi_process:
            raise NotApplicableError("one process works on a queue")
        adapters = [backend.make() for _ in range(4)]
        async with anyio.create_task_group() as group:
            for adapter in adapters:
                group.start_soon(partial(backend.provision, adapter, subscription()))
        await backend.publish(adapters[0], *events(3))
        assert numbers(await backend.work_off(adapters[3], 3)) == [0, 1, 2]

    @promise
    async def test_a_subscription_that_is_missing_now_goes_on_receiving(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription("kept"), subscription("other"))
        await backend.provision(adapter, subscription("other"))
        await backend.publish(adapter, event(1))
        await backend.provision(adapter, subscription("kept"), subscription("other"))
        assert numbers(await backend.work_off(adapter, 1, "kept")) == [1]

    @promise
    async def test_a_dropped_subscription_is_gone_with_all_that_it_held(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription("a"), subscription("b"))
        await backend.publish(adapter, event(1))
        await adapter.drop(["a", "unknown"])
        await backend.publish(adapter, event(2))
        await backend.provision(adapter, subscription("a"), subscription("b"))
        await backend.nothing(adapter, "a")
        await backend.publish(adapter, event(3))
        assert numbers(await backend.work_off(adapter, 1, "a")) == [3]
        assert numbers(await backend.work_off(adapter, 3, "b")) == [1, 2, 3]

    @promise
    async def test_a_stop_lets_handlers_finish_within_the_grace_period(
        self, backend: Backend
    ) -> None:
        router, ended, adapter = Router("kit"), list[int](), backend.make()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            app.bus.stop()
            await anyio.sleep(0.02)
            ended.append(one.detail["number"])

        async with backend.running(router, adapter=adapter, grace=self.patience) as app:
            await app.bus.publish(event(1))
            await app.until(lambda: ended)
        await backend.provision(adapter, subscription("kit.handle"))
        assert ended == [1]
        await backend.depth_is(adapter, "kit.handle", ready=0, delayed=0, in_flight=0)

    @promise
    async def test_what_is_not_finished_in_time_is_given_back_at_once_and_uncounted(
        self, backend: Backend
    ) -> None:
        router, begun = Router("kit"), list[int]()
        adapter = await backend.open(subscription("kit.stuck"))

        @router.subscribe({"source": [SOURCE]}, concurrency=1)
        async def stuck(one: Event) -> None:
            begun.append(1)
            await anyio.sleep_forever()

        async with backend.running(router, adapter=adapter, grace=0.01) as app:
            await app.bus.publish_many(events(3))
            await app.until(lambda: begun, "the handler has begun")
        await backend.provision(adapter, subscription("kit.stuck"))
        given_back = await backend.take(adapter, 3, "kit.stuck")
        assert begun == [1]
        if self.keeps_attempts:
            assert {one.attempt for one in given_back} == {1}

    @promise
    async def test_a_bus_may_run_again_and_again(self, backend: Backend) -> None:
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        bus = backend.bus(router)
        async with bus, bus:
            for number in range(3):
                await bus.publish(event(number))
                await bus.run(handle_signals=False, until_empty=True)
        bus.stop()
        assert seen == [0, 1, 2]

    @promise
    async def test_a_subscription_may_be_added_while_the_bus_runs(self, backend: Backend) -> None:
        first, later, seen = Router("kit"), Router("later"), list[int]()

        @first.subscribe({"source": ["other"]})
        async def other(one: Event) -> None: ...

        @later.subscribe({"source": [SOURCE]})
        async def added(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(first) as app:
            await app.bus.publish(event(1))
            await app.bus.add(later)
            await app.bus.publish(event(2))
            await app.settled()
        assert seen == [2]

    @promise
    async def test_a_removed_subscription_keeps_its_queue_until_it_comes_back(
        self, backend: Backend
    ) -> None:
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(router) as app:
            await app.bus.remove("handle")
            await app.bus.publish(event(1))
            await app.bus.add(router)
            await app.settled()
            assert seen == [1]
            await app.bus.remove("handle", drop=True)
            await app.bus.publish(event(2))
            await app.bus.add(router)
            await app.bus.publish(event(3))
            await app.settled()
        assert seen == [1, 3]

    @promise
    async def test_a_worker_goes_on_when_the_backend_answers_again(self, backend: Backend) -> None:
        router, seen, told = Router("kit"), list[int](), list[Health]()
        plan = FaultLog(Faults(fail_receive=1, most=2))

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(
            router,
            around=lambda adapter: FaultyAdapter(adapter, plan, backend.clock),
            on_health=told.append,
        ) as app:
            await app.bus.publish(event(1))
            await app.settled()
        assert seen == [1]
        states = [one.state for one in told]
        assert states[:3] == [HealthState.RUNNING, HealthState.FAILING, HealthState.FAILING]
        assert isinstance(told[1].error, AdapterError)

    @promise
    async def test_a_fault_in_the_adapter_is_seen_and_the_worker_goes_on(
        self, backend: Backend
    ) -> None:
        router, seen, told = Router("kit"), list[int](), list[Health]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(router, around=Buggy, on_health=told.append) as app:
            await app.bus.publish(event(1))
            await app.settled()
        assert seen == [1]
        failing = [one for one in told if one.state is HealthState.FAILING]
        assert failing, "the failure is told"
        assert isinstance(failing[0].error, ZeroDivisionError)
