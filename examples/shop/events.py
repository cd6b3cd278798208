"""What happens in the shop: the event types, declared once."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, Field

from eventroute import event


class Line(BaseModel):
    """One position of an order."""

    sku: str
    quantity: int = Field(ge=1)
    price: Decimal = Field(ge=0)


@event("shop.orders", "OrderReceived", version=1)
class OrderReceived(BaseModel):
    """A customer sent an order; it is stored, and nothing else has happened yet."""

    order_id: str
    country: str = Field(pattern="^[A-Z]{2}$")
    lines: list[Line] = Field(min_length=1)


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced(BaseModel):
    """The order is checked and its total is known."""

    order_id: str
    country: str
    total: Decimal
    skus: list[str]


@event("shop.tracking", "OrderMoved", version=1)
class OrderMoved(BaseModel):
    """The order took a step on its way to the customer. Steps count up from 1."""

    order_id: str
    step: int = Field(ge=1)
    status: str
