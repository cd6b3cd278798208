"""Looks at large orders: a filter by content."""

from __future__ import annotations

from eventroute import Router
from examples.shop.events import OrderPlaced

router = Router("review")


@router.subscribe(OrderPlaced, where={"total": [{"numeric": [">=", 1000]}]})
async def approve(order: OrderPlaced) -> None:
    """Have a person look at the order."""
