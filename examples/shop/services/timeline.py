"""Shows customers where their order is: each order's steps in their order."""

from __future__ import annotations

from collections import defaultdict

from eventroute import Delivery, Retry, Router
from examples.shop.events import OrderMoved

router = Router("timeline")

steps: defaultdict[str, list[str]] = defaultdict(list)


@router.subscribe(OrderMoved, ordered_by="order_id", retry=Retry(attempts=3, first=0.02))
async def show(move: OrderMoved, delivery: Delivery) -> None:
    """Append a step. Even when a step needs a second attempt, the next one waits for it."""
    if move.step == 2 and delivery.attempt == 1:
        raise BlockingIOError("the page is being rebuilt")
    steps[move.order_id].append(f"{move.step} {move.status}")
