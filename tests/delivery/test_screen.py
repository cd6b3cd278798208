"""When a worker evaluates a pattern that the backend has evaluated before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import BaseModel

from eventroute import Delivery, Event, Pattern, Router, event

from .line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    country: str


ORDERS = [Placed(country="KR"), Placed(country="DE")]


def asking_for(country: str, seen: list[str]) -> Router:
    router = Router("r")

    @router.subscribe(Placed, name="x", where={"country": [country]})
    async def handle(order: Placed) -> None:
        seen.append(order.country)

    return router


async def test_what_an_earlier_pattern_let_in_is_not_handled() -> None:
    line, seen = Line(), list[str]()
    async with bus_on(line, asking_for("KR", seen)) as bus:
        await bus.publish_many(ORDERS)
    bus = bus_on(line, asking_for("DE", seen))
    async with bus:
        await bus.publish_many(ORDERS)
        await bus.run(handle_signals=False, until_empty=True)
    assert seen == ["DE"]
    assert (bus.counts("x").filtered, bus.counts("x").handled) == (1, 1)


class Claims(Line):
    """Hands out all events, with a claim about what they match."""

    claim: Pattern | None = None

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [
            Delivery(one.subscription, one.body, 1, 0.0, one.receipt, matched=self.claim)
            for one in received
        ]


@pytest.mark.parametrize("claim", [None, Pattern({"source": ["shop"]})])
async def test_what_matches_no_pattern_or_another_one_is_evaluated(claim: Pattern | None) -> None:
    line, seen = Claims(), list[str]()
    line.claim = claim
    async with bus_on(line, asking_for("KR", seen)) as bus:
        await bus.publish_many(ORDERS)
    line.claim = claim
    bus = bus_on(line, asking_for("DE", seen))
    async with bus:
        await bus.run(handle_signals=False, until_empty=True)
    assert seen == []


async def test_what_matches_this_very_pattern_is_believed() -> None:
    line, seen = Claims(), list[str]()
    async with bus_on(line, asking_for("KR", seen)) as bus:
        await bus.publish_many(ORDERS)
    bus = bus_on(line, asking_for("DE", seen))
    line.claim = bus.subscribers[0].subscription.pattern
    async with bus:
        await bus.run(handle_signals=False, until_empty=True)
    assert seen == ["KR"]


def untyped(country: str, seen: list[str]) -> Router:
    router = Router("r")

    @router.subscribe({"source": ["shop"], "detail": {"country": [country]}}, name="x")
    async def handle(order: Event) -> None:
        seen.append(order.detail["country"])

    return router


@pytest.mark.parametrize("believed", [False, True])
async def test_of_what_no_model_reads_the_same_is_believed(believed: bool) -> None:
    line, seen = Claims(), list[str]()
    async with bus_on(line, untyped("KR", seen)) as bus:
        await bus.publish_many(ORDERS)
    bus = bus_on(line, untyped("DE", seen))
    line.claim = bus.subscribers[0].subscription.pattern if believed else None
    async with bus:
        await bus.run(handle_signals=False, until_empty=True)
    assert seen == (["KR"] if believed else [])


class Garbles(Claims):
    """Hands out texts that are no UTF-8, and claims that they match."""

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [
            Delivery(one.subscription, body, 1, 0.0, one.receipt, matched=self.claim)
            for one in received
            for body in [one.body.replace(b"KR", b"\xff")]
        ]


async def test_what_no_model_reads_is_read_before_the_handler_although_it_is_believed() -> None:
    line, seen = Garbles(), list[str]()
    bus = bus_on(line, untyped("KR", seen))
    line.claim = bus.subscribers[0].subscription.pattern
    async with bus:
        await bus.publish(ORDERS[0])
        await bus.run(handle_signals=False, until_empty=True)
        (letter,) = await bus.dead_letters("x")
    assert (seen, letter.reason) == ([], "undecodable")


def test_a_delivery_with_another_body_is_read_and_evaluated_again() -> None:
    first, second = Event("s", "T", {"n": 1}), Event("s", "T", {"n": 2})
    pattern = Pattern({"detail": {"n": [1]}})
    delivery = Delivery("q", first.to_json(), 1, 0.0, 1, event=first, matched=pattern)
    changed = replace(delivery, body=second.to_json())
    assert (delivery.event, delivery.matched) == (first, pattern)
    assert (changed.event, changed.matched) == (second, None)
