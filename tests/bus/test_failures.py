"""Retries, dead letters, and that one subscriber's failure is nobody else's."""

from __future__ import annotations

import asyncio
import logging

import pytest
from pydantic import BaseModel, field_validator

from eventroute import Delivery, Event, EventBus, RejectError, Retry, Router, event
from eventroute.delivery import OutcomeKind
from eventroute.errors import DeclarationError
from eventroute.testing import TestBus


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


@event("shop", "Fragile")
class Fragile(BaseModel):
    order_id: str

    @field_validator("order_id")
    @classmethod
    def look_up(cls, _value: str) -> str:
        raise OSError("the lookup table is gone")


ORDER = Placed(order_id="7")


async def test_a_handler_that_raises_is_tried_again_until_it_succeeds() -> None:
    router = Router("r")
    attempts: list[int] = []

    @router.subscribe(Placed)
    async def flaky(order: Placed, delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        if delivery.attempt < 3:
            raise ConnectionError("not yet")

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.handled("flaky") == [ORDER]
        assert (bus.counts("flaky").retried, bus.counts("flaky").handled) == (2, 1)
    assert attempts == [1, 2, 3]


async def test_a_retry_waits_for_its_delay() -> None:
    router = Router("r")
    moments: list[float] = []
    bus = TestBus(router)

    @router.subscribe(Placed, retry=Retry(attempts=4, first=2, factor=3, jitter=False))
    async def flaky(order: Placed) -> None:
        moments.append(bus.clock.now())
        raise ConnectionError

    async with bus:
        await bus.publish(ORDER)
        await bus.settled()
    assert moments == [0, 2, 2 + 6, 2 + 6 + 18]


async def test_after_the_last_attempt_the_event_is_dead_lettered_with_its_reason() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=2))
    async def broken(order: Placed) -> None:
        raise ConnectionError("provider is down")

    async with TestBus(router) as bus:
        published = await bus.publish(ORDER)
        await bus.settled()
        (letter,) = await bus.dlq("broken").list()
        assert (await bus.depth("broken")).dead == 1
    assert letter.body == published.to_json()
    assert letter.reason == "attempts-exhausted"
    assert letter.error == "ConnectionError: provider is down"
    assert (letter.attempts, letter.subscription) == (2, "r.broken")


async def test_one_failing_subscriber_does_not_stop_the_others_nor_the_bus() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=3))
    async def broken(order: Placed) -> None:
        raise RuntimeError

    @router.subscribe(Placed)
    async def healthy(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        for _ in range(3):
            await bus.publish(ORDER)
            await bus.settled()
        assert len(bus.handled("healthy")) == 3
        assert len(await bus.dlq("broken").list()) == 3


async def test_reject_dead_letters_at_once() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def strict(order: Placed) -> None:
        raise RejectError("no such customer")

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (letter,) = await bus.dlq("strict").list()
    assert (letter.reason, letter.error, letter.attempts) == ("rejected", "no such customer", 1)


async def test_a_payload_that_does_not_fit_is_dead_lettered_at_once_with_its_place() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def never(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Event("shop", "Placed", {"order_id": ["secret"]}))
        await bus.settled()
        (letter,) = await bus.dlq("never").list()
        assert bus.handled("never") == []
    assert (letter.reason, letter.attempts) == ("contract-violated", 1)
    assert letter.error == "at /order_id: Input should be a valid string"


async def test_an_end_of_an_inner_task_that_escapes_the_handler_is_a_failure() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=1))
    async def leaky(order: Placed) -> None:
        raise asyncio.CancelledError

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (letter,) = await bus.dlq("leaky").list()
    assert letter.error.startswith("CancelledError")


async def test_a_failing_thread_is_retried_like_a_failing_task() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    def flaky(order: Placed, delivery: Delivery) -> None:
        if delivery.attempt == 1:
            raise OSError

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.handled(flaky) == [ORDER]


async def test_when_the_dead_letter_queue_is_full_the_event_stays() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=1))
    async def broken(order: Placed) -> None:
        raise RuntimeError

    async with TestBus(router, options={"capacity": 1}) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        await bus.publish(ORDER)
        while not bus.counts("broken").lost:
            await asyncio.sleep(0)
        depth = await bus.depth("broken")
    assert (depth.dead, depth.outstanding) == (1, 1)


async def test_every_attempt_has_an_outcome() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=2))
    async def broken(order: Placed) -> None:
        raise RuntimeError("twice")

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        outcomes = bus.outcomes("broken")
    assert [one.kind for one in outcomes] == [OutcomeKind.RETRIED, OutcomeKind.DEAD_LETTERED]
    assert [str(one.error) for one in outcomes] == ["twice", "twice"]


async def test_failures_are_logged_with_subscription_attempt_and_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=2))
    async def broken(order: Placed) -> None:
        raise RuntimeError("provider is down")

    with caplog.at_level(logging.WARNING, "eventroute"):
        async with TestBus(router) as bus:
            await bus.publish(ORDER, id="e-1")
            await bus.settled()
    first, last = caplog.records
    assert first.getMessage().startswith("r.broken: attempt 1 of event e-1 failed; again in ")
    assert last.getMessage() == "r.broken: event e-1 is dead-lettered after attempt 2"
    assert last.exc_info is not None


async def test_the_same_seed_draws_the_same_delays() -> None:
    async def moments(seed: int) -> list[float]:
        router = Router("r")
        bus = TestBus(router, seed=seed)
        seen: list[float] = []

        @router.subscribe(Placed, retry=Retry(attempts=5))
        async def broken(order: Placed) -> None:
            seen.append(bus.clock.now())
            raise RuntimeError

        async with bus:
            await bus.publish(ORDER)
            await bus.settled()
        return seen

    assert await moments(1) == await moments(1)
    assert await moments(1) != await moments(2)


async def test_an_error_in_a_validator_is_a_failed_attempt_and_not_the_end_of_the_bus() -> None:
    router = Router("r")

    @router.subscribe(Fragile, retry=Retry(attempts=2))
    async def handle(fragile: Fragile) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Event("shop", "Fragile", {"order_id": "7"}))
        await bus.settled()
        (letter,) = await bus.dlq("handle").list()
    assert (letter.reason, letter.error, letter.attempts) == (
        "attempts-exhausted",
        "OSError: the lookup table is gone",
        2,
    )


async def test_a_validation_error_of_the_handler_itself_is_a_failed_attempt() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=2))
    async def handle(order: Placed) -> None:
        Placed.model_validate({"order_id": 7})

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (letter,) = await bus.dlq("handle").list()
    assert (letter.reason, letter.attempts) == ("attempts-exhausted", 2)


async def test_a_model_that_is_not_complete_is_refused_when_the_bus_opens() -> None:
    @event("shop", "Unfinished")
    class Unfinished(BaseModel):
        other: Nowhere  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore

    router = Router("r")

    @router.subscribe(Unfinished)
    async def handle(payload: Unfinished) -> None: ...

    with pytest.raises(DeclarationError, match="Unfinished cannot be read yet: 'Nowhere' is not"):
        async with TestBus(router):
            pass


async def test_attempts_that_never_come_to_an_end_are_counted_too() -> None:
    router = Router("r")
    bus = TestBus(router)
    calls: list[int] = []

    @router.subscribe(Placed, retry=Retry(attempts=2))
    async def deadly(order: Placed, delivery: Delivery) -> None:
        calls.append(delivery.attempt)

    plain = EventBus(clock=bus.clock)
    plain.include(router)
    async with plain:
        await plain.publish(ORDER)
        for attempt in (1, 2):  # two workers take the event and die
            (delivery,) = await plain.adapter.receive("r.deadly", limit=1, wait=0)
            assert delivery.attempt == attempt
            bus.clock.advance_to(bus.clock.now() + 30)
        await plain.run(handle_signals=False, until_empty=True)
        (letter,) = await plain.dlq("deadly").list()
    assert calls == []
    assert letter.reason == "attempts-exhausted"
    assert letter.error.startswith("attempt 2 did not come to an end")
    assert letter.attempts == 2


async def test_an_event_that_is_no_json_after_all_is_dead_lettered_as_undecodable() -> None:
    router = Router("r")

    @router.subscribe({"source": [{"exists": True}]})
    async def handle(event: Event) -> None: ...

    async with TestBus(router) as bus:
        text = b'{"id":"1","source":"s","detail-type":"T","detail":{"a":"\xff"}}'
        await bus.publish(Event.from_trusted_json(text))
        await bus.settled()
        (letter,) = await bus.dlq("handle").list()
    assert (letter.reason, letter.body) == ("undecodable", text)
