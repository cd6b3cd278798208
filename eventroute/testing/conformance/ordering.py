"""Events that share an ordering key are handled one after the other, in publish order."""

from __future__ import annotations

from collections import defaultdict

import anyio
import anyio.lowlevel

from eventroute.delivery import Batch, Retry
from eventroute.envelope import Event
from eventroute.errors import BatchError, RejectError, UnsupportedError
from eventroute.port import Ack, Bury, Delivery, Outgoing, Redrive, Release
from eventroute.router import Router
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.dead_letters import letters_of
from eventroute.testing.conformance.events import NAME, SOURCE, event, keyed, steps, subscription
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import NotApplicableError, promise

__all__ = ["OrderingPromises"]

FIVE = [1, 2, 3, 4, 5]


def five_steps(keys: str = "abc") -> list[Event]:
    """Five events of each key, the keys mixed."""
    return [keyed(key, step) for step in FIVE for key in keys]


async def opened(backend: Backend, *, lease: float = 30.0) -> None:
    """Go on where order is kept; else order must be refused.

    :raises NotApplicableError: it is not kept, and was refused.
    """
    if backend.capabilities.ordered:
        return
    refused = False
    try:
        await backend.open(subscription(ordered=True, lease=lease))
    except UnsupportedError:
        refused = True
    assert refused, "a backend that keeps no order must refuse an ordered subscription"
    raise NotApplicableError("the backend keeps no order, and refuses ordered subscriptions")


class OrderingPromises(Harness):
    """The order holds, whatever goes wrong; a backend that cannot keep it says so."""

    @promise
    async def test_an_ordered_subscriber_is_refused_where_order_is_not_kept(
        self, backend: Backend
    ) -> None:
        router = Router("kit")

        @router.subscribe({"source": [SOURCE]}, ordered_by="key")
        async def handle(one: Event) -> None: ...

        bus, refused = backend.bus(router), False
        try:
            async with bus:
                pass
        except UnsupportedError as error:
            refused = "kit.handle" in str(error)
        assert refused is not backend.capabilities.ordered

    @promise
    async def test_events_of_a_key_are_handled_in_publish_order(self, backend: Backend) -> None:
        await opened(backend)
        router, seen = Router("kit"), defaultdict[str, list[int]](list)

        @router.subscribe({"source": [SOURCE]}, ordered_by="key")
        async def handle(one: Event) -> None:
            await anyio.lowlevel.checkpoint()
            seen[one.detail["key"]].append(one.detail["step"])

        async with backend.running(router) as app:
            await app.bus.publish_many(five_steps("abcdefgh"))
            await app.settled()
        assert seen == dict.fromkeys("abcdefgh", FIVE)

    @promise
    async def test_of_a_key_one_event_is_handled_at_a_time(self, backend: Backend) -> None:
        await opened(backend)
        router, under_way, most = Router("kit"), defaultdict[str, int](int), set[int]()

        @router.subscribe({"source": [SOURCE]}, ordered_by="key")
        async def handle(one: Event) -> None:
            key = one.detail["key"]
            under_way[key] += 1
            most.add(under_way[key])
            await anyio.sleep(0.001)
            under_way[key] -= 1

        async with backend.running(router) as app:
            await app.bus.publish_many(five_steps())
            await app.settled()
        assert most == {1}

    @promise
    async def test_events_of_different_keys_are_handled_at_the_same_time(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        router, under_way, may_end = Router("kit"), set[str](), anyio.Event()

        @router.subscribe({"source": [SOURCE]}, ordered_by="key")
        async def handle(one: Event) -> None:
            under_way.add(one.detail["key"])
            await may_end.wait()

        async with backend.running(router) as app:
            await app.bus.publish_many(five_steps())
            await app.until(lambda: under_way == set("abc"), "all keys are handled at once")
            may_end.set()
            await app.settled()

    @promise
    async def test_while_an_event_of_a_key_is_leased_no_other_call_gets_the_next(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, keyed("a", 1), keyed("a", 2))
        first = await backend.one(adapter)
        await backend.nothing(adapter)
        await backend.settle(adapter, Ack(first))
        assert steps(await backend.take(adapter, 1)) == [("a", 2)]

    @promise
    async def test_what_one_call_gives_of_a_key_is_in_order_and_holds_back_the_rest(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, *five_steps("a"))
        size, found = min(5, backend.capabilities.batch_size), list[Delivery]()

        async def something_came() -> bool:
            found.extend(await backend.receive(adapter, NAME, size))
            return bool(found)

        await backend.eventually(something_came, "an event")
        assert steps(found) == [("a", step) for step in FIVE[: len(found)]]
        await backend.nothing(adapter)
        for delivery in reversed(found):
            await backend.settle(adapter, Release(delivery))
        assert steps([await backend.one(adapter)]) == [("a", 1)]

    @promise
    async def test_a_released_event_keeps_its_place_before_the_next_of_its_key(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, keyed("a", 1), keyed("a", 2))
        since = backend.clock.now()
        await backend.settle(adapter, Release(await backend.one(adapter), backend.delay))
        first = await backend.comes_after(adapter, backend.delay, since)
        assert steps([first]) == [("a", 1)]
        await backend.settle(adapter, Bury(first, "rejected", "no"))
        assert steps(await backend.take(adapter, 1)) == [("a", 2)]

    @promise
    async def test_an_event_whose_lease_ended_comes_before_the_next_of_its_key(
        self, backend: Backend
    ) -> None:
        await opened(backend, lease=backend.lease)
        adapter = await backend.open(subscription(ordered=True, lease=backend.lease))
        await backend.publish(adapter, keyed("a", 1), keyed("a", 2))
        since = backend.clock.now()
        await backend.one(adapter)
        first = await backend.comes_after(adapter, backend.lease, since)
        assert steps([first]) == [("a", 1)]

    @promise
    async def test_a_failing_key_blocks_only_itself(self, backend: Backend) -> None:
        await opened(backend)
        router, seen = Router("kit"), list[tuple[str, int]]()

        @router.subscribe(
            {"source": [SOURCE]}, ordered_by="key", retry=Retry.fixed(backend.delay, attempts=2)
        )
        async def handle(one: Event, delivery: Delivery) -> None:
            if one.detail["key"] == "b" and one.detail["step"] == 1 and delivery.attempt == 1:
                raise ConnectionError
            seen.append((one.detail["key"], one.detail["step"]))

        async with backend.running(router) as app:
            await app.bus.publish_many(five_steps("abc"))
            await app.settled()
        assert [step for key, step in seen if key == "b"] == FIVE
        assert {key for key, _ in seen[-5:]} == {"b"}, "the others did not wait for it"

    @promise
    async def test_order_holds_across_failures(self, backend: Backend) -> None:
        await opened(backend)
        router, seen = Router("kit"), defaultdict[str, list[int]](list)

        @router.subscribe(
            {"source": [SOURCE]}, ordered_by="key", retry=Retry.fixed(backend.delay / 2)
        )
        async def handle(one: Event, delivery: Delivery) -> None:
            if one.detail["step"] in {2, 4} and delivery.attempt < 3:
                raise ConnectionError
            seen[one.detail["key"]].append(one.detail["step"])

        async with backend.running(router) as app:
            await app.bus.publish_many(five_steps())
            await app.settled()
        assert seen == dict.fromkeys("abc", FIVE)

    @promise
    async def test_after_a_dead_letter_the_next_of_its_key_goes_on(self, backend: Backend) -> None:
        await opened(backend)
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]}, ordered_by="key")
        async def handle(one: Event) -> None:
            if one.detail["step"] == 2:
                raise RejectError("never")
            seen.append(one.detail["step"])

        async with backend.running(router) as app:
            await app.bus.publish_many(five_steps("a"))
            await app.settled()
        assert seen == [1, 3, 4, 5]

    @promise
    async def test_order_holds_when_a_part_of_a_batch_fails(self, backend: Backend) -> None:
        await opened(backend)
        router, seen = Router("kit"), defaultdict[str, list[int]](list)

        @router.subscribe(
            {"source": [SOURCE]},
            ordered_by="key",
            batch=Batch(4),
            retry=Retry.fixed(backend.delay / 2),
        )
        async def handle(several: list[Event], deliveries: list[Delivery]) -> None:
            failed: dict[int, Exception] = {}
            blocked: set[str] = set()
            for index, one in enumerate(several):
                key, step = one.detail["key"], one.detail["step"]
                if step == 3 and deliveries[index].attempt == 1:
                    failed[index] = ConnectionError()
                    blocked.add(key)
                elif key not in blocked:  # the later ones of its key are given back with it
                    seen[key].append(step)
            if failed:
                raise BatchError(failed)

        async with backend.running(router) as app:
            await app.bus.publish_many(five_steps())
            await app.settled()
        assert seen == dict.fromkeys("abc", FIVE)

    @promise
    async def test_order_holds_across_a_restart(self, backend: Backend) -> None:
        await opened(backend)
        if not backend.capabilities.durable:
            raise NotApplicableError("what this backend holds is gone with its process")
        before = await backend.open(subscription(ordered=True))
        await backend.publish(before, *five_steps("a"))
        await backend.settle(before, Ack(await backend.one(before)))
        await backend.settle(before, Release(await backend.one(before), counted=False))
        await before.close()
        after = await backend.open(subscription(ordered=True))
        found: list[tuple[str, int]] = []
        for _ in range(4):
            delivery = await backend.one(after)
            found += steps([delivery])
            await backend.settle(after, Ack(delivery))
        assert found == [("a", 2), ("a", 3), ("a", 4), ("a", 5)]

    @promise
    async def test_order_holds_with_two_processes(self, backend: Backend) -> None:
        await opened(backend)
        if not backend.capabilities.multi_process:
            raise NotApplicableError("one process works on a queue")
        router, seen = Router("kit"), defaultdict[str, list[int]](list)
        under_way, overlapping = set[str](), set[str]()

        @router.subscribe({"source": [SOURCE]}, ordered_by="key", concurrency=3)
        async def handle(one: Event) -> None:
            key = one.detail["key"]
            overlapping.update({key} & under_way)
            under_way.add(key)
            await anyio.sleep(0.001)
            under_way.discard(key)
            seen[key].append(one.detail["step"])

        async with backend.running(router) as one, backend.running(router) as two:
            await one.bus.publish_many(five_steps("abcdef"))
            await two.settled()
        assert seen == dict.fromkeys("abcdef", FIVE)
        assert overlapping == set()

    @promise
    async def test_a_redriven_event_goes_to_the_end_of_its_key_and_waits_for_its_turn(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, *(keyed("a", step) for step in (1, 2, 3)))
        await backend.settle(adapter, Bury(await backend.one(adapter), "rejected", "no"))
        second = await backend.one(adapter)
        (letter,) = await letters_of(backend, adapter, 1)
        assert list(await adapter.settle_dead([Redrive(letter)])) == [None]
        await backend.nothing(adapter)
        await backend.settle(adapter, Ack(second))
        third = await backend.one(adapter)
        await backend.nothing(adapter)
        await backend.settle(adapter, Ack(third))
        again = await backend.one(adapter)
        assert steps([second, third, again]) == [("a", 2), ("a", 3), ("a", 1)]
        assert again.attempt == 1

    @promise
    async def test_to_order_what_waits_already_is_refused_or_orders_it(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        adapter = await backend.open(subscription("plain"))
        await backend.publish(adapter, *(keyed(*one) for one in [("a", 1), ("a", 2), ("b", 1)]))
        try:
            await backend.provision(adapter, subscription("plain", ordered=True))
        except UnsupportedError:
            return
        await backend.publish(adapter, keyed("a", 3))
        firsts = await backend.take(adapter, 2, "plain")
        assert sorted(steps(firsts)) == [("a", 1), ("b", 1)]
        await backend.nothing(adapter, "plain")
        await backend.settle(adapter, *map(Ack, firsts))
        second = await backend.one(adapter, "plain")
        assert steps([second]) == [("a", 2)]
        await backend.settle(adapter, Ack(second))
        assert steps(await backend.work_off(adapter, 1, "plain")) == [("a", 3)]

    @promise
    async def test_to_order_no_more_is_refused_or_frees_what_waits(self, backend: Backend) -> None:
        await opened(backend)
        adapter = await backend.open(subscription("strict", ordered=True))
        await backend.publish(adapter, *(keyed("a", step) for step in FIVE))
        try:
            await backend.provision(adapter, subscription("strict"))
        except UnsupportedError:
            return
        assert sorted(steps(await backend.take(adapter, 5, "strict"))) == [("a", n) for n in FIVE]

    @promise
    async def test_events_without_the_member_share_a_key(self, backend: Backend) -> None:
        await opened(backend)
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, event(1), event(2))
        first = await backend.one(adapter)
        await backend.nothing(adapter)
        assert first.event.detail["number"] == 1

    @promise
    async def test_a_delayed_event_is_overtaken_by_those_of_its_key_until_its_time(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        _needs_delays(backend)
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, Outgoing(keyed("a", 2), delay=backend.delay), keyed("a", 1))
        assert steps(await backend.work_off(adapter, 1)) == [("a", 1)]
        await backend.pass_time(backend.delay)
        assert steps(await backend.take(adapter, 1)) == [("a", 2)]

    @promise
    async def test_a_delayed_event_is_not_overtaken_once_its_time_has_come(
        self, backend: Backend
    ) -> None:
        await opened(backend)
        _needs_delays(backend)
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, Outgoing(keyed("a", 1), delay=backend.delay))
        await backend.nothing(adapter)
        await backend.pass_time(backend.delay + 0.1)
        if not self.virtual_time:  # it may be on its way from where it waited to its place
            await backend.depth_is(adapter, ready=1)
        await backend.publish(adapter, keyed("a", 2))
        first = await backend.one(adapter)
        await backend.settle(adapter, Ack(first))
        assert steps([first, await backend.one(adapter)]) == [("a", 1), ("a", 2)]


def _needs_delays(backend: Backend) -> None:
    longest = backend.capabilities.max_publish_delay
    if longest is not None and longest < backend.delay:
        raise NotApplicableError("the backend delays no event that long")
