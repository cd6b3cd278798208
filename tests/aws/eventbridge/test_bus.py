"""An application on an event bus, over the wire."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from pydantic import BaseModel

from eventroute import Delivery, Event, EventBus, Router, event
from eventroute.backend_options import read_table
from eventroute.errors import UnsupportedError
from eventroute_aws.clients import Clients
from eventroute_aws.options import EventBridgeOptions
from tools.emulators import Emulator


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced(BaseModel):
    order_id: str
    total: Decimal


def options(emulator: Emulator, account: str) -> dict[str, object]:
    quick = {"poll_wait": 1, "linger": 0.001, "fan_out_lag": 0.2}
    return {**emulator.options(account), **quick, "bus": "shop"}


async def test_a_typed_event_reaches_the_handlers_whose_pattern_matches(
    running_ministack: Emulator, account: str
) -> None:
    router = Router("shop")
    handled: list[tuple[str, OrderPlaced, bytes]] = []

    @router.subscribe(OrderPlaced)
    async def invoice(order: OrderPlaced, delivery: Delivery) -> None:
        handled.append(("invoice", order, delivery.body))

    @router.subscribe(OrderPlaced, where={"total": [{"numeric": [">", 1000]}]})
    async def review(order: OrderPlaced, delivery: Delivery) -> None:
        handled.append(("review", order, delivery.body))

    bus = EventBus("eventbridge", options=options(running_ministack, account))
    bus.include(router)
    orders = [OrderPlaced(order_id="1", total=Decimal("12.50"))]
    orders.append(OrderPlaced(order_id="2", total=Decimal(1250)))
    async with bus:
        for order in orders:
            await bus.publish(order)
        await bus.run(until_empty=True)
    assert sorted((name, order.order_id) for name, order, _ in handled) == [
        ("invoice", "1"),
        ("invoice", "2"),
        ("review", "2"),
    ]
    assert all(order in orders for _, order, _ in handled)
    assert not any(b"_eventroute" in body for _, _, body in handled)


async def test_an_event_of_somebody_else_on_the_bus_is_handled_as_it_is(
    running_ministack: Emulator, account: str
) -> None:
    given = options(running_ministack, account)
    router = Router("shop")
    handled: list[Event] = []

    @router.subscribe({"source": ["partner.mail"]})
    async def mail(event: Event) -> None:
        handled.append(event)

    bus = EventBus("eventbridge", options=given)
    bus.include(router)
    clients = Clients(read_table(EventBridgeOptions, "eventbridge", given))
    async with bus:
        await clients.open()
        try:
            events = await clients.events()
            entry = {"Source": "partner.mail", "DetailType": "Sent", "Detail": '{"n": 1}'}
            answer = await events.put_events(Entries=[{**entry, "EventBusName": "shop"}])  # type: ignore[typeddict-item]  # it is one
        finally:
            await clients.close()
        await bus.run(until_empty=True)
    (found,) = handled
    assert found.id == answer["Entries"][0].get("EventId")
    assert found.detail == {"n": 1}
    assert json.loads(found.to_json())["account"] == account


async def test_an_ordered_subscription_is_refused_when_the_bus_opens(
    running_ministack: Emulator, account: str
) -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced, ordered_by="order_id")
    async def invoice(order: OrderPlaced) -> None:
        """Never called."""

    bus = EventBus("eventbridge", options=options(running_ministack, account))
    bus.include(router)
    with pytest.raises(UnsupportedError, match="invoice"):
        async with bus:
            pass
