"""The version that an event names travels over the wire of each service."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydantic import BaseModel

from eventroute import Delivery, Event, EventBus, Retry, Router, downcast, event, upcast
from eventroute.port import VERSION
from eventroute.registry import ContractPolicy, MemoryRegistry
from tools.emulators import Emulator


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced1(BaseModel):
    order_id: str


@event("shop.orders", "OrderPlaced", version=2)
class OrderPlaced(BaseModel):
    order_id: str
    country: str


@upcast
def with_country(old: OrderPlaced1) -> OrderPlaced:
    return OrderPlaced(order_id=old.order_id, country="KR")


@downcast
def without_country(new: OrderPlaced) -> OrderPlaced1:
    return OrderPlaced1(order_id=new.order_id)


def options(emulator: Emulator, account: str) -> dict[str, object]:
    quick = {"poll_wait": 1, "linger": 0.001, "fan_out_lag": 0.2}
    return {**emulator.options(account), **quick, "prefix": "shop"}


async def worked_off(
    backend: str, given: Mapping[str, object]
) -> tuple[list[BaseModel], list[tuple[Event, int | None, dict[str, str]]]]:
    """What typed handlers and an untyped one get of both versions, after a redrive too."""
    router = Router("shop")
    typed: list[BaseModel] = []
    seen: list[tuple[Event, int | None, dict[str, str]]] = []
    broken = [True]

    @router.subscribe(OrderPlaced1)
    async def first(order: OrderPlaced1) -> None:
        typed.append(order)

    @router.subscribe(OrderPlaced, retry=Retry(attempts=1))
    async def second(order: OrderPlaced) -> None:
        if broken:
            raise ConnectionError
        typed.append(order)

    @router.subscribe({"source": ["shop.orders"]})
    async def untyped(event: Event, delivery: Delivery) -> None:
        seen.append((event, delivery.version, dict(delivery.headers)))

    contracts = ContractPolicy(MemoryRegistry([OrderPlaced1, OrderPlaced]))
    bus = EventBus(backend, options=given, contracts=contracts)
    bus.include(router)
    async with bus:
        await bus.publish(OrderPlaced1(order_id="1"))
        await bus.publish(OrderPlaced(order_id="2", country="JP"), headers={"trace": "7"})
        await bus.run(handle_signals=False, until_empty=True)
        letters = await bus.dead_letters("second")
        assert {one.headers.get(VERSION) for one in letters} == {None, "2"}
        broken.clear()
        await bus.dlq("second").redrive()
        await bus.run(handle_signals=False, until_empty=True)
    return sorted(typed, key=repr), sorted(seen, key=lambda one: one[0].detail["order_id"])


@pytest.mark.parametrize("backend", ["sns", "eventbridge"])
async def test_a_version_survives_the_wire_a_dead_letter_and_a_redrive(
    backend: str, running_ministack: Emulator, account: str
) -> None:
    typed, seen = await worked_off(backend, options(running_ministack, account))
    assert typed == [
        OrderPlaced(order_id="1", country="KR"),
        OrderPlaced(order_id="2", country="JP"),
        OrderPlaced1(order_id="1"),
        OrderPlaced1(order_id="2"),
    ]
    assert [(version, headers) for _, version, headers in seen] == [
        (None, {}),
        (2, {"trace": "7"}),
    ]
    assert [event.contract_version for event, *_ in seen] == [None, 2]
