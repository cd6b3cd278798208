"""What was not handled comes again: not too early, not too late, not too often."""

from __future__ import annotations

from itertools import pairwise

import anyio

from eventroute.delivery import Retry
from eventroute.envelope import Event
from eventroute.errors import LeaseLostError, UnsupportedError
from eventroute.port import Ack, Bury, Delivery, Extend, Outgoing, Release
from eventroute.router import Router
from eventroute.testing.conformance.application import has
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import SOURCE, event, numbers, subscription
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import NotApplicableError, promise
from eventroute.testing.conformance.watching import Recorder

__all__ = ["RedeliveryPromises"]


class RedeliveryPromises(Harness):
    """Delays, leases and attempt numbers."""

    @promise
    async def test_a_released_event_comes_back_after_its_delay(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        first = await backend.one(adapter)
        since = backend.clock.now()
        await backend.settle(adapter, Release(first, backend.delay))
        again = await backend.comes_after(adapter, backend.delay, since)
        assert (again.body, again.attempt) == (first.body, 2)

    @promise
    async def test_an_event_released_without_delay_comes_back_at_once(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        await backend.settle(adapter, Release(await backend.one(adapter)))
        assert (await backend.one(adapter)).attempt == 2

    @promise
    async def test_each_attempt_has_the_next_number(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        attempts: list[int] = []
        for _ in range(6):
            delivery = await backend.one(adapter)
            attempts.append(delivery.attempt)
            await backend.settle(adapter, Release(delivery))
        assert attempts == [1, 2, 3, 4, 5, 6]

    @promise
    async def test_an_attempt_that_does_not_count_keeps_its_number(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        await backend.settle(adapter, Release(await backend.one(adapter)))
        await backend.settle(adapter, Release(await backend.one(adapter), counted=False))
        attempt = (await backend.one(adapter)).attempt
        assert attempt == 2 if self.keeps_attempts else attempt in {2, 3}

    @promise
    async def test_an_attempt_that_does_not_count_keeps_its_delay(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        first = await backend.one(adapter)
        since = backend.clock.now()
        await backend.settle(adapter, Release(first, backend.delay, counted=False))
        again = await backend.comes_after(adapter, backend.delay, since)
        assert again.body == first.body

    @promise
    async def test_headers_stay_with_an_event_that_comes_again(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, Outgoing(event(), {"trace": "7"}))
        await backend.settle(adapter, Release(await backend.one(adapter)))
        assert (await backend.one(adapter)).headers == {"trace": "7"}

    @promise
    async def test_the_event_of_a_dead_worker_comes_back_when_the_lease_ends(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, event())
        since = backend.clock.now()
        first = await backend.one(adapter)
        assert abs(first.lease_ends - since - backend.lease) < backend.slack
        again = await backend.comes_after(adapter, backend.lease, since)
        assert (again.body, again.attempt) == (first.body, 2)

    @promise
    async def test_an_extended_lease_ends_later(self, backend: Backend) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, event())
        first = await backend.one(adapter)
        await backend.pass_time(backend.lease * 0.4)
        since = backend.clock.now()
        await backend.settle(adapter, Extend(first, backend.lease))
        again = await backend.comes_after(adapter, backend.lease, since)
        assert again.attempt == 2

    @promise
    async def test_a_lease_is_extended_by_as_long_as_is_asked_for(self, backend: Backend) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, event())
        first = await backend.one(adapter)
        for length in (1.5 * backend.lease, 2 * backend.lease):
            since = backend.clock.now()
            await backend.settle(adapter, Extend(first, length))
        again = await backend.comes_after(adapter, length, since)
        assert again.attempt == 2

    @promise
    async def test_while_a_handler_runs_its_event_is_given_to_nobody_else(
        self, backend: Backend
    ) -> None:
        router, begun, may_end = Router("kit"), list[int](), anyio.Event()

        @router.subscribe({"source": [SOURCE]}, visibility_timeout=backend.lease)
        async def handle(one: Event, delivery: Delivery) -> None:
            begun.append(delivery.attempt)
            await may_end.wait()

        recorder = Recorder(backend.make())

        async with backend.running(router, adapter=recorder) as app:
            await app.bus.publish(event())
            await app.until(lambda: begun, "the handler has begun")
            for beat in range(1, 8):  # more than two leases
                await backend.pass_time(backend.lease / 3)
                await app.until(
                    has(recorder.settled, beat), "the lease is extended three times in its length"
                )
            may_end.set()
            await app.settled()
        assert begun == [1]

    @promise
    async def test_a_late_settlement_is_reported_and_changes_nothing(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, event())
        late = await backend.one(adapter)
        await backend.pass_time(backend.lease + 0.1)
        current = await backend.one(adapter)
        await backend.settle(adapter, Extend(current, 60))
        for settlement in (Ack(late), Release(late), Extend(late, 1), Bury(late, "r", "e")):
            (error,) = await adapter.settle([settlement])
            assert isinstance(error, LeaseLostError), f"a late {type(settlement).__name__}"
        await backend.depth_is(adapter, ready=0, in_flight=1, dead=0)
        await backend.settle(adapter, Ack(current))
        await backend.depth_is(adapter, ready=0, delayed=0, in_flight=0)

    @promise
    async def test_an_ended_lease_settles_nothing_before_the_event_is_taken_again(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, event())
        late = await backend.one(adapter)
        await backend.pass_time(backend.lease + 0.1)
        (error,) = await adapter.settle([Ack(late)])
        assert isinstance(error, LeaseLostError)
        assert (await backend.one(adapter)).attempt == 2

    @promise
    async def test_to_settle_twice_is_harmless(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event(1), event(2))
        first, second = await backend.take(adapter, 2)
        await backend.settle(adapter, Ack(first), Release(second))
        for settlement in (Ack(first), Release(first), Bury(first, "r", "e"), Ack(second)):
            (error,) = await adapter.settle([settlement])
            assert isinstance(error, LeaseLostError)
        left = await backend.one(adapter)
        assert left.body == second.body
        await backend.depth_is(adapter, ready=0, delayed=0, in_flight=1, dead=0)

    @promise
    async def test_a_handler_that_always_fails_has_as_many_attempts_as_it_may(
        self, backend: Backend
    ) -> None:
        router, attempts = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]}, retry=Retry.fixed(backend.delay / 4, attempts=4))
        async def handle(one: Event, delivery: Delivery) -> None:
            attempts.append(delivery.attempt)
            raise ConnectionError("down")

        async with backend.running(router) as app:
            await app.bus.publish(event())
            await app.settled()
            (letter,) = await app.bus.dead_letters("handle")
        assert attempts == [1, 2, 3, 4]
        assert (letter.reason, letter.attempts) == ("attempts-exhausted", 4)

    @promise
    async def test_the_next_attempt_is_not_made_before_the_delay_of_the_policy(
        self, backend: Backend
    ) -> None:
        router, moments = Router("kit"), list[float]()

        @router.subscribe({"source": [SOURCE]}, retry=Retry.fixed(backend.delay, attempts=3))
        async def handle(one: Event) -> None:
            moments.append(backend.clock.now())
            if len(moments) < 3:
                raise ConnectionError("down")

        async with backend.running(router) as app:
            await app.bus.publish(event())
            await app.settled()
        waits = [after - before for before, after in pairwise(moments)]
        assert all(wait > backend.delay - 0.05 for wait in waits), waits

    @promise
    async def test_attempts_whose_worker_died_count_too(self, backend: Backend) -> None:
        router, attempts = Router("kit"), list[int]()

        @router.subscribe(
            {"source": [SOURCE]}, retry=Retry(attempts=2), visibility_timeout=backend.lease
        )
        async def deadly(one: Event, delivery: Delivery) -> None:
            attempts.append(delivery.attempt)

        adapter = await backend.open(subscription("kit.deadly", lease=backend.lease))
        await backend.publish(adapter, event())
        for _ in range(2):
            await backend.one(adapter, "kit.deadly")
            await backend.pass_time(backend.lease + 0.1)
        async with backend.running(router, adapter=adapter) as app:
            await app.settled()
            (letter,) = await app.bus.dead_letters("deadly")
        assert (attempts, letter.reason) == ([], "attempts-exhausted")

    @promise
    async def test_a_long_delay_of_a_retry_is_kept_or_refused_at_start(
        self, backend: Backend
    ) -> None:
        longest = backend.capabilities.max_release_delay
        if longest is not None:
            router, refused = Router("kit"), False

            @router.subscribe({"source": [SOURCE]}, retry=Retry.fixed(longest + 1))
            async def handle(one: Event) -> None: ...

            try:
                async with backend.bus(router):
                    pass
            except UnsupportedError:
                refused = True
            assert refused, "a retry that waits longer than the backend can must be refused"
            return
        if not self.virtual_time:
            raise NotApplicableError("nobody waits a week in real time")
        adapter = await backend.open()
        await backend.publish(adapter, event())
        since, week = backend.clock.now(), 7 * 86_400.0
        await backend.settle(adapter, Release(await backend.one(adapter), week))
        await backend.comes_after(adapter, week, since)

    @promise
    async def test_a_delayed_event_arrives_at_its_time_or_is_refused(
        self, backend: Backend
    ) -> None:
        longest = backend.capabilities.max_publish_delay
        bus = backend.bus()
        async with bus:
            if longest is not None:
                refused = False
                try:
                    await bus.publish(event(), delay=longest + 1)
                except UnsupportedError:
                    refused = True
                assert refused, "a delay that the backend cannot keep must be refused"
        if longest is not None and longest < backend.delay:
            raise NotApplicableError("the backend delays no event that long, and refuses")
        adapter = await backend.open()
        since = backend.clock.now()
        await backend.publish(adapter, Outgoing(event(1), delay=backend.delay), event(2))
        assert numbers(await backend.work_off(adapter, 1)) == [2]
        late = await backend.comes_after(adapter, backend.delay, since)
        assert (numbers([late]), late.attempt) == ([1], 1)

    @promise
    async def test_a_long_delay_of_a_publish_is_kept_or_refused(self, backend: Backend) -> None:
        week, longest = 7 * 86_400.0, backend.capabilities.max_publish_delay
        if longest is not None and longest < week:
            async with backend.bus() as bus:
                refused = False
                try:
                    await bus.publish(event(), delay=week)
                except UnsupportedError:
                    refused = True
            assert refused, "a delay that the backend cannot keep must be refused"
        if not self.virtual_time:
            raise NotApplicableError("nobody waits that long in real time")
        length = week if longest is None else min(longest, week)
        adapter = await backend.open()
        since = backend.clock.now()
        await backend.publish(adapter, Outgoing(event(), delay=length))
        if length:
            await backend.comes_after(adapter, length, since)

    @promise
    async def test_the_age_of_an_event_grows_over_its_attempts(self, backend: Backend) -> None:
        adapter = await backend.open()
        published = backend.clock.now()
        await backend.publish(adapter, event())
        since = backend.clock.now()
        await backend.settle(adapter, Release(await backend.one(adapter), backend.delay))
        again = await backend.comes_after(adapter, backend.delay, since)
        assert again.attempt == 2
        oldest = backend.clock.now() - published
        assert backend.delay * 0.9 - 0.05 <= again.age <= oldest + backend.slack
