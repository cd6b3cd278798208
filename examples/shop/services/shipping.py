"""Sends parcels."""

from __future__ import annotations

from eventroute import Delivery, Retry, Router
from examples.shop.events import OrderPlaced

router = Router("shipping")


@router.subscribe(OrderPlaced, retry=Retry(attempts=4, first=0.02))
async def dispatch(order: OrderPlaced, delivery: Delivery) -> None:
    """Book a courier, who answers only when called twice for Korea."""
    if order.country == "KR" and delivery.attempt == 1:
        raise TimeoutError("the courier did not answer")
