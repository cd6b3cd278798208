"""What cannot be handled is kept, whole and with its reason."""

from __future__ import annotations

from pydantic import BaseModel

from eventroute.delivery import Retry
from eventroute.envelope import Event
from eventroute.errors import (
    DeadLetterQueueFullError,
    EventRouteError,
    LeaseLostError,
    RejectError,
)
from eventroute.event_type import event as event_type
from eventroute.port import (
    Adapter,
    Bury,
    DeadLetter,
    Discard,
    Keep,
    Outgoing,
    Redrive,
    Release,
)
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

__all__ = ["DeadLetterPromises"]


@event_type(SOURCE, "Numbered")
class Numbered(BaseModel):
    """What `event` makes, where the number is a whole one."""

    number: int


async def bury(backend: Backend, adapter: Adapter, count: int, name: str = NAME) -> None:
    """Publish events, and dead-letter them."""
    await backend.publish(adapter, *events(count))
    for delivery in await backend.take(adapter, count, name):
        await backend.settle(adapter, Bury(delivery, "rejected", "no such customer"))


async def letters_of(
    backend: Backend, adapter: Adapter, count: int, lease: float = 60.0
) -> list[DeadLetter]:
    """Lease so many dead letters."""
    found: list[DeadLetter] = []

    async def all_are_there() -> bool:
        size = min(adapter.capabilities.batch_size, count)
        found.extend(await adapter.receive_dead(NAME, limit=size, lease=lease))
        return len(found) >= count

    await backend.eventually(all_are_there, f"{count} dead letters")
    assert len(found) == count
    return found


class DeadLetterPromises(Harness):
    """Exactly the poison goes there, and nothing is lost on the way there and back."""

    @promise
    async def test_exactly_the_poison_is_dead_lettered(self, backend: Backend) -> None:
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]}, retry=Retry.fixed(backend.delay / 4, attempts=2))
        async def handle(one: Event) -> None:
            number = one.detail["number"]
            if number % 5 == 0:
                raise RejectError("poison")
            if number % 7 == 0:
                raise ValueError("poison too")
            seen.append(number)

        async with backend.running(router) as app:
            await app.bus.publish_many(events(40))
            await app.settled()
            letters = await app.bus.dead_letters("handle")
        poison = {number for number in range(40) if not number % 5 or not number % 7}
        found = [Event.from_json(one.body).detail["number"] for one in letters]
        assert sorted(found) == sorted(poison)
        assert sorted(seen) == sorted(set(range(40)) - poison)

    @promise
    async def test_a_dead_letter_has_the_original_bytes_headers_and_reason(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, Outgoing(event(text="grüße"), {"trace": "7"}))
        await backend.settle(adapter, Release(await backend.one(adapter)))
        delivery = await backend.one(adapter)
        error = "ValueError: a long story \u2603\nin two lines"
        await backend.settle(adapter, Bury(delivery, "attempts-exhausted", error, "f.py:7 in f"))
        (letter,) = await letters_of(backend, adapter, 1)
        assert (letter.subscription, letter.body) == (NAME, delivery.body)
        assert (letter.reason, letter.error, letter.attempts) == ("attempts-exhausted", error, 2)
        assert (letter.headers, letter.traceback) == ({"trace": "7"}, "f.py:7 in f")

    @promise
    async def test_what_is_rejected_is_dead_lettered_after_one_attempt(
        self, backend: Backend
    ) -> None:
        router, calls = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            calls.append(1)
            raise RejectError("no such customer")

        async with backend.running(router) as app:
            await app.bus.publish(event())
            await app.settled()
            (letter,) = await app.bus.dead_letters("handle")
        assert (letter.reason, letter.error, calls) == ("rejected", "no such customer", [1])

    @promise
    async def test_what_breaks_its_contract_is_dead_lettered_and_not_acknowledged(
        self, backend: Backend
    ) -> None:
        router, calls = Router("kit"), list[int]()

        @router.subscribe(Numbered)
        async def handle(one: Numbered) -> None:
            calls.append(one.number)

        wrong = Event(SOURCE, "Numbered", {"number": "many"})
        async with backend.running(router) as app:
            await app.bus.publish_many([event(1), wrong])
            await app.settled()
            (letter,) = await app.bus.dead_letters("handle")
        assert calls == [1]
        assert (letter.reason, letter.body) == ("contract-violated", wrong.to_json())

    @promise
    async def test_what_cannot_be_decoded_is_refused_or_dead_lettered(
        self, backend: Backend
    ) -> None:
        router, calls = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            calls.append(1)

        text = b'{"id":"1","source":"conformance","detail-type":"T","detail":{"a":"\xff"}}'
        async with backend.running(router, publish_timeout=0.2) as app:
            try:
                await app.bus.publish(Event.from_trusted_json(text))
            except EventRouteError:
                assert (await app.bus.depth("handle")).outstanding == 0
            else:
                await app.settled()
                (letter,) = await app.bus.dead_letters("handle")
                assert (letter.reason, letter.body) == ("undecodable", text)
        assert calls == []

    @promise
    async def test_a_dead_letter_is_delivered_no_more(self, backend: Backend) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await bury(backend, adapter, 3)
        await backend.pass_time(backend.lease + backend.slack)
        await backend.nothing(adapter)
        await backend.depth_is(adapter, ready=0, delayed=0, in_flight=0, dead=3)

    @promise
    async def test_a_dead_letter_leaves_the_copies_of_other_subscriptions_alone(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription("a"), subscription("b"))
        await bury(backend, adapter, 2, "a")
        assert numbers(await backend.work_off(adapter, 2, "b")) == [0, 1]
        await backend.depth_is(adapter, "b", dead=0)

    @promise
    async def test_an_event_that_the_dead_letter_queue_does_not_take_stays(
        self, backend: Backend
    ) -> None:
        adapter = backend.make_bounded(1)
        if adapter is None:
            raise NotApplicableError("the dead-letter queue has no bound")
        await backend.provision(adapter, subscription())
        await bury(backend, adapter, 1)
        await backend.publish(adapter, event(7))
        kept = await backend.one(adapter)
        (error,) = await adapter.settle([Bury(kept, "rejected", "no")])
        assert isinstance(error, DeadLetterQueueFullError)
        await backend.settle(adapter, Release(kept))
        assert (await backend.one(adapter)).body == kept.body
        await backend.depth_is(adapter, in_flight=1, dead=1)

    @promise
    async def test_a_full_dead_letter_queue_costs_no_event(self, backend: Backend) -> None:
        adapter = backend.make_bounded(3)
        if adapter is None:
            raise NotApplicableError("the dead-letter queue has no bound")
        router = Router("kit")

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            raise RejectError("never")

        bus = backend.bus(router, adapter=adapter)
        async with backend.running(router, adapter=adapter) as app:
            await app.bus.publish_many(events(3))
            await app.settled()
            await app.bus.publish(event(3))
            await app.until(lambda: app.bus.counts("handle").lost, "the fourth finds no room")
        async with bus:
            depth = await bus.depth("handle")
        assert (depth.outstanding, depth.dead) == (1, 3)

    @promise
    async def test_while_the_dead_letter_queue_is_down_events_are_kept(
        self, backend: Backend
    ) -> None:
        router, plan = Router("kit"), FaultLog(Faults(dead_letter_down=1, most=6))

        @router.subscribe({"source": [SOURCE]}, retry=Retry(attempts=50))
        async def handle(one: Event) -> None:
            raise RejectError("never")

        async with backend.running(
            router, around=lambda adapter: FaultyAdapter(adapter, plan, backend.clock)
        ) as app:
            await app.bus.publish_many(events(3))
            if self.virtual_time:
                await app.settled()
                assert (await app.bus.depth("handle")).dead == 3
            else:
                await app.until(lambda: app.bus.counts("handle").lost == 3, "all were kept")
                assert (await app.bus.depth("handle")).outstanding == 3

    @promise
    async def test_a_redriven_event_comes_again_as_a_first_attempt(self, backend: Backend) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, Outgoing(event(3), {"trace": "7"}))
        await backend.settle(adapter, Release(await backend.one(adapter)))
        delivery = await backend.one(adapter)
        await backend.settle(adapter, Bury(delivery, "rejected", "no"))
        (letter,) = await letters_of(backend, adapter, 1)
        assert list(await adapter.settle_dead([Redrive(letter)])) == [None]
        again = await backend.one(adapter)
        assert (again.body, again.attempt) == (delivery.body, 1)
        assert again.headers == {"trace": "7"}
        await backend.depth_is(adapter, dead=0, in_flight=1)

    @promise
    async def test_a_redrive_loses_nothing(self, backend: Backend) -> None:
        router, seen, is_mended = Router("kit"), list[int](), list[bool]()

        @router.subscribe({"source": [SOURCE]})
        async def handle(one: Event) -> None:
            if not is_mended:
                raise RejectError("not yet")
            seen.append(one.detail["number"])

        async with backend.running(router) as app:
            await app.bus.publish_many(events(130))
            await app.settled()
            is_mended.append(True)
            report = await app.bus.dlq("handle").redrive()
            await app.settled()
            depth = await app.bus.depth("handle")
        assert len(report.outcomes) == 130
        assert sorted(seen) == list(range(130))
        assert depth.dead == 0

    @promise
    async def test_a_redriven_event_reaches_its_own_subscription_only(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription(), subscription("other"))
        await bury(backend, adapter, 1)
        await backend.work_off(adapter, 1, "other")
        (letter,) = await letters_of(backend, adapter, 1)
        assert list(await adapter.settle_dead([Redrive(letter)])) == [None]
        await backend.work_off(adapter, 1)
        await backend.nothing(adapter, "other")

    @promise
    async def test_a_held_dead_letter_is_hidden_until_it_is_kept(self, backend: Backend) -> None:
        adapter = await backend.open()
        await bury(backend, adapter, 1)
        (letter,) = await letters_of(backend, adapter, 1)
        assert list(await adapter.receive_dead(NAME, limit=5, lease=60)) == []
        assert list(await adapter.settle_dead([Keep(letter)])) == [None]
        (again,) = await letters_of(backend, adapter, 1)
        assert (again.id, again.body) == (letter.id, letter.body)

    @promise
    async def test_a_discarded_dead_letter_is_gone(self, backend: Backend) -> None:
        adapter = await backend.open()
        await bury(backend, adapter, 2)
        one, other = await letters_of(backend, adapter, 2)
        assert list(await adapter.settle_dead([Discard(one), Keep(other)])) == [None, None]
        (left,) = await letters_of(backend, adapter, 1)
        assert left.id == other.id
        await backend.depth_is(adapter, dead=1)

    @promise
    async def test_a_dead_letter_that_another_call_holds_is_not_settled(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await bury(backend, adapter, 1)
        (late,) = await letters_of(backend, adapter, 1, lease=backend.lease)
        await backend.pass_time(backend.lease + 0.1)
        (current,) = await letters_of(backend, adapter, 1)
        for settlement in (Discard(late), Redrive(late)):
            (error,) = await adapter.settle_dead([settlement])
            assert isinstance(error, LeaseLostError)
        await backend.depth_is(adapter, dead=1, ready=0)
        assert list(await adapter.settle_dead([Discard(current)])) == [None]

    @promise
    async def test_each_dead_letter_has_its_own_outcome(self, backend: Backend) -> None:
        adapter = await backend.open()
        await bury(backend, adapter, 1)
        (late,) = await letters_of(backend, adapter, 1, lease=backend.lease)
        await backend.pass_time(backend.lease + 0.1)
        await bury(backend, adapter, 2)
        kept, discarded, redriven = await letters_of(backend, adapter, 3)
        outcomes = await adapter.settle_dead(
            [Keep(kept), Discard(discarded), Redrive(redriven), Discard(late)]
        )
        assert [type(one) for one in outcomes] == [*([type(None)] * 3), LeaseLostError]
        await backend.depth_is(adapter, ready=1, dead=1)

    @promise
    async def test_dead_letters_survive_a_restart(self, backend: Backend) -> None:
        if not backend.capabilities.durable:
            raise NotApplicableError("what this backend holds is gone with its process")
        before = await backend.open()
        await bury(backend, before, 3)
        await before.close()
        after = await backend.open()
        letters = await letters_of(backend, after, 3)
        assert {one.error for one in letters} == {"no such customer"}

    @promise
    async def test_only_a_backend_that_says_so_dead_letters_by_itself(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event())
        for _ in range(25):
            found = await backend.receive(adapter, NAME, 1)
            if found:
                await adapter.settle([Release(found[0])])
        depth = await adapter.depth(NAME)
        assert depth.outstanding + depth.dead == 1, "the event is neither queued nor dead"
        if not backend.capabilities.native_dead_letters:
            await backend.depth_is(adapter, ready=1, dead=0)
