"""Handlers that type checkers must reject: each marked line, and no other."""

from __future__ import annotations

from pydantic import BaseModel

from eventroute import Delivery, Event, EventBus, Router, event


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


@event("shop", "Cancelled")
class Cancelled(BaseModel):
    order_id: str


router = Router("r")


@router.subscribe(Placed)  # rejected
async def other_type(order: Cancelled) -> None: ...


@router.subscribe(Placed)  # rejected
async def other_type_first(order: Cancelled, delivery: Delivery) -> None: ...


@router.subscribe(Placed)  # rejected
def other_type_last(whole: Event, order: Cancelled) -> None: ...


@router.subscribe(Placed)  # rejected
def not_a_model(order: int) -> None: ...


@router.subscribe(Placed)  # rejected
async def other_types(orders: list[Cancelled]) -> None: ...


@router.subscribe(Placed)  # rejected
def a_tuple(orders: tuple[Placed, ...], delivery: Delivery) -> None: ...


async def publish(bus: EventBus) -> None:
    await bus.publish({"order_id": "1"})  # rejected
    await bus.publish(Placed)  # rejected
