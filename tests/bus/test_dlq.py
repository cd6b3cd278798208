"""``bus.dlq(...)``: an event that died is delivered again once its handler is repaired."""

from __future__ import annotations

import pytest

from eventroute import Event, EventBus, Retry, Router
from eventroute.errors import NotOpenError
from eventroute.testing import TestBus


class Shop:
    """A handler that fails until it is repaired."""

    def __init__(self) -> None:
        self.router = Router("billing")
        self.repaired = False
        self.router.subscribe({"source": ["shop"]}, name="invoice", retry=Retry(attempts=2))(
            self.invoice
        )

    async def invoice(self, event: Event) -> None:
        if not self.repaired:
            raise ConnectionError(f"no paper for {event.id}")


async def test_a_redriven_event_is_handled_after_the_repair() -> None:
    shop = Shop()
    async with TestBus(shop.router) as bus:
        event = await bus.publish(Event("shop", "T", {"n": 1}))
        await bus.settled()
        assert (await bus.dlq("invoice").show(event_id=event.id)).attempts == 2
        shop.repaired = True
        assert str(await bus.dlq("invoice").redrive()) == "1 redriven"
        await bus.settled()
        assert bus.handled("invoice") == [event]
        assert await bus.dlq("invoice").list() == []


async def test_redriving_all_ends_while_the_handler_still_fails() -> None:
    shop = Shop()
    async with TestBus(shop.router) as bus:
        await bus.publish_many(Event("shop", "T", {"n": n}) for n in range(250))
        await bus.settled()
        report = await bus.dlq("invoice").redrive(rate=100)
        assert str(report) == "250 redriven"
        await bus.settled()
        assert (await bus.depth("invoice")).dead == 250


async def test_the_dead_letters_of_a_bus_that_is_not_open_are_out_of_reach() -> None:
    bus = EventBus()
    bus.include(Shop().router)
    with pytest.raises(NotOpenError, match="async with bus"):
        bus.dlq("invoice")


async def test_a_subscription_that_does_not_exist_has_no_dead_letters() -> None:
    async with TestBus(Shop().router) as bus:
        with pytest.raises(LookupError, match=r"there are billing.invoice"):
            bus.dlq("invoices")
