"""The application: the bus, and the services on it."""

from __future__ import annotations

from pathlib import Path

from eventroute import EventBus
from examples.shop import inbox
from examples.shop.services import billing, inventory, processing, review, shipping, timeline

ROUTERS = (
    inbox.router,
    processing.router,
    inventory.router,
    billing.router,
    shipping.router,
    review.router,
    timeline.router,
)

bus = EventBus.from_config(Path(__file__).parent / "eventroute.toml")
bus.include(*ROUTERS)
