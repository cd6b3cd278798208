"""Routes: what the backend hands to a target by itself."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from eventroute import Event, EventBus, Router, event
from eventroute.errors import DeclarationError, NameNotFoundError, UnsupportedError
from eventroute.targets import (
    ApiDestination,
    InputTransformer,
    LambdaFunction,
    LogGroup,
    SnsTopic,
    SqsQueue,
    StateMachine,
    Target,
)
from eventroute.testing import TestBus

pytestmark = pytest.mark.anyio

THUMBNAIL = LambdaFunction("arn:aws:lambda:eu-west-1:111122223333:function:thumbnail")
ROLE = "arn:aws:iam::111122223333:role/events"
ALARMS = SnsTopic("arn:aws:sns:eu-west-1:111122223333:alarms")
UPLOADED = {"source": ["shop.uploads"]}


@event("shop.orders", "OrderPlaced")
class OrderPlaced(BaseModel):
    order_id: str
    total: int = 0


def upload(number: int = 1) -> Event:
    return Event("shop.uploads", "Uploaded", {"number": number}, id=str(number))


async def test_the_target_of_a_route_is_due_what_matches() -> None:
    bus = TestBus()
    bus.route(UPLOADED, to=THUMBNAIL)
    async with bus:
        await bus.publish(upload())
        await bus.publish(Event("shop.orders", "Uploaded", {}))
        assert [one.id for one in bus.routed("thumbnail")] == ["1"]


async def test_a_route_may_be_declared_for_an_event_type_and_its_content() -> None:
    bus = TestBus()
    bus.route(OrderPlaced, where={"total": [{"numeric": [">=", 1000]}]}, to=ALARMS)
    async with bus:
        await bus.publish(OrderPlaced(order_id="small", total=1))
        await bus.publish(OrderPlaced(order_id="large", total=1000))
        assert [one.detail["order_id"] for one in bus.routed("alarms")] == ["large"]


async def test_a_route_of_a_router_carries_its_name() -> None:
    router = Router("images")
    router.route(UPLOADED, to=THUMBNAIL, name="small")
    async with TestBus(router) as bus:
        await bus.publish(upload())
        assert len(bus.routed("images.small")) == 1


async def test_a_delayed_event_is_due_to_a_target_when_its_time_has_come() -> None:
    bus = TestBus()
    bus.route(UPLOADED, to=THUMBNAIL)
    async with bus:
        await bus.publish(upload(), delay=60)
        early = bus.routed("thumbnail")
        bus.clock.advance_to(bus.clock.now() + 60)
        assert (early, len(bus.routed("thumbnail"))) == ([], 1)


async def test_routes_of_a_router_that_is_added_later_take_effect() -> None:
    router = Router("images")
    router.route(UPLOADED, to=THUMBNAIL)
    async with TestBus() as bus:
        await bus.add(router)
        await bus.publish(upload())
        assert len(bus.routed("images.thumbnail")) == 1


async def test_memory_keeps_only_the_latest_events_of_routes() -> None:
    bus = TestBus(options={"routed": 2})
    bus.route(UPLOADED, to=THUMBNAIL)
    async with bus:
        for number in range(5):
            await bus.publish(upload(number))
        assert [one.id for one in bus.routed("thumbnail")] == ["3", "4"]


async def test_an_unknown_route_is_named() -> None:
    bus = TestBus()
    bus.route(UPLOADED, to=THUMBNAIL)
    async with bus:
        with pytest.raises(NameNotFoundError, match="did you mean 'thumbnail'"):
            bus.routed("thumbnai")


async def test_a_route_of_a_router_may_be_named_in_short() -> None:
    router = Router("images")
    router.route(UPLOADED, to=THUMBNAIL)
    async with TestBus(router) as bus:
        await bus.publish(upload())
        assert len(bus.routed("thumbnail")) == 1


async def test_a_backend_without_such_targets_refuses_the_route(tmp_path: object) -> None:
    bus = EventBus("sqlite", options={"path": f"{tmp_path}/events.db"})
    bus.route(UPLOADED, to=THUMBNAIL)
    with pytest.raises(UnsupportedError, match=r"'thumbnail' leads to a lambda-function.*none"):
        await bus.__aenter__()


async def test_routes_are_declared_before_the_bus_is_opened() -> None:
    async with TestBus() as bus:
        with pytest.raises(DeclarationError, match="before the bus is opened"):
            bus.route(UPLOADED, to=THUMBNAIL)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"to": "arn:aws:sns:eu-west-1:111122223333:alarms"}, "give a target"),
        ({"to": ALARMS, "input": "text"}, "write InputTransformer"),
        ({"to": ALARMS, "dead_letter_queue": "letters"}, "ARN of a standard SQS queue"),
        ({"to": ALARMS, "name": "no good"}, "cannot name a route"),
        ({"to": ALARMS, "where": {"total": [1]}}, "put the conditions into the pattern"),
    ],
)
def test_what_cannot_be_a_route_is_refused_where_it_is_declared(
    arguments: dict[str, object], told: str
) -> None:
    with pytest.raises(DeclarationError, match=told):
        EventBus().route(UPLOADED, **arguments)  # type: ignore[arg-type]  # that is the test


@pytest.mark.parametrize("owner", [EventBus(), Router("images")])
def test_two_routes_have_two_names(owner: EventBus | Router) -> None:
    owner.route(UPLOADED, to=THUMBNAIL)
    with pytest.raises(DeclarationError, match="already"):
        owner.route({"source": ["other"]}, to=THUMBNAIL)


async def test_a_route_cannot_have_the_name_of_a_subscription() -> None:
    router = Router("images")
    router.route(UPLOADED, to=THUMBNAIL, name="small", input=InputTransformer("<aws.events.event>"))

    @router.subscribe(UPLOADED, name="small")
    async def small(event: Event) -> None: ...

    with pytest.raises(DeclarationError, match=r"or routes are named 'images\.small'"):
        await TestBus(router).__aenter__()


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (LambdaFunction("arn:aws:lambda:eu-west-1:111122223333:function:thumbs"), "thumbs"),
        (LambdaFunction("arn:aws:lambda:eu-west-1:111122223333:function:thumbs:live"), "thumbs"),
        (
            ApiDestination(
                "arn:aws:events:eu-west-1:111122223333:api-destination/crm/1111-2222",
                ROLE,
            ),
            "crm",
        ),
        (SqsQueue("arn:aws:sqs:eu-west-1:111122223333:steps.fifo", "all"), "steps"),
        (LogGroup("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/events/shop"), "shop"),
        (
            StateMachine(
                "arn:aws:states:eu-west-1:111122223333:stateMachine:pay",
                ROLE,
            ),
            "pay",
        ),
    ],
)
def test_a_route_is_named_after_its_target(target: Target, name: str) -> None:
    router = Router("shop")
    router.route({"source": ["a"]}, to=target)
    assert [one.name for one in router.routes] == [f"shop.{name}"]
