"""What a publish checks, repeats and carries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from eventroute import Delivery, Publisher, Router, event
from eventroute.errors import (
    AdapterError,
    DeclarationError,
    EventRouteError,
    LimitExceededError,
    OutcomeUnknownError,
    PublishError,
    UnsupportedError,
)
from eventroute.testing import TestBus

from ..delivery.line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventroute.publishing.FIRST_PAUSE", 0.0)


def fails(times: int, error: Exception) -> list[Exception]:
    return [error] * times


@pytest.mark.parametrize("error", [OutcomeUnknownError("no answer"), AdapterError("the line")])
async def test_a_publish_that_failed_for_now_is_repeated_under_the_same_id(
    error: Exception,
) -> None:
    line = Line()
    errors = fails(2, error)

    def fail() -> None:
        if errors:
            raise errors.pop()

    line.before_publish = fail
    async with bus_on(line) as bus:
        published = await bus.publish(Placed())
    assert [[one.event.id for one in batch] for batch in line.published] == [[published.id]] * 3


async def test_only_the_events_that_failed_are_repeated() -> None:
    line = Line()
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    def lose_the_second() -> None:
        line.after_publish = lambda: None
        raise OutcomeUnknownError("no answer")

    line.after_publish = lose_the_second
    async with bus_on(line, router) as bus:
        await bus.publish_many([Placed(order_id=str(n)) for n in range(101)])
    assert [len(batch) for batch in line.published] == [100, 100, 1]


async def test_a_publish_that_fails_to_the_end_raises_what_failed() -> None:
    line = Line()
    error = OutcomeUnknownError("no answer")

    def fail() -> None:
        raise error

    line.before_publish = fail
    async with bus_on(line, publish_timeout=0.01) as bus:
        with pytest.raises(OutcomeUnknownError):
            await bus.publish(Placed())
        with pytest.raises(PublishError) as caught:
            await bus.publish_many([Placed(), Placed()])
    assert [one for _, one in caught.value.outcomes] == [error, error]


async def test_an_event_that_is_refused_is_not_repeated() -> None:
    line = Line()

    def refuse() -> None:
        raise LimitExceededError("too large")

    line.before_publish = refuse
    async with bus_on(line) as bus:
        with pytest.raises(LimitExceededError):
            await bus.publish(Placed())
    assert len(line.published) == 1


async def test_headers_travel_to_the_handler() -> None:
    router = Router("r")
    seen: list[dict[str, str]] = []

    @router.subscribe(Placed)
    async def handle(order: Placed, delivery: Delivery) -> None:
        seen.append(dict(delivery.headers))

    async with TestBus(router) as bus:
        await bus.publish(Placed(), headers={"traceparent": "00-1-2-01"})
        await bus.publish_many([Placed()], headers={"tenant": "acme"})
        await bus.settled()
    assert seen == [{"traceparent": "00-1-2-01"}, {"tenant": "acme"}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "x"),
        ("a b", "x"),
        ("ä", "x"),
        ("Eventroute-replayed", "x"),
        ("a", "ä"),
        ("a", "x\n"),
        ("a", ""),
        ("a", 1),
    ],
)
async def test_a_header_that_not_every_backend_carries_is_refused(name: str, value: str) -> None:
    async with TestBus() as bus:
        with pytest.raises(DeclarationError, match=f"the header '{name}'"):
            await bus.publish(Placed(), headers={name: value})


async def test_a_delayed_event_is_handled_after_its_delay() -> None:
    router = Router("r")
    bus = TestBus(router)
    moments: list[float] = []

    @router.subscribe(Placed)
    async def handle(order: Placed, publisher: Publisher) -> None:
        moments.append(bus.clock.now())
        if len(moments) == 1:
            await publisher.publish(Placed(), delay=60)

    async with bus:
        await bus.publish(Placed(), delay=10)
        await bus.settled()
    assert moments == [10, 70]


async def test_an_event_may_be_published_at_a_moment_and_at_once_when_that_is_over() -> None:
    router = Router("r")
    bus = TestBus(router)
    moments: list[float] = []

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        moments.append(bus.clock.now())

    now = datetime.now(UTC)
    async with bus:
        await bus.publish(Placed(), at=now + timedelta(hours=1))
        await bus.publish(Placed(), at=now - timedelta(hours=1))
        await bus.settled()
    first, second = moments
    assert first == 0
    assert 3_500 < second <= 3_600


@pytest.mark.parametrize(
    ("delay", "at", "message"),
    [
        (-1, None, r"delay=-1"),
        (float("nan"), None, r"delay=nan"),
        (True, None, r"delay=True"),
        (5, datetime.now(UTC), "give one of them"),
        (0, datetime(2030, 1, 1), "time zone"),
    ],
)
async def test_a_delay_that_is_none_is_refused(
    delay: float, at: datetime | None, message: str
) -> None:
    async with TestBus() as bus:
        with pytest.raises(DeclarationError, match=message):
            await bus.publish(Placed(), delay=delay, at=at)


@pytest.mark.parametrize(
    ("longest", "message"), [(900, "by at most 900 s"), (0, "this backend delays no event")]
)
async def test_a_delay_beyond_the_backends_is_refused_at_the_call(
    longest: float, message: str
) -> None:
    line = Line(max_publish_delay=longest)
    async with bus_on(line) as bus:
        with pytest.raises(UnsupportedError, match=message):
            await bus.publish(Placed(), delay=901)
    assert line.published == []


async def test_publish_many_wants_several() -> None:
    async with TestBus() as bus:
        with pytest.raises(DeclarationError, match="given one Placed; write bus"):
            await bus.publish_many(Placed())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  callers without a type checker


async def test_a_name_that_is_wrong_is_an_error_of_ours() -> None:
    async with TestBus() as bus:
        with pytest.raises(EventRouteError, match="0 subscriptions are named 'typo'"):
            bus.dlq("typo")
