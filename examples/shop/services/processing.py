"""Checks what was received, and says what follows from it."""

from __future__ import annotations

from decimal import Decimal

from eventroute import Publisher, Router
from examples.shop.events import OrderMoved, OrderPlaced, OrderReceived

router = Router("processing")
router.publishes(OrderPlaced, OrderMoved)


@router.subscribe(OrderReceived)
async def process(order: OrderReceived, shop: Publisher) -> None:
    """Work out the total and announce the order, then its first steps."""
    await shop.publish(
        OrderPlaced(
            order_id=order.order_id,
            country=order.country,
            total=sum((line.price * line.quantity for line in order.lines), start=Decimal(0)),
            skus=[line.sku for line in order.lines],
        )
    )
    for step, status in enumerate(("confirmed", "packed", "handed over"), start=1):
        await shop.publish(OrderMoved(order_id=order.order_id, step=step, status=status))
