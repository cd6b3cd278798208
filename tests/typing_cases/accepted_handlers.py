"""Handlers that type checkers must accept."""

from __future__ import annotations

from typing import assert_type

from pydantic import BaseModel

from eventroute import Delivery, Event, EventBus, Pattern, PatternIndex, Publisher, Router, event
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


@router.subscribe({"source": ["aws.s3"]})
def untyped(event: Event) -> None: ...


@router.subscribe(Pattern('{"source": ["aws.s3"]}'))
async def untyped_with_model(payload: Placed, event: Event) -> None: ...


async def use(bus: EventBus, tested: TestBus) -> None:
    assert_type(await bus.publish(Placed(order_id="1")), Event)
    assert_type(await bus.publish_many([Placed(order_id="1"), Event("s", "T", {})]), list[Event])
    assert_type(tested.handled(payload), list[object])
    await payload(Placed(order_id="1"))
    assert_type(
        await payload_last(Event("s", "T", {}), Delivery("q", b"", 1, 0, 1), Placed(order_id="1")),
        int,
    )
    payload_first(Placed(order_id="1"), Delivery("q", b"", 1, 0, 1), whole=Event("s", "T", {}))


assert_type(Placed(order_id="1").order_id, str)
index: PatternIndex[str] = PatternIndex()
assert_type(index.match({}), list[str])
