"""A bus knows which event types its application declares, and that each has one model."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from eventroute import Event, EventBus, Router, event, event_type_of
from eventroute.errors import DeclarationError


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


@event("shop", "Paid")
class Paid(BaseModel):
    order_id: str


def test_published_and_subscribed_types_are_known_once_in_order() -> None:
    router = Router("orders")
    router.publishes(Placed, Paid)
    router.publishes(Placed)

    @router.subscribe(Placed)
    async def handle(event: Event) -> None: ...

    bus = EventBus()
    bus.include(router)
    assert bus.event_types == (event_type_of(Paid), event_type_of(Placed))
    assert bus.routers == (router,)


def test_the_payload_of_a_pattern_subscription_counts() -> None:
    router = Router("orders")

    @router.subscribe({"source": ["shop"]})
    async def handle(order: Placed) -> None: ...

    bus = EventBus()
    bus.include(router)
    assert bus.event_types == (event_type_of(Placed),)


def test_what_is_no_event_type_cannot_be_published() -> None:
    with pytest.raises(DeclarationError, match="BaseModel is not an event type"):
        Router("orders").publishes(BaseModel)


def other_module(name: str) -> type[BaseModel]:
    """The same event type, declared once more elsewhere."""

    class Order(BaseModel):
        order_id: str

    Order.__module__ = name
    return event("shop", "Placed")(Order)


def publishing(name: str, *models: type[BaseModel]) -> Router:
    router = Router(name)
    router.publishes(*models)
    return router


def subscribing(name: str, model: type[BaseModel]) -> Router:
    router = Router(name)

    @router.subscribe(model)
    async def handle(event: Event) -> None: ...

    return router


TWO_MODELS = (
    f"version 1 of 'Placed' of 'shop' is declared by two models, {__name__}.Placed and "
    r"billing\.models\.other_module.*\.Order; keep one of them and import it from there, or give "
    r"one another version=N"
)


def test_two_models_of_one_version_are_refused_when_the_second_is_included() -> None:
    bus = EventBus()
    bus.include(publishing("orders", Placed))
    with pytest.raises(DeclarationError, match=TWO_MODELS):
        bus.include(subscribing("billing", other_module("billing.models")))
    assert [router.name for router in bus.routers] == ["orders"]


def test_two_models_of_one_version_in_one_router_are_refused() -> None:
    bus = EventBus()
    with pytest.raises(DeclarationError, match=TWO_MODELS):
        bus.include(publishing("orders", Placed, other_module("billing.models")))


def test_a_model_of_another_version_is_another_type() -> None:
    @event("shop", "Placed", version=2)
    class Later(BaseModel):
        order_id: str

    bus = EventBus()
    bus.include(publishing("orders", Placed), publishing("billing", Later))
    assert bus.event_types == (event_type_of(Placed), event_type_of(Later))


def test_two_routers_may_know_the_same_model() -> None:
    bus = EventBus()
    bus.include(publishing("orders", Placed), subscribing("billing", Placed))
    assert bus.event_types == (event_type_of(Placed),)


async def test_a_second_model_that_is_declared_after_the_include_is_refused_at_the_start() -> None:
    bus, router = EventBus(), publishing("orders", Placed)
    bus.include(router)
    router.publishes(other_module("billing.models"))
    with pytest.raises(DeclarationError, match=TWO_MODELS):
        async with bus:
            pass


async def test_a_router_with_a_second_model_cannot_be_added_to_an_open_bus() -> None:
    async with EventBus() as bus:
        await bus.add(publishing("orders", Placed))
        with pytest.raises(DeclarationError, match=TWO_MODELS):
            await bus.add(publishing("billing", other_module("billing.models")))
        assert [router.name for router in bus.routers] == ["orders"]


async def test_a_subscriber_with_a_second_model_cannot_be_added_to_an_open_bus() -> None:
    router = publishing("orders", Placed)
    bus = EventBus()
    bus.include(router)
    async with bus:
        router.subscribe(other_module("billing.models"), name="late")(lambda: None)
        with pytest.raises(DeclarationError, match=TWO_MODELS):
            await bus.add(router)
