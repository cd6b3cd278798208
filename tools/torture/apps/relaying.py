"""A relay from the outbox of the application to the backend; it runs until it is killed."""

from __future__ import annotations

import logging

import anyio

from eventroute import EventBus
from eventroute.outbox import Relay
from tools.torture.apps import leash
from tools.torture.apps.orders import BATCH, LEASE, OUTBOX, engine_of, folder

__all__: list[str] = []


async def _main() -> None:
    options = {"path": str(folder() / "events.db"), "busy_timeout": 30}
    engine = engine_of(folder() / "shop.db")
    async with EventBus("sqlite", options=options) as bus:
        relay = Relay(engine, OUTBOX, bus, batch=BATCH, poll_interval=0.01, lease=LEASE)
        logging.getLogger(__name__).info("relaying")
        await relay.run()


if __name__ == "__main__":
    leash.hold()
    logging.basicConfig(level=logging.INFO)
    anyio.run(_main)
