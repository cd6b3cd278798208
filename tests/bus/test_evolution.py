"""An event type has several versions, and publishers and handlers know some of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, field_validator

from eventroute import (
    Delivery,
    Depends,
    Event,
    EventBus,
    Middleware,
    Publisher,
    Retry,
    Router,
    as_event,
    downcast,
    event,
    upcast,
)
from eventroute.delivery.middleware import HandleNext
from eventroute.errors import DeclarationError
from eventroute.idempotency import Idempotency
from eventroute.port import REPLAYED, VERSION
from eventroute.testing import TestBus

from .test_replay import LONG_AGO


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced1(BaseModel):
    order_id: str


@event("shop.orders", "OrderPlaced", version=2)
class OrderPlaced2(BaseModel):
    order_id: str
    country: str


@event("shop.orders", "OrderPlaced", version=3)
class OrderPlaced(BaseModel):
    id: str
    country: str


@upcast
def with_country(old: OrderPlaced1) -> OrderPlaced2:
    return OrderPlaced2(order_id=old.order_id, country="KR")


@upcast
def with_short_id(old: OrderPlaced2) -> OrderPlaced:
    return OrderPlaced(id=old.order_id, country=old.country)


@downcast
def with_long_id(new: OrderPlaced) -> OrderPlaced2:
    return OrderPlaced2(order_id=new.id, country=new.country)


@downcast
def without_country(new: OrderPlaced2) -> OrderPlaced1:
    return OrderPlaced1(order_id=new.order_id)


ONE = OrderPlaced1(order_id="7")
TWO = OrderPlaced2(order_id="7", country="JP")
THREE = OrderPlaced(id="7", country="JP")


def all_versions(**options: Any) -> Router:  # noqa: ANN401  whatever subscribe takes
    router = Router("shop")

    @router.subscribe(OrderPlaced1, **options)
    async def first(order: OrderPlaced1) -> None: ...

    @router.subscribe(OrderPlaced2, **options)
    async def second(order: OrderPlaced2) -> None: ...

    @router.subscribe(OrderPlaced, **options)
    async def third(order: OrderPlaced) -> None: ...

    return router


async def handled(bus: TestBus, *payloads: BaseModel | Event) -> dict[str, list[object]]:
    """What each handler was given."""
    await bus.publish_many(payloads)
    await bus.settled()
    return {name: bus.handled(name) for name in ("first", "second", "third")}


@pytest.mark.parametrize(
    ("published", "read"),
    [
        (
            ONE,
            [
                ONE,
                OrderPlaced2(order_id="7", country="KR"),
                OrderPlaced(id="7", country="KR"),
            ],
        ),
        (TWO, [ONE, TWO, THREE]),
        (THREE, [ONE, TWO, THREE]),
    ],
)
async def test_each_handler_is_given_the_version_that_it_knows(
    published: BaseModel, read: list[object]
) -> None:
    async with TestBus(all_versions()) as bus:
        found = await handled(bus, published)
    assert [found[name] for name in ("first", "second", "third")] == [[one] for one in read]


async def test_a_file_of_sqlite_keeps_the_version(tmp_path: Path) -> None:
    router, seen = Router("shop"), list[object]()

    @router.subscribe(OrderPlaced1)
    async def first(order: OrderPlaced1, delivery: Delivery) -> None:
        seen.append((order, delivery.version))

    @router.subscribe(OrderPlaced)
    async def third(order: OrderPlaced) -> None:
        seen.append(order)

    bus = EventBus("sqlite", options={"path": str(tmp_path / "shop.db")})
    bus.include(router)
    async with bus:
        await bus.publish(TWO)
        await bus.run(handle_signals=False, until_empty=True)
    assert sorted(seen, key=repr) == sorted([(ONE, 2), THREE], key=repr)


async def test_handlers_of_many_are_given_one_version() -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced)
    async def third(orders: list[OrderPlaced], deliveries: list[Delivery]) -> None:
        assert [one.headers for one in deliveries] == [{}] * len(orders)
        seen.append((orders, sorted(one.version or 1 for one in deliveries)))

    seen: list[object] = []
    async with TestBus(router) as bus:
        await bus.publish_many([TWO, THREE])
        await bus.settled()
    assert seen == [([THREE, THREE], [2, 3])]


async def test_a_handler_that_asks_for_a_base_class_is_given_what_the_subscription_knows() -> None:
    class Anything(BaseModel):
        country: str

    @event("shop.orders", "OrderPlaced", version=2)
    class Special(Anything):
        order_id: str

    @upcast
    def special(old: OrderPlaced1) -> Special:
        return Special(order_id=old.order_id, country="KR")

    router = Router("shop")

    @router.subscribe(Special)
    async def handle(order: Anything) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(ONE)
        await bus.publish(Special(order_id="7", country="JP"))
        await bus.settled()
        assert bus.handled("handle") == [
            Special(order_id="7", country="KR"),
            Anything(country="JP"),
        ]


async def test_a_plain_function_is_given_the_version_that_it_knows() -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced)
    def third(order: OrderPlaced) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(TWO)
        await bus.settled()
        assert bus.handled("third") == [THREE]


async def test_an_untyped_handler_sees_the_event_as_it_was_published() -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced1)
    async def any_version(event: Event) -> None: ...

    async with TestBus(router) as bus:
        sent = await bus.publish(TWO)
        await bus.settled()
        (seen,) = bus.handled("any_version")
    assert isinstance(seen, Event)
    assert (seen, seen.contract_version) == (sent, 2)


# What travels


async def test_version_1_travels_without_a_header() -> None:
    async with TestBus(all_versions()) as bus:
        await handled(bus, ONE)
        (outcome,) = bus.outcomes("first")
    assert (dict(outcome.delivery.headers), outcome.delivery.version) == ({}, None)


async def test_another_version_is_named_beside_the_headers_of_the_publisher() -> None:
    async with TestBus(all_versions()) as bus:
        await bus.publish(TWO, headers={"trace": "9"})
        await bus.settled()
        (outcome,) = bus.outcomes("first")
    assert dict(outcome.delivery.headers) == {"trace": "9", VERSION: "2"}


async def test_a_publisher_cannot_set_the_header_itself() -> None:
    async with TestBus(all_versions()) as bus:
        with pytest.raises(DeclarationError, match=r"'eventroute-version'.*eventroute's own"):
            await bus.publish(TWO, headers={VERSION: "1"})


async def test_an_untyped_event_names_the_version_that_its_publisher_says() -> None:
    untyped = Event("shop.orders", "OrderPlaced", {"order_id": "7", "country": "JP"})
    async with TestBus(all_versions()) as bus:
        await bus.publish(untyped, version=2)
        await bus.settled()
        assert bus.handled("third") == [THREE]
        await bus.publish_many([untyped], version=2)
        await bus.settled()
        assert bus.handled("third") == [THREE, THREE]


async def test_an_event_made_of_a_payload_names_its_version() -> None:
    async with TestBus(all_versions()) as bus:
        assert (await handled(bus, as_event(TWO)))["third"] == [THREE]


async def test_an_event_that_is_published_on_keeps_its_version() -> None:
    router, versions = Router("shop"), list[int | None]()

    @router.subscribe(OrderPlaced2)
    async def again(delivery: Delivery, bus: Publisher) -> None:
        versions.append(delivery.version)
        if len(versions) == 1:
            await bus.publish(delivery.event)

    async with TestBus(router) as bus:
        await bus.publish(TWO)
        await bus.settled()
    assert versions == [2, 2]


async def test_the_version_of_a_payload_is_not_for_the_caller_to_say() -> None:
    async with TestBus() as bus:
        with pytest.raises(DeclarationError, match="OrderPlaced2 says its own version"):
            await bus.publish(TWO, version=1)
        with pytest.raises(DeclarationError, match="OrderPlaced2 says its own version"):
            await bus.publish_many([as_event(ONE), TWO], version=1)


@pytest.mark.parametrize("version", [0, -1, True, "2", 1_000_000_000])
async def test_what_is_no_version_is_refused(version: Any) -> None:  # noqa: ANN401  what users pass
    async with TestBus() as bus:
        with pytest.raises(DeclarationError, match=r"version=.*: must be a whole number from 1"):
            await bus.publish(as_event(ONE), version=version)


@pytest.mark.parametrize("text", ["", "0", "02", "x", "²", "-1", "1" * 10])
def test_a_header_that_names_no_version_counts_as_none(text: str) -> None:
    body = as_event(ONE).to_json()
    delivery = Delivery("s", body, 1, 0.0, None, {VERSION: text})
    assert (delivery.version, delivery.event.contract_version) == (None, None)


async def test_a_handler_may_publish_with_the_headers_that_it_was_given() -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced1)
    async def first(delivery: Delivery, bus: Publisher) -> None:
        assert delivery.version == 2
        await bus.publish(Event("shop.other", "Seen", {}), headers=delivery.headers)

    @router.subscribe({"source": ["shop.other"]})
    async def then(event: Event, delivery: Delivery) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(TWO, headers={"trace": "9"})
        await bus.settled()
        (outcome,) = bus.outcomes("then")
    assert dict(outcome.delivery.headers) == {"trace": "9"}


async def test_a_dependency_is_given_the_same_headers() -> None:
    router, seen = Router("shop"), list[object]()

    def headers_of(delivery: Delivery) -> list[str]:
        seen.append(delivery.version)
        return [*delivery.headers]

    def first(order: OrderPlaced1, names: Annotated[list[str], Depends(headers_of)]) -> None:
        seen.append(names)

    router.subscribe(OrderPlaced1)(first)
    async with TestBus(router) as bus:
        await bus.publish(TWO)
        await bus.settled()
    assert seen == [2, []]


async def test_middleware_hands_on_the_version_with_another_body() -> None:
    class Renames(Middleware):
        async def handle(self, delivery: Delivery, call_next: HandleNext) -> None:
            await call_next(replace(delivery, body=delivery.body.replace(b'"7"', b'"8"')))

    router = Router("shop", middleware=[Renames()])

    @router.subscribe(OrderPlaced)
    async def third(order: OrderPlaced) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(TWO)
        await bus.settled()
        assert bus.handled("third") == [OrderPlaced(id="8", country="JP")]


# What sees the event as it was published


async def test_a_pattern_sees_the_event_as_it_was_published() -> None:
    router = Router("shop")
    detail = {"country": ["JP"]}

    @router.subscribe(OrderPlaced2, where=detail)
    async def typed(order: OrderPlaced2) -> None: ...

    @router.subscribe({"source": ["shop.orders"], "detail": {"id": ["7"]}})
    async def by_pattern(order: OrderPlaced1) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish_many([ONE, TWO, THREE])
        await bus.settled()
        assert bus.handled("typed") == [TWO, TWO]  # version 1 has no country
        assert bus.handled("by_pattern") == [ONE]  # only version 3 has an id


async def test_an_ordering_key_is_that_of_the_event_as_it_was_published() -> None:
    router = all_versions(concurrency=1)
    order: list[str] = []

    @router.subscribe(OrderPlaced, ordered_by="id", retry=Retry(attempts=2))
    async def ordered(placed: OrderPlaced, delivery: Delivery) -> None:
        order.append(f"{delivery.version}.{delivery.attempt}")
        if delivery.attempt == 1:
            raise ConnectionError

    async with TestBus(router) as bus:
        await bus.publish_many([THREE, TWO, THREE])
        await bus.settled()
    # Version 2 has no id, so it waits for nobody; the two others are one after the other.
    assert [one for one in order if one.startswith("3")] == ["3.1", "3.2", "3.1", "3.2"]
    assert order.index("2.1") < 2


async def test_an_idempotency_key_is_that_of_the_event_as_it_was_published() -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced, idempotent=Idempotency("id"))
    async def once(order: OrderPlaced) -> None: ...

    async with TestBus(router) as bus:
        for payload in (THREE, THREE, TWO, TWO):  # version 2 has no id: each event is its own
            await bus.publish(payload)
            await bus.settled()
        assert len(bus.handled("once")) == 3


# Where no cast leads


@event("shop.orders", "Moved", version=1)
class Moved1(BaseModel):
    step: int


@event("shop.orders", "Moved", version=2)
class Moved(BaseModel):
    step: int
    place: str


def movers() -> Router:
    router = Router("shop")

    @router.subscribe(Moved1)
    async def first(moved: Moved1) -> None: ...

    @router.subscribe(Moved)
    async def second(moved: Moved) -> None: ...

    return router


async def test_without_a_cast_a_model_reads_what_it_can() -> None:
    async with TestBus(movers()) as bus:
        await bus.publish(Moved(step=1, place="here"))
        await bus.settled()
        assert bus.handled("first") == [Moved1(step=1)]


async def test_what_it_cannot_read_is_a_dead_letter_that_names_both_versions() -> None:
    @event("shop.orders", "Moved", version=3)
    class Moved3(BaseModel):
        code: str

    async with TestBus(movers()) as bus:
        await bus.publish(Moved3(code="hush"))
        await bus.settled()
        (letter,) = await bus.dead_letters("second")
    assert (letter.reason, letter.attempts) == ("contract-violated", 1)
    assert letter.error == (
        "at /step: Field required; at /place: Field required (the event is version 3, Moved is "
        "version 2: declare a @downcast from the one to the other)"
    )


async def test_one_that_names_no_version_is_told_from_one_that_does() -> None:
    async with TestBus(movers()) as bus:
        await bus.publish(Moved1(step=1))
        await bus.settled()
        (letter,) = await bus.dead_letters("second")
    assert letter.error == (
        "at /place: Field required (the event names no version and was read as version 2, Moved; "
        "if it is version 1, declare an @upcast from that)"
    )


async def test_a_broken_event_of_a_version_says_how_it_was_read() -> None:
    broken = Event("shop.orders", "OrderPlaced", {"order_id": 7})
    async with TestBus(all_versions()) as bus:
        await bus.publish(broken)
        await bus.settled()
        (letter,) = await bus.dead_letters("third")
    assert letter.error == (
        "at /order_id: Input should be a valid string (read as OrderPlaced1, version 1, to be cast "
        "to OrderPlaced)"
    )


async def test_the_version_of_another_event_type_is_not_that_of_the_model() -> None:
    router = Router("shop")

    @router.subscribe({"source": ["shop.orders", "shop.returns"]})
    async def either(order: OrderPlaced2) -> None: ...

    other = Event("shop.returns", "OrderPlaced", {"order_id": "7", "country": "JP"})
    async with TestBus(router) as bus:
        await bus.publish(other, version=1)
        await bus.publish(other, version=3)
        await bus.settled()
        assert bus.handled("either") == [TWO, TWO]


# Casts that fail


def failing(error: Exception | None, result: object = None) -> tuple[type[BaseModel], Router]:
    """The old version of an event whose upcast fails, and a router for the new one."""

    @event("shop.orders", "Failing", version=1)
    class Old(BaseModel):
        order_id: str

    @event("shop.orders", "Failing", version=2)
    class New(BaseModel):
        order_id: str

        @field_validator("order_id")
        @classmethod
        def _no_seven(cls, value: str) -> str:
            if value == "secret-7":
                raise ValueError("no sevens")
            return value

    @upcast
    def cast(old: Old) -> New:
        if error is not None:
            raise error
        return result or New(order_id=old.order_id)  # type: ignore[return-value]  # to be found

    router = Router("shop")

    @router.subscribe(New, retry=Retry(attempts=2))
    async def handle(order: New) -> None: ...

    return Old, router


NAME = r"the upcast failing.<locals>.cast (version 1 to 2): "


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such country"), f"{NAME}no such country"),
        (None, f"{NAME}at /order_id: Value error, no sevens"),
    ],
)
async def test_a_cast_that_refuses_an_event_makes_it_a_dead_letter_at_once(
    error: Exception | None, text: str
) -> None:
    old, router = failing(error)
    async with TestBus(router) as bus:
        await bus.publish(old(order_id="secret-7"))
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert (letter.reason, letter.attempts, letter.error) == ("contract-violated", 1, text)


async def test_a_cast_that_fails_otherwise_is_tried_again_as_a_handler_is() -> None:
    old, router = failing(KeyError("country"))
    async with TestBus(router) as bus:
        await bus.publish(old(order_id="1"))
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert (letter.reason, letter.attempts) == ("attempts-exhausted", 2)
    assert letter.error == "KeyError: 'country'"


async def test_a_cast_must_return_what_it_says() -> None:
    old, router = failing(None, result="text")
    async with TestBus(router) as bus:
        await bus.publish(old(order_id="1"))
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert letter.error.endswith("(version 1 to 2) returned a str; it must return a New")


# Later attempts


async def test_a_delayed_event_and_a_later_attempt_keep_the_version() -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced, retry=Retry(attempts=2))
    async def third(order: OrderPlaced, delivery: Delivery) -> None:
        if delivery.attempt == 1:
            raise ConnectionError

    async with TestBus(router) as bus:
        await bus.publish(TWO, delay=60)
        await bus.settled()
        assert bus.handled("third") == [THREE]


async def test_a_dead_letter_and_its_redrive_keep_the_version() -> None:
    router, down = Router("shop"), [True]

    @router.subscribe(OrderPlaced, retry=Retry(attempts=1))
    async def third(order: OrderPlaced) -> None:
        if down:
            raise ConnectionError

    async with TestBus(router) as bus:
        await bus.publish(TWO)
        await bus.settled()
        (letter,) = await bus.dead_letters("third")
        assert letter.headers == {VERSION: "2"}
        down.clear()
        await bus.dlq("third").redrive()
        await bus.settled()
        assert bus.handled("third") == [THREE]


async def test_a_replay_keeps_the_version() -> None:
    async with TestBus(all_versions(), options={"archive": 10}) as bus:
        await handled(bus, TWO)
        await bus.replay(LONG_AGO, to="third")
        await bus.settled()
        assert bus.handled("third") == [THREE, THREE]
        assert REPLAYED in bus.outcomes("third")[1].delivery.headers
