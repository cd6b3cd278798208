"""Writes invoices. The payment provider for Japan is down today."""

from __future__ import annotations

from eventroute import Retry, Router
from examples.shop.events import OrderPlaced

router = Router("billing")


@router.subscribe(OrderPlaced, retry=Retry(attempts=3, first=0.02))
async def invoice(order: OrderPlaced) -> None:
    """Bill the customer."""
    if order.country == "JP":
        raise ConnectionError(f"no answer from the payment provider for order {order.order_id}")
