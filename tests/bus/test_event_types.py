"""A bus knows which event types its application declares."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from eventroute import Event, EventBus, Router, event, event_type_of
from eventroute.errors import DeclarationError


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


@event("shop", "Paid")
class Paid(BaseModel):
    order_id: str


def test_published_and_subscribed_types_are_known_once_in_order() -> None:
    router = Router("orders")
    router.publishes(Placed, Paid)
    router.publishes(Placed)

    @router.subscribe(Placed)
    async def handle(event: Event) -> None: ...

    bus = EventBus()
    bus.include(router)
    assert bus.event_types == (event_type_of(Paid), event_type_of(Placed))
    assert bus.routers == (router,)


def test_the_payload_of_a_pattern_subscription_counts() -> None:
    router = Router("orders")

    @router.subscribe({"source": ["shop"]})
    async def handle(order: Placed) -> None: ...

    bus = EventBus()
    bus.include(router)
    assert bus.event_types == (event_type_of(Placed),)


def test_what_is_no_event_type_cannot_be_published() -> None:
    with pytest.raises(DeclarationError, match="BaseModel is not an event type"):
        Router("orders").publishes(BaseModel)
