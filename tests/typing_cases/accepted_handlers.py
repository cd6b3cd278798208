"""Handlers that type checkers must accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_type

from pydantic import BaseModel

from eventroute import (
    Batch,
    BatchError,
    CircuitBreaker,
    Delivery,
    Event,
    EventBus,
    Health,
    Pattern,
    PatternIndex,
    Publisher,
    RateLimit,
    Retry,
    Router,
    event,
)
from eventroute.testing import TestBus


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


router = Router("r")


@router.subscribe(Placed)
async def payload(order: Placed) -> None: ...


@router.subscribe(Placed, where={"order_id": [{"prefix": "1"}]}, ordered_by="order_id")
def payload_first(order: Placed, delivery: Delivery, *, whole: Event) -> None: ...


@router.subscribe(Placed)
async def payload_last(whole: Event, delivery: Delivery, order: Placed) -> int:
    return delivery.attempt


@router.subscribe(Placed)
async def a_base_class(order: BaseModel, bus: Publisher) -> None: ...


@router.subscribe(Placed)
async def the_bus(order: Placed, bus: EventBus) -> None: ...


@router.subscribe(Placed)
async def no_payload(whole: Event, bus: Publisher) -> None: ...


@router.subscribe(Placed)
def nothing() -> None: ...


@router.subscribe(Placed, batch=Batch(size=20, wait=1), timeout=30)
async def many(orders: list[Placed], deliveries: list[Delivery]) -> None: ...


@router.subscribe(Placed, rate=RateLimit(100, per=60), breaker=CircuitBreaker(on=(OSError,)))
async def sequence(orders: Sequence[Placed], bus: Publisher) -> None:
    if orders:
        raise BatchError({0: ValueError()})


@router.subscribe(Placed, retry=Retry.fixed(5, attempts=3, dead_letter_on=(TypeError,)))
def whole_events(events: list[Event]) -> None: ...


@router.subscribe({"source": ["aws.s3"]}, retry=Retry.none())
def untyped_many(events: list[Event], deliveries: list[Delivery]) -> None: ...


@router.subscribe({"source": ["aws.s3"]})
def untyped(event: Event) -> None: ...


@router.subscribe(Pattern('{"source": ["aws.s3"]}'))
async def untyped_with_model(payload: Placed, event: Event) -> None: ...


async def use(bus: EventBus, tested: TestBus) -> None:
    assert_type(await bus.publish(Placed(order_id="1")), Event)
    assert_type(await bus.publish_many([Placed(order_id="1"), Event("s", "T", {})]), list[Event])
    assert_type(tested.handled(payload), list[object])
    await bus.publish(Placed(order_id="1"), headers={"a": "b"}, delay=5)
    await bus.publish_many([Placed(order_id="1")], at=datetime.max)
    await many([Placed(order_id="1")], [])
    assert_type(bus.health(), dict[str, Health])
    await payload(Placed(order_id="1"))
    assert_type(
        await payload_last(Event("s", "T", {}), Delivery("q", b"", 1, 0, 1), Placed(order_id="1")),
        int,
    )
    payload_first(Placed(order_id="1"), Delivery("q", b"", 1, 0, 1), whole=Event("s", "T", {}))


assert_type(Placed(order_id="1").order_id, str)
index: PatternIndex[str] = PatternIndex()
assert_type(index.match({}), list[str])
