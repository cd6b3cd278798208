"""Applications to write documents of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from pydantic import BaseModel, Field

from eventroute import Event, EventBus, Retry, Router, event
from eventroute.documents import Described, describe
from eventroute.registry import Contract
from eventroute.targets import LambdaFunction

Describe: TypeAlias = Callable[..., Described]


class Address(BaseModel):
    street: str
    zip: str = Field(pattern="^[0-9]{5}$")


@event("shop.orders", "OrderPlaced", version=2)
class OrderPlaced(BaseModel):
    """An order was placed."""

    order_id: str
    total: float = Field(ge=0)
    address: Address | None = None


@event("shop.tracking", "ParcelMoved")
class ParcelMoved(BaseModel):
    """A parcel moved."""

    order_id: str
    step: int


FIRST_ORDER = Contract(
    "shop.orders",
    "OrderPlaced",
    1,
    {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
)
REFUND = Contract("shop.payments", "Refunded", 1, {"type": "object"})


def ignore(event: Event) -> None:
    """Do nothing."""


def make_bus() -> EventBus:
    """Two routers that publish and subscribe, and a route."""
    billing, tracking = Router("billing"), Router("tracking")
    billing.publishes(OrderPlaced)
    billing.subscribe(OrderPlaced, name="invoice", retry=Retry(attempts=3), idempotent=True)(ignore)
    billing.subscribe(
        OrderPlaced,
        where={"total": [{"numeric": [">=", 1000]}]},
        name="review",
        ordered_by="order_id",
    )(ignore)
    tracking.publishes(ParcelMoved)
    tracking.subscribe({"source": [{"prefix": "shop."}]}, name="everything")(ignore)
    tracking.subscribe({"source": ["aws.s3"], "detail-type": ["Object Created"]}, name="uploads")(
        ignore
    )
    bus = EventBus("memory")
    bus.include(billing, tracking)
    add_route(bus)
    return bus


def add_route(bus: EventBus) -> None:
    bus.route(
        ParcelMoved,
        to=LambdaFunction("arn:aws:lambda:eu-west-1:111122223333:function:move"),
        dead_letter_queue="arn:aws:sqs:eu-west-1:111122223333:lost",
    )


@pytest.fixture
def bus() -> EventBus:
    return make_bus()


@pytest.fixture
def described(bus: EventBus) -> Described:
    """That application, with a registry that knows an earlier version and another type."""
    return describe(bus, [FIRST_ORDER, REFUND], title="The shop", version="1.2.3")
