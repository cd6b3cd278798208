"""Discovery beside an application, in its own process."""

from __future__ import annotations

from eventroute import Event, EventBus, Router
from eventroute.discovery import Discovery
from eventroute.registry import Inference
from eventroute.testing import TestBus


def app() -> Router:
    router = Router("billing")

    @router.subscribe({"source": ["shop.orders"]})
    async def invoice(event: Event) -> None:
        """Handles nothing."""

    return router


async def test_every_event_is_seen_whoever_subscribes_to_it() -> None:
    discovery = Discovery()
    async with TestBus(app(), discovery.router) as bus:
        await bus.publish(Event("shop.orders", "Placed", {"n": 1}))
        await bus.publish(Event("elsewhere", "Moved", {"to": "x"}))
        await bus.settled()
        assert len(bus.handled("invoice")) == 1

    assert [str(one) for one in discovery.inference.contracts()] == [
        "elsewhere/Moved/1",
        "shop.orders/Placed/1",
    ]


async def test_a_pattern_says_which_events_are_seen() -> None:
    discovery = Discovery({"detail": {"country": ["KR"]}})
    async with TestBus(discovery.router) as bus:
        for country in ("KR", "DE"):
            await bus.publish(Event("shop.orders", country, {"country": country}))
        await bus.settled()
    assert list(discovery.inference) == [("shop.orders", "KR")]


async def test_an_inference_can_be_continued() -> None:
    inference = Inference()
    inference.add(Event("shop.orders", "Placed", {"n": 1}))
    discovery = Discovery(inference=inference)
    async with TestBus(discovery.router) as bus:
        await bus.publish(Event("shop.orders", "Placed", {"n": "x"}))
        await bus.settled()
    assert discovery.inference.samples("shop.orders", "Placed") == 2


async def test_it_can_be_added_to_an_open_bus_and_removed_again() -> None:
    discovery = Discovery()
    bus = EventBus("memory")
    bus.include(app())
    async with bus:
        await bus.add(discovery.router)
        assert [one.subscription.name for one in bus.subscribers] == [
            "billing.invoice",
            Discovery.SUBSCRIPTION,
        ]
        await bus.remove(Discovery.SUBSCRIPTION, drop=True)
        assert [one.subscription.name for one in bus.subscribers] == ["billing.invoice"]


async def test_what_is_told_of_each_event_comes_after_it_was_inferred() -> None:
    seen: list[int] = []
    discovery = Discovery(
        on_event=lambda: seen.append(discovery.inference.samples("shop.orders", "Placed"))
    )
    async with TestBus(discovery.router) as bus:
        for number in range(3):
            await bus.publish(Event("shop.orders", "Placed", {"n": number}))
        await bus.settled()
    assert seen == [1, 2, 3]
