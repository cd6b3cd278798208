"""Sends a morning's orders through the shop and shows what became of them."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from examples.shop.app import bus
from examples.shop.inbox import Inbox
from examples.shop.orders import ORDERS
from examples.shop.report import print_report


async def morning(inbox: Inbox) -> None:
    """Accept every order, then let the services work until they are done."""
    for order in ORDERS:
        inbox.accept(order)
    async with bus:
        await inbox.relay(bus)
        await bus.run(until_empty=True)
        await print_report(bus, inbox, accepted=len(ORDERS))


def main() -> None:
    """Run the demo in a temporary folder."""
    logging.basicConfig(level=logging.CRITICAL)  # the table says it better than the log would
    with TemporaryDirectory() as folder:
        inbox = Inbox(Path(folder) / "inbox.db")
        try:
            anyio.run(morning, inbox)
        finally:
            inbox.close()


if __name__ == "__main__":
    main()
