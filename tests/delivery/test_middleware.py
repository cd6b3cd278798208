"""What stands around publishing and around handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import pytest
from pydantic import BaseModel

from eventroute import (
    Delivery,
    Event,
    EventBus,
    Middleware,
    Publisher,
    RejectError,
    Retry,
    Router,
    as_event,
    event,
)
from eventroute.delivery.middleware import HandleNext, PublishNext
from eventroute.errors import (
    AdapterError,
    DeclarationError,
    EventRouteError,
    LimitExceededError,
    PublishError,
)
from eventroute.port import Outgoing
from eventroute.testing import TestBus


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


class Trace(Middleware):
    """Notes when it is passed."""

    def __init__(self, name: str, passed: list[str]) -> None:
        self.name = name
        self.passed = passed

    async def handle(self, delivery: Delivery, call_next: HandleNext) -> None:
        self.passed.append(f"{self.name} in")
        await call_next(delivery)
        self.passed.append(f"{self.name} out")

    async def publish(
        self, messages: Sequence[Outgoing], call_next: PublishNext
    ) -> Sequence[EventRouteError | None]:
        self.passed.append(f"{self.name} publishes {len(messages)}")
        return await call_next(messages)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_first_that_is_added_is_the_outermost(backend: str) -> None:
    passed: list[str] = []
    trace = partial(Trace, passed=passed)
    router = Router("r", middleware=[trace("router")])

    @router.subscribe(Placed, middleware=[trace("subscription")])
    async def handle(order: Placed) -> None:
        passed.append("handler")

    async def main() -> None:
        bus = TestBus(router)
        bus.use(trace("first"), trace("second"))
        async with bus:
            await bus.publish(Placed())
            await bus.settled()

    anyio.run(main, backend=backend)
    names = ["first", "second", "router", "subscription"]
    assert passed == [
        "first publishes 1",
        "second publishes 1",
        *(f"{name} in" for name in names),
        "handler",
        *(f"{name} out" for name in names[::-1]),
    ]


class Publishes(Middleware):
    """Does something with what is published."""

    def __init__(self, change: Callable[[Outgoing], Outgoing]) -> None:
        self.change = change

    async def publish(
        self, messages: Sequence[Outgoing], call_next: PublishNext
    ) -> Sequence[EventRouteError | None]:
        return await call_next([self.change(one) for one in messages])


class Handles(Middleware):
    """Does something with what is handled."""

    def __init__(self, act: Callable[[Delivery, HandleNext], Awaitable[None]]) -> None:
        self.act = act

    async def handle(self, delivery: Delivery, call_next: HandleNext) -> None:
        await self.act(delivery, call_next)


async def test_a_header_that_is_added_on_publishing_reaches_the_handler() -> None:
    router = Router("r")
    seen: list[str | None] = []

    @router.subscribe(Placed)
    async def handle(order: Placed, delivery: Delivery) -> None:
        seen.append(delivery.headers.get("traceparent"))

    bus = TestBus(router)
    bus.use(Publishes(lambda one: replace(one, headers={**one.headers, "traceparent": "00-1"})))
    async with bus:
        await bus.publish(Placed())
        await bus.publish_many([Placed(), Placed()])
        await bus.settled()
    assert seen == ["00-1"] * 3


async def test_what_a_handler_publishes_passes_the_middleware_too() -> None:
    router = Router("r")
    passed: list[str] = []

    @router.subscribe(Placed)
    async def handle(order: Placed, bus: Publisher) -> None:
        if order.order_id == "7":
            await bus.publish(Placed(order_id="8"))

    bus = TestBus(router)
    bus.use(Trace("t", passed))
    async with bus:
        await bus.publish(Placed())
        await bus.settled()
    assert passed.count("t publishes 1") == 2


async def test_what_middleware_lets_grow_too_large_is_not_published() -> None:
    def grow(one: Outgoing) -> Outgoing:
        return replace(one, event=as_event(Placed(order_id="x" * 2_000)))

    bus = TestBus(options={"max_event_bytes": 1_000})
    bus.use(Publishes(grow))
    async with bus:
        with pytest.raises(LimitExceededError):
            await bus.publish(Placed())


async def test_middleware_may_keep_an_event_from_being_published_and_say_why() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    class Quota(Middleware):
        async def publish(
            self, messages: Sequence[Outgoing], call_next: PublishNext
        ) -> Sequence[EventRouteError | None]:
            return [*await call_next(messages[:1]), *(AdapterError("quota") for _ in messages[1:])]

    bus = TestBus(router)
    bus.use(Quota())
    async with bus:
        with pytest.raises(PublishError, match="1 of 2 events were not published"):
            await bus.publish_many([Placed(order_id="1"), Placed(order_id="2")])
        await bus.settled()
        assert bus.handled("handle") == [Placed(order_id="1")]


async def test_a_publish_middleware_that_forgets_an_outcome_is_named() -> None:
    class Forgets(Middleware):
        async def publish(
            self, messages: Sequence[Outgoing], call_next: PublishNext
        ) -> Sequence[EventRouteError | None]:
            return (await call_next(messages))[1:]

    bus = TestBus()
    bus.use(Forgets())
    async with bus:
        with pytest.raises(DeclarationError, match=r"Forgets\.publish gave 0 outcomes for 1"):
            await bus.publish(Placed())


async def test_middleware_that_raises_is_a_failed_attempt() -> None:
    async def act(delivery: Delivery, call_next: HandleNext) -> None:
        await call_next(delivery)
        if delivery.attempt == 1:
            raise ConnectionError("too late")

    router = Router("r", middleware=[Handles(act)])

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        assert bus.counts("handle").retried == 1
        assert bus.counts("handle").handled == 1
        assert bus.outcomes("handle")[0].payload == Placed()


async def test_middleware_may_reject_an_event() -> None:
    async def act(delivery: Delivery, call_next: HandleNext) -> None:
        raise RejectError("not allowed")

    router = Router("r", middleware=[Handles(act)])

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
        assert (letter.reason, letter.error) == ("rejected", "not allowed")


async def test_an_event_that_middleware_does_not_pass_on_counts_as_handled() -> None:
    async def act(delivery: Delivery, call_next: HandleNext) -> None: ...

    router = Router("r", middleware=[Handles(act)])
    called: list[Placed] = []

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        called.append(order)

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        assert bus.counts("handle").handled == 1
    assert called == []


async def test_a_handler_sees_the_body_that_middleware_hands_on() -> None:
    async def act(delivery: Delivery, call_next: HandleNext) -> None:
        plain = as_event(Placed(order_id=delivery.event.detail["order_id"][::-1]))
        await call_next(replace(delivery, body=plain.to_json()))

    router = Router("r", middleware=[Handles(act)])
    seen: list[str] = []

    @router.subscribe(Placed)
    async def handle(order: Placed, event: Event) -> None:
        seen.extend([order.order_id, event.detail["order_id"]])

    async with TestBus(router) as bus:
        await bus.publish(Placed(order_id="abc"))
        await bus.settled()
        assert bus.counts("handle").handled == 1
    assert seen == ["cba", "cba"]


async def test_a_payload_that_does_not_fit_is_seen_by_middleware_and_buried() -> None:
    caught: list[str] = []

    async def act(delivery: Delivery, call_next: HandleNext) -> None:
        try:
            await call_next(delivery)
        except Exception as error:
            caught.append(str(error))
            raise

    router = Router("r", middleware=[Handles(act)])

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Event("shop", "Placed", {"order_id": 1}))
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
        assert letter.reason == "contract-violated"
    assert "order_id" in caught[0]


async def test_events_that_do_not_match_and_duplicates_pass_no_middleware() -> None:
    passed: list[str] = []
    router = Router("r", middleware=[Trace("t", passed)])

    @router.subscribe(Placed, where={"order_id": ["7"]}, idempotent=True)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        one = await bus.publish(Placed())
        await bus.publish(Placed(order_id="8"))
        await bus.publish(one)
        await bus.settled()
    assert passed == ["t in", "t out"]


async def test_middleware_that_fails_leaves_no_mark() -> None:
    async def act(delivery: Delivery, call_next: HandleNext) -> None:
        await call_next(delivery)
        if delivery.attempt == 1:
            raise ConnectionError

    router = Router("r", middleware=[Handles(act)])

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        assert bus.counts("handle").handled == 1
        assert bus.counts("handle").duplicates == 0


async def test_a_time_limit_counts_what_stands_around_the_handler() -> None:
    async def act(delivery: Delivery, call_next: HandleNext) -> None:
        await anyio.sleep_forever()

    router = Router("r", middleware=[Handles(act)])

    @router.subscribe(Placed, timeout=5, retry=Retry(attempts=1))
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        while not (await bus.depth("handle")).in_flight:
            await anyio.wait_all_tasks_blocked()
        await anyio.wait_all_tasks_blocked()
        bus.clock.advance_to(6)
        await bus.settled()
        assert len(await bus.dead_letters("handle")) == 1


async def test_a_handler_of_lists_and_middleware_around_handlers_are_refused_together() -> None:
    router = Router("r")

    @router.subscribe({"source": ["shop"]})
    async def handle(orders: list[Placed]) -> None: ...

    bus = EventBus()
    bus.include(router)
    bus.use(Trace("t", []))
    with pytest.raises(DeclarationError, match=r"'r\.handle' takes lists, and there is middleware"):
        async with bus:
            pass


async def test_a_handler_of_lists_and_middleware_around_publishing_go_together() -> None:
    router = Router("r")

    @router.subscribe({"source": ["shop"]})
    async def handle(orders: list[Placed]) -> None: ...

    bus = TestBus(router)
    bus.use(Publishes(replace))
    async with bus:
        await bus.publish(Placed())
        await bus.settled()
        assert bus.counts("handle").handled == 1


async def test_middleware_is_added_before_the_bus_opens() -> None:
    bus = EventBus()
    async with bus:
        with pytest.raises(DeclarationError, match="before the bus is opened"):
            bus.use(Middleware())


def test_a_class_instead_of_an_object_is_named() -> None:
    middleware: Any = Trace
    with pytest.raises(DeclarationError, match=r"is no Middleware; write it with \(\)"):
        EventBus().use(middleware)
    with pytest.raises(DeclarationError, match="is no Middleware"):
        Router("r", middleware=[middleware])
