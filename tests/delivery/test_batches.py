"""Handlers that take several events at once."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest
from pydantic import BaseModel

from eventroute import (
    Batch,
    BatchError,
    Delivery,
    Event,
    EventBus,
    Publisher,
    RejectError,
    Retry,
    Router,
    event,
)
from eventroute.errors import DeclarationError
from eventroute.testing import TestBus

from .line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


def orders(*names: str) -> list[Placed]:
    return [Placed(order_id=name) for name in names]


def names(batch: Sequence[Placed]) -> str:
    return "".join(order.order_id for order in batch)


async def test_a_batch_has_at_most_its_size() -> None:
    router = Router("r")
    seen: list[str] = []

    @router.subscribe(Placed, batch=Batch(size=3))
    async def handle(batch: list[Placed]) -> None:
        seen.append(names(batch))

    async with TestBus(router) as bus:
        await bus.publish_many(orders(*"abcdefgh"))
        await bus.settled()
        assert bus.handled("handle") == orders(*"abcdefgh")
    assert seen == ["abc", "def", "gh"]


async def test_lists_beside_each_other_are_in_step() -> None:
    router = Router("r")
    seen: list[tuple[str, str, int]] = []

    @router.subscribe(Placed)
    async def handle(
        batch: Sequence[Placed], events: Sequence[Event], bus: Publisher, tries: list[Delivery]
    ) -> None:
        for one, order, delivery in zip(events, batch, tries, strict=True):
            assert delivery.event == one
            seen.append((one.detail["order_id"], order.order_id, delivery.attempt))

    async with TestBus(router) as bus:
        await bus.publish_many(orders("a", "b"))
        await bus.settled()
    assert seen == [("a", "a", 1), ("b", "b", 1)]


async def test_a_batch_waits_to_be_filled_but_no_longer_than_it_may() -> None:
    router = Router("r")
    bus = TestBus(router)
    seen: list[tuple[float, str]] = []

    @router.subscribe(Placed, batch=Batch(size=3, wait=10))
    async def handle(batch: list[Placed]) -> None:
        seen.append((bus.clock.now(), names(batch)))

    async with bus:
        await bus.publish_many(orders("a", "b"))
        await anyio.wait_all_tasks_blocked()
        bus.clock.advance_to(4)
        assert seen == []
        await bus.publish_many(orders(*"cde"))
        await bus.settled()
    assert seen == [(4, "abc"), (14, "de")]


async def test_a_plain_function_takes_a_batch_in_a_thread() -> None:
    router = Router("r")
    seen: list[str] = []

    @router.subscribe(Placed)
    def handle(batch: list[Placed]) -> None:
        seen.append(names(batch))

    async with TestBus(router) as bus:
        await bus.publish_many(orders("a", "b"))
        await bus.settled()
    assert seen == ["ab"]


async def test_a_batch_that_raises_fails_whole_each_event_by_its_own_attempt() -> None:
    router = Router("r")
    seen: list[list[tuple[str, int]]] = []

    @router.subscribe(Placed, retry=Retry.fixed(1, attempts=2))
    async def handle(batch: list[Placed], tries: list[Delivery]) -> None:
        seen.append([(o.order_id, d.attempt) for o, d in zip(batch, tries, strict=True)])
        if len(seen) < 3:
            raise ConnectionError

    async with TestBus(router) as bus:
        await bus.publish(Placed(order_id="a"))
        await anyio.wait_all_tasks_blocked()
        await bus.publish(Placed(order_id="b"), delay=1)
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert letter.attempts == 2
    assert [sorted(batch) for batch in seen] == [[("a", 1)], [("a", 2), ("b", 1)], [("b", 2)]]


async def test_only_the_events_that_a_batch_names_are_tried_again() -> None:
    router = Router("r")
    seen: list[str] = []

    @router.subscribe(Placed)
    async def handle(batch: list[Placed]) -> None:
        seen.append(names(batch))
        if len(seen) == 1:
            raise BatchError({1: ConnectionError("down"), 2: RejectError("never")})

    async with TestBus(router) as bus:
        await bus.publish_many(orders(*"abcd"))
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
        assert bus.handled("handle") == orders("a", "d", "b")
    assert (letter.reason, b'"c"' in letter.body) == ("rejected", True)
    assert seen == ["abcd", "b"]


async def test_a_batch_that_names_what_it_has_not_fails_whole() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry.none())
    async def handle(batch: list[Placed]) -> None:
        raise BatchError({0: ConnectionError(), 2: ConnectionError()})

    async with TestBus(router) as bus:
        await bus.publish_many(orders("a", "b"))
        await bus.settled()
        letters = await bus.dead_letters("handle")
    assert [letter.error for letter in letters] == [
        "IndexError: BatchError names [2]; the batch has 2 events"
    ] * 2


async def test_what_cannot_be_read_is_dead_lettered_alone() -> None:
    router = Router("r")
    seen: list[str] = []

    @router.subscribe(Placed)
    async def handle(batch: list[Placed]) -> None:
        seen.append(names(batch))

    async with TestBus(router) as bus:
        broken = Event("shop", "Placed", {"order_id": 7})
        await bus.publish_many([*orders("a"), broken, *orders("b")])
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert seen == ["ab"]
    assert letter.reason == "contract-violated"


async def test_a_handler_is_not_called_with_nothing() -> None:
    router = Router("r")
    called: list[int] = []

    @router.subscribe(Placed)
    async def handle(batch: list[Placed]) -> None:
        called.append(len(batch))

    async with TestBus(router) as bus:
        await bus.publish(Event("shop", "Placed", {}))
        await bus.settled()
    assert called == []


async def test_a_batch_that_is_cut_short_is_given_back_whole() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def stuck(batch: list[Placed]) -> None:
        bus.stop()
        await anyio.sleep_forever()

    bus = EventBus(grace=0)
    bus.include(router)
    async with bus:
        await bus.publish_many(orders("a", "b", "c"))
        await bus.run(handle_signals=False)
        assert (await bus.depth("stuck")).ready == 3
    assert bus.counts("stuck").released == 3


async def test_what_was_gathered_when_the_worker_stops_is_given_back() -> None:
    router = Router("r")

    @router.subscribe(Placed, batch=Batch(size=9, wait=60))
    async def handle(batch: list[Placed]) -> None: ...

    line = Line()
    bus = bus_on(line, router)
    async with bus:
        await bus.publish_many(orders("a", "b"))
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: bus.run(handle_signals=False))
            await anyio.wait_all_tasks_blocked()
            assert (await bus.depth("handle")).in_flight == 2
            bus.stop()
        assert (await bus.depth("handle")).ready == 2


async def test_several_batches_are_handled_side_by_side() -> None:
    router = Router("r")
    both = anyio.Event()
    seen: list[str] = []

    @router.subscribe(Placed, batch=Batch(size=2), concurrency=2)
    async def handle(batch: list[Placed]) -> None:
        seen.append(names(batch))
        if len(seen) == 2:
            both.set()
        await both.wait()

    async with TestBus(router) as bus:
        await bus.publish_many(orders(*"abcd"))
        await bus.settled()
    assert seen == ["ab", "cd"]


def test_lists_and_single_events_do_not_mix() -> None:
    with pytest.raises(DeclarationError, match="'delivery' is no list, unlike one before it"):

        @Router("r").subscribe(Placed)
        async def handle(batch: list[Placed], delivery: Delivery) -> None: ...


def test_a_batch_needs_a_handler_that_takes_lists() -> None:
    with pytest.raises(DeclarationError, match=r"list\[Event\]"):

        @Router("r").subscribe(Placed, batch=Batch())
        async def handle(order: Placed) -> None: ...


def test_a_list_of_another_type_contradicts_the_subscription() -> None:
    class Other(BaseModel):
        pass

    with pytest.raises(DeclarationError, match="asks for Other"):

        @Router("r").subscribe(Placed)  # type: ignore[arg-type]  # pyright: ignore
        async def handle(batch: list[Other]) -> None: ...


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"size": True}, {"wait": -1}, {"wait": float("nan")}]
)
def test_numbers_that_cannot_work_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(DeclarationError, match=next(iter(options))):
        Batch(**options)  # type: ignore[arg-type]  # pyright: ignore
