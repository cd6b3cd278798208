"""Who is given what."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from pydantic import BaseModel

from eventroute import Delivery, Event, EventBus, Publisher, Router, event
from eventroute.errors import DeclarationError, NotOpenError, PatternError
from eventroute.testing import TestBus


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced(BaseModel):
    order_id: str
    country: str = "DE"
    total: Decimal = Decimal(10)


@event("shop.orders", "OrderCancelled", version=1)
class OrderCancelled(BaseModel):
    order_id: str


LARGE = OrderPlaced(order_id="1", country="KR", total=Decimal(1250))
SMALL = OrderPlaced(order_id="2", total=Decimal("12.50"))


async def test_a_subscription_by_type_receives_that_type() -> None:
    router = Router("billing")

    @router.subscribe(OrderPlaced)
    async def invoice(order: OrderPlaced) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish_many([SMALL, OrderCancelled(order_id="2")])
        await bus.settled()
        assert bus.handled("invoice") == [SMALL]


async def test_events_of_aws_services_may_have_a_type() -> None:
    @event("aws.s3", "Object Created")
    class ObjectCreated(BaseModel):
        bucket: dict[str, str]

    router = Router("uploads")

    @router.subscribe(ObjectCreated, where={"bucket": {"name": ["photos"]}})
    async def thumbnail(created: ObjectCreated) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Event("aws.s3", "Object Created", {"bucket": {"name": "photos"}}))
        await bus.settled()
        assert bus.handled("thumbnail") == [ObjectCreated(bucket={"name": "photos"})]


async def test_where_is_a_pattern_of_the_detail() -> None:
    router = Router("billing")

    @router.subscribe(OrderPlaced, where={"total": [{"numeric": [">=", 1000]}], "country": ["KR"]})
    async def review(order: OrderPlaced) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish_many([SMALL, LARGE])
        await bus.settled()
        assert bus.handled("review") == [LARGE]


async def test_a_whole_pattern_subscribes_to_untyped_events() -> None:
    router = Router("files")

    @router.subscribe({"source": ["aws.s3"], "detail-type": [{"prefix": "Object "}]})
    async def thumbnail(event: Event) -> None: ...

    created = Event("aws.s3", "Object Created", {"bucket": {"name": "b"}})
    async with TestBus(router) as bus:
        await bus.publish_many([created, Event("aws.ec2", "Object Created", {})])
        await bus.settled()
        assert bus.handled(thumbnail) == [created]


async def test_a_pattern_may_be_json_text() -> None:
    router = Router("files")

    @router.subscribe('{"source": ["aws.s3"]}')
    async def every(event: Event) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Event("aws.s3", "X", {}))
        await bus.settled()
        assert len(bus.handled("every")) == 1


async def test_every_matching_subscription_runs_not_only_the_first() -> None:
    one, two = Router("one"), Router("two")

    @one.subscribe(OrderPlaced)
    async def first(order: OrderPlaced) -> None: ...

    @one.subscribe(OrderPlaced)
    async def second(order: OrderPlaced) -> None: ...

    @two.subscribe({"source": ["shop.orders"]})
    async def third(event: Event) -> None: ...

    async with TestBus(one, two) as bus:
        await bus.publish(SMALL)
        await bus.settled()
        assert [len(bus.handled(name)) for name in ("first", "second", "third")] == [1, 1, 1]


async def test_an_event_that_nobody_wants_is_accepted() -> None:
    async with TestBus(Router("empty")) as bus:
        published = await bus.publish(SMALL)
        await bus.settled()
    assert published.detail["order_id"] == "2"


async def test_a_plain_function_runs_in_a_worker_thread() -> None:
    router = Router("billing")
    threads: list[int] = []

    @router.subscribe(OrderPlaced)
    def invoice(order: OrderPlaced) -> None:
        threads.append(threading.get_ident())

    async with TestBus(router) as bus:
        await bus.publish(SMALL)
        await bus.settled()
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_a_plain_function_that_returns_an_awaitable_is_awaited() -> None:
    router = Router("billing")
    done: list[str] = []

    async def work(order: OrderPlaced) -> None:
        done.append(order.order_id)

    @router.subscribe(OrderPlaced, name="indirect")
    def handle(order: OrderPlaced) -> object:
        return work(order)

    async with TestBus(router) as bus:
        await bus.publish(SMALL)
        await bus.settled()
    assert done == ["2"]


async def test_a_handler_is_given_the_payload_the_event_and_the_delivery() -> None:
    router = Router("billing")
    seen: list[tuple[object, ...]] = []

    @router.subscribe(OrderPlaced)
    async def invoice(what: OrderPlaced, whole: Event, attempt: Delivery) -> None:
        seen.append((what, whole.id, attempt.attempt, attempt.subscription))

    async with TestBus(router) as bus:
        published = await bus.publish(SMALL, id="e-1")
        await bus.settled()
    assert published.id == "e-1"
    assert seen == [(SMALL, "e-1", 1, "billing.invoice")]


async def test_what_a_handler_publishes_goes_to_the_bus_it_runs_on() -> None:
    router = Router("billing")

    @router.subscribe(OrderPlaced)
    async def cancel(order: OrderPlaced, bus: Publisher) -> None:
        await bus.publish(OrderCancelled(order_id=order.order_id))

    @router.subscribe(OrderCancelled)
    async def refund(order: OrderCancelled) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(SMALL)
        await bus.settled()
        assert bus.handled("refund") == [OrderCancelled(order_id="2")]


async def test_handlers_share_no_object() -> None:
    router = Router("billing")

    @router.subscribe(OrderPlaced)
    async def spoil(event: Event) -> None:
        event.detail["order_id"] = "spoilt"

    @router.subscribe(OrderPlaced)
    async def look(event: Event) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(SMALL)
        await bus.settled()
        (seen,) = bus.handled(look)
    assert isinstance(seen, Event)
    assert seen.detail["order_id"] == "2"


async def test_events_published_before_the_workers_run_are_kept() -> None:
    router = Router("billing")
    done: list[str] = []
    bus = EventBus()

    @router.subscribe(OrderPlaced)
    async def invoice(order: OrderPlaced) -> None:
        done.append(order.order_id)
        bus.stop()

    bus.include(router)
    async with bus:
        await bus.publish(SMALL)
        await bus.run(handle_signals=False)
    assert done == ["2"]


async def test_a_router_may_declare_subscribers_after_it_was_included() -> None:
    router = Router("billing")
    bus = TestBus(router)

    @router.subscribe(OrderPlaced)
    async def late(order: OrderPlaced) -> None: ...

    async with bus:
        await bus.publish(SMALL)
        await bus.settled()
        assert bus.handled("late") == [SMALL]


async def test_publishing_to_a_bus_that_is_not_open_says_how_to_open_it() -> None:
    with pytest.raises(NotOpenError, match="publish inside 'async with bus:'"):
        await EventBus().publish(SMALL)


async def test_an_envelope_member_beside_a_whole_event_is_refused() -> None:
    async with EventBus() as bus:
        with pytest.raises(DeclarationError, match="an Event has its own"):
            await bus.publish(Event("s", "T", {}), id="other")


async def test_including_into_an_open_bus_is_refused() -> None:
    async with EventBus() as bus:
        with pytest.raises(DeclarationError, match="before the bus is opened"):
            bus.include(Router("late"))


def test_the_same_router_twice_is_refused() -> None:
    router = Router("billing")
    with pytest.raises(DeclarationError, match="the router 'billing' is included already"):
        EventBus().include(router, router)


def test_something_that_is_no_router_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"is no Router; write bus\.include\(one, two\)"):
        EventBus().include([Router("r")])  # type: ignore[arg-type]  # pyright: ignore


async def test_two_routers_of_one_name_cannot_share_a_subscription() -> None:
    one, two = Router("billing"), Router("billing")
    for router in (one, two):

        @router.subscribe(OrderPlaced)
        async def invoice(order: OrderPlaced) -> None: ...

    bus = EventBus()
    bus.include(one, two)
    with pytest.raises(DeclarationError, match=r"two subscriptions are named 'billing\.invoice'"):
        async with bus:
            pass


def test_a_where_that_can_never_match_is_refused_with_the_members() -> None:
    with pytest.raises(DeclarationError, match="OrderPlaced has no member 'totl'; it has order_id"):
        Router("x").subscribe(OrderPlaced, where={"totl": [{"numeric": [">", 1]}]})


def test_counts_need_an_open_bus() -> None:
    router = Router("billing")

    @router.subscribe(OrderPlaced)
    async def invoice(order: OrderPlaced) -> None: ...

    bus = EventBus()
    bus.include(router)
    with pytest.raises(NotOpenError, match="nothing is counted before the bus is opened"):
        bus.counts("invoice")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (OrderPlaced, "OrderPlaced is a class; publish an instance"),
        ({"order_id": "1"}, "a dict cannot be published"),
        ([], "a list cannot be published"),
    ],
)
async def test_what_is_no_event_is_refused_with_the_remedy(wrong: object, message: str) -> None:
    async with EventBus() as bus:
        with pytest.raises(DeclarationError, match=message):
            await bus.publish(wrong)  # type: ignore[arg-type]  # pyright: ignore


def test_two_subscriptions_of_one_name_are_refused_at_once() -> None:
    router = Router("billing")

    @router.subscribe(OrderPlaced, name="same")
    async def one(order: OrderPlaced) -> None: ...

    with pytest.raises(DeclarationError, match="has a subscription 'same' already"):

        @router.subscribe(OrderPlaced, name="same")
        async def two(order: OrderPlaced) -> None: ...


def test_names_with_digits_and_dashes_work() -> None:
    router = Router("billing-v2.1")

    @router.subscribe(OrderPlaced, name="4-eyes_check")
    async def check(order: OrderPlaced) -> None: ...

    assert router.subscribers[0].subscription.name == "billing-v2.1.4-eyes_check"


@pytest.mark.parametrize("name", ["", "-x", "a b", "a/b", "x" * 81, "ä"])
def test_names_that_no_queue_can_have_are_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match="cannot name a router"):
        Router(name)


def test_a_handler_without_a_usable_name_must_be_given_one() -> None:
    with pytest.raises(DeclarationError, match=r"'<lambda>' cannot name .* pass name="):
        Router("x").subscribe(OrderPlaced)(lambda: None)


def test_an_invalid_where_names_the_place_in_it() -> None:
    with pytest.raises(PatternError) as caught:
        Router("x").subscribe(OrderPlaced, where={"total": [{"numerics": [">", 1]}]})
    assert caught.value.pointer.startswith("/total/0")
    assert "in where=" in str(caught.value)


def test_where_beside_a_pattern_is_refused() -> None:
    with pytest.raises(DeclarationError, match="where= is the pattern of an event type's detail"):
        Router("x").subscribe({"source": ["s"]}, where={})  # type: ignore[call-overload]  # pyright: ignore


def test_a_class_that_is_not_declared_cannot_be_subscribed_to() -> None:
    class Plain(BaseModel):
        pass

    with pytest.raises(DeclarationError, match="Plain is not an event type"):
        Router("x").subscribe(Plain)


def test_something_that_is_no_pattern_cannot_be_subscribed_to() -> None:
    with pytest.raises(DeclarationError, match="cannot subscribe to 7"):
        Router("x").subscribe(7)  # type: ignore[call-overload]  # pyright: ignore


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ordered_by": "order_it"}, "OrderPlaced has no member 'order_it'; it has order_id"),
        ({"ordered_by": "order_id."}, "must be a dotted path"),
        ({"concurrency": 0}, "must be a whole number from 1"),
        ({"retry": 3}, r"retry=3: write Retry\(attempts=\.\.\.\)"),
        ({"visibility_timeout": 0}, "must be a number of seconds, over 0"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        Router("x").subscribe(OrderPlaced, **options)  # type: ignore[call-overload]  # pyright: ignore


def test_a_subscription_is_found_by_its_short_name_only_where_that_is_clear() -> None:
    one, two = Router("one"), Router("two")
    for router in (one, two):

        @router.subscribe(OrderPlaced)
        async def same(order: OrderPlaced) -> None: ...

    bus = EventBus()
    bus.include(one, two)
    assert bus.full_name("one.same") == "one.same"
    with pytest.raises(LookupError, match=r"2 subscriptions are named 'same'; .* one\.same, two"):
        bus.full_name("same")
    with pytest.raises(LookupError, match=r"named 'sane'; there are .*; did you mean 'same'\?"):
        bus.full_name("sane")
    with pytest.raises(LookupError, match="0 subscriptions are named 'nothing'"):
        bus.full_name("nothing")
