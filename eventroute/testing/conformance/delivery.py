"""Every accepted event reaches every subscription that it matches, as it was sent."""

from __future__ import annotations

import anyio

from eventroute.envelope import Event
from eventroute.errors import AdapterError, EventRouteError
from eventroute.port import VERSION, Ack, Bury, DeadLetter, Outgoing, Redrive, Release
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

__all__ = ["DeliveryPromises"]


class DeliveryPromises(Harness):
    """At least once to whom it matches, never to anybody else."""

    @promise
    async def test_every_event_of_a_burst_arrives_once(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, *events(self.burst))
        taken = await backend.work_off(adapter, self.burst)
        assert numbers(taken) == list(range(self.burst))

    @promise
    async def test_each_matching_subscription_has_its_own_copy(self, backend: Backend) -> None:
        adapter = await backend.open(subscription("a"), subscription("b"))
        await backend.publish(adapter, event(7))
        assert numbers(await backend.work_off(adapter, 1, "a")) == [7]
        assert numbers(await backend.work_off(adapter, 1, "b")) == [7]

    @promise
    async def test_no_event_reaches_a_subscription_that_it_does_not_match(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription("a"), subscription("b", {"source": ["other"]}))
        await backend.publish(adapter, *events(20), event(99, source="other"))
        assert numbers(await backend.work_off(adapter, 20, "a")) == list(range(20))
        assert numbers(await backend.work_off(adapter, 1, "b")) == [99]

    @promise
    async def test_an_event_that_nobody_matches_is_accepted_and_is_in_no_queue(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event(source="nobody"))
        await backend.nothing(adapter)
        await backend.depth_is(adapter, ready=0, delayed=0, in_flight=0, dead=0)

    @promise
    async def test_an_event_that_was_never_published_does_not_arrive(
        self, backend: Backend
    ) -> None:
        await backend.nothing(await backend.open())

    @promise
    async def test_the_bytes_of_an_event_arrive_as_they_were_sent(self, backend: Backend) -> None:
        text = (
            f'{{ "version":"0", "id":"b-1", "detail-type":"Bytes", "source":"{SOURCE}",\t'
            '"detail":{"a" : "\\u00e9\\/", "b":1.50, "c":[ ]}, "of-another":{"release":true} }'
        )
        sent = Event.from_json(text)
        adapter = await backend.open()
        await backend.publish(adapter, sent)
        assert (await backend.one(adapter)).body == sent.to_json()

    @promise
    async def test_unicode_arrives_as_it_was_sent(self, backend: Backend) -> None:
        words = ["grüße", "日本語", "🚲👩‍👩‍👧", "\u2028", "a\u0000b", "e\u0301", '"\\\n']
        sent = event(words=words, ключ="значение")
        adapter = await backend.open()
        await backend.publish(adapter, sent)
        assert (await backend.one(adapter)).event.document == sent.document

    @promise
    async def test_numbers_arrive_digit_for_digit(self, backend: Backend) -> None:
        digits = b"[9007199254740993,-0.0,1e-300,0.1,12345678901234567890,1.10,1E5]"
        sent = Event.from_json(
            b'{"id":"n-1","detail-type":"T","source":"conformance","detail":{"n":' + digits + b"}}"
        )
        adapter = await backend.open()
        await backend.publish(adapter, sent)
        assert digits in (await backend.one(adapter)).body

    @promise
    async def test_an_empty_detail_arrives(self, backend: Backend) -> None:
        adapter = await backend.open()
        sent = Event(SOURCE, "Empty", {})
        await backend.publish(adapter, sent)
        received = (await backend.one(adapter)).event
        assert (received.detail, received.id) == ({}, sent.id)

    @promise
    async def test_headers_arrive_as_they_were_sent(self, backend: Backend) -> None:
        adapter = await backend.open()
        headers = {"traceparent": "00-4bf92f35-00f067aa-01", "x.y_Z-1": " ~!\"',;=%"}
        await backend.publish(adapter, Outgoing(event(1), headers), event(2))
        found = {
            one.event.detail["number"]: dict(one.headers) for one in await backend.take(adapter, 2)
        }
        assert found == {1: headers, 2: {}}

    @promise
    async def test_headers_reach_every_subscription(self, backend: Backend) -> None:
        names = ["a", "b", "c"]
        adapter = await backend.open(*map(subscription, names))
        await backend.publish(adapter, Outgoing(event(), {"trace": "7"}))
        found = {name: dict((await backend.one(adapter, name)).headers) for name in names}
        assert found == {name: {"trace": "7"} for name in names}

    @promise
    async def test_an_event_keeps_the_version_of_its_contract_until_it_is_redriven(
        self, backend: Backend
    ) -> None:
        headers = {VERSION: "2", "trace": "7"}
        adapter = await backend.open()
        await backend.publish(adapter, Outgoing(event(), headers))
        first = await backend.one(adapter)
        await backend.settle(adapter, Bury(first, "rejected", "no"))
        letters: list[DeadLetter] = []

        async def is_dead() -> bool:
            letters.extend(await adapter.receive_dead(NAME, limit=1, lease=60))
            return bool(letters)

        await backend.eventually(is_dead, "a dead letter")
        assert list(await adapter.settle_dead([Redrive(letters[0])])) == [None]
        again = await backend.one(adapter)
        assert [dict(one.headers) for one in (first, letters[0], again)] == [headers] * 3
        assert (first.version, again.version) == (2, 2)

    @promise
    async def test_a_name_with_digits_dashes_and_dots_names_a_subscription(
        self, backend: Backend
    ) -> None:
        names = ["orders-v2.by_id", "orders.v2-by_id", "2.3", "orders-v2.by-id"]
        adapter = await backend.open(
            *(subscription(name, {"detail": {"to": [name]}}) for name in names)
        )
        await backend.publish(adapter, *(event(n, to=name) for n, name in enumerate(names)))
        for number, name in enumerate(names):
            assert numbers(await backend.work_off(adapter, 1, name)) == [number]

    @promise
    async def test_an_event_published_right_after_open_arrives(self, backend: Backend) -> None:
        adapter = await backend.open(subscription("first"))
        await backend.publish(adapter, event(1))
        await backend.provision(adapter, subscription("first"), subscription("later"))
        await backend.publish(adapter, event(2))
        assert numbers(await backend.work_off(adapter, 2, "first")) == [1, 2]
        assert numbers(await backend.work_off(adapter, 1, "later")) == [2]

    @promise
    async def test_what_is_published_before_a_worker_runs_is_kept(self, backend: Backend) -> None:
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        bus = backend.bus(router)
        async with bus:
            await bus.publish_many(events(5))
            await bus.run(handle_signals=False, until_empty=True)
        assert sorted(seen) == [0, 1, 2, 3, 4]

    @promise
    async def test_a_receive_that_waits_gets_what_is_published_meanwhile(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        received: list[int] = []

        async def receive() -> None:
            while not received:
                received.extend(numbers(await adapter.receive("kit.queue", limit=1, wait=15)))

        async with anyio.create_task_group() as group:
            group.start_soon(receive)
            await anyio.sleep(0.01)
            await backend.publish(adapter, event(3))
            with anyio.move_on_after(self.patience):
                while not received:
                    await anyio.sleep(0.002)
            group.cancel_scope.cancel()
        assert received == [3]

    @promise
    async def test_two_receivers_of_a_subscription_get_different_events(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, *events(40))
        taken: list[int] = []

        async def work() -> None:
            with anyio.fail_after(self.patience):
                while len(taken) < 40:
                    batch = await backend.receive(adapter, "kit.queue", 3)
                    taken.extend(numbers(batch))
                    await adapter.settle([Ack(one) for one in batch])
                    await anyio.sleep(0.001)

        async with anyio.create_task_group() as group:
            group.start_soon(work)
            group.start_soon(work)
        assert sorted(taken) == list(range(40))

    @promise
    async def test_two_processes_share_a_subscription(self, backend: Backend) -> None:
        if not backend.capabilities.multi_process:
            raise NotApplicableError("one process works on a queue")
        first, second = await backend.open(), await backend.open()
        await backend.publish(first, *events(20))
        taken = [*await backend.take(first, 7), *await backend.take(second, 13)]
        assert numbers(taken) == list(range(20))
        await backend.settle(second, *map(Ack, taken[7:]))
        await backend.settle(first, *map(Ack, taken[:7]))
        await backend.depth_is(first, ready=0, in_flight=0)

    @promise
    async def test_what_is_acknowledged_does_not_come_back(self, backend: Backend) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, *events(5))
        await backend.work_off(adapter, 5)
        await backend.pass_time(backend.lease + backend.slack)
        await backend.nothing(adapter)
        await backend.depth_is(adapter, ready=0, delayed=0, in_flight=0)

    @promise
    async def test_what_is_not_acknowledged_stays_in_the_queue(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        await backend.one(adapter)
        await backend.depth_is(adapter, ready=0, in_flight=1)

    @promise
    async def test_the_depth_counts_events_by_what_they_wait_for(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, *events(6))
        first, second, _ = await backend.take(adapter, 3)
        await backend.settle(adapter, Bury(first, "rejected", "no"), Release(second, 60))
        await backend.depth_is(adapter, ready=3, delayed=1, in_flight=1, dead=1)

    @promise
    async def test_an_accepted_event_survives_a_restart(self, backend: Backend) -> None:
        if not backend.capabilities.durable:
            raise NotApplicableError("what this backend holds is gone with its process")
        before = await backend.open()
        await backend.publish(before, *events(15))
        await before.close()
        after = await backend.open()
        assert numbers(await backend.work_off(after, 15)) == list(range(15))

    @promise
    async def test_the_age_of_an_event_counts_from_its_publication(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        await backend.pass_time(backend.delay)
        age = (await backend.one(adapter)).age
        assert backend.delay * 0.9 - 0.05 <= age <= backend.delay + self.patience

    @promise
    async def test_a_publish_without_an_answer_is_repeated_under_the_same_id(
        self, backend: Backend
    ) -> None:
        plan = FaultLog(Faults(drop_answer=1, most=1))
        router, seen = Router("kit"), list[str]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            seen.append(one.id)

        async with backend.running(
            router, around=lambda adapter: FaultyAdapter(adapter, plan, backend.clock)
        ) as app:
            made = await app.bus.publish(event())
            await app.settled()
        assert len(plan.injected) == 1
        assert set(seen) == {made.id}

    @promise
    async def test_a_publish_that_fails_raises_and_nothing_arrives(self, backend: Backend) -> None:
        plan = FaultLog(Faults(fail_publish=1, most=1_000))
        bus = backend.bus(
            around=lambda adapter: FaultyAdapter(adapter, plan, backend.clock), publish_timeout=0.1
        )
        adapter = await backend.open()
        async with bus:
            raised: EventRouteError | None = None
            try:
                await bus.publish(event())
            except AdapterError as error:
                raised = error
        assert raised is not None, "a publish that failed must say so"
        await backend.nothing(adapter)
