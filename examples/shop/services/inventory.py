"""Keeps the stock."""

from __future__ import annotations

from collections import Counter

from eventroute import Router
from examples.shop.events import OrderPlaced

router = Router("inventory")

reserved: Counter[str] = Counter()


@router.subscribe(OrderPlaced)
def reserve(order: OrderPlaced) -> None:
    """Set the goods aside. A plain function: it runs in a worker thread."""
    reserved.update(order.skus)
