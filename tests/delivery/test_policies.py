"""Which failures are tried again, when, and how long."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from eventroute import Delivery, RejectError, Retry, RetryAfterError, Router, event
from eventroute.errors import DeclarationError, LimitExceededError, UnsupportedError
from eventroute.port import Release
from eventroute.testing import TestBus

from .line import Line, bus_on


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


async def moments(retry: Retry, *errors: Exception) -> tuple[list[float], list[str]]:
    """When attempts begin that fail one after the other, and why the event died, if it did."""
    router = Router("r")
    bus = TestBus(router)
    begun: list[float] = []
    left = list(errors)

    @router.subscribe(Placed, retry=retry)
    async def handle(order: Placed) -> None:
        begun.append(bus.clock.now())
        if left:
            raise left.pop(0)

    async with bus:
        await bus.publish(Placed())
        await bus.settled()
        return begun, [letter.reason for letter in await bus.dead_letters("handle")]


OOPS = ConnectionError("oops")


async def test_a_fixed_delay_is_the_same_before_every_attempt() -> None:
    assert await moments(Retry.fixed(7, attempts=4), OOPS, OOPS, OOPS) == ([0, 7, 14, 21], [])


async def test_without_retry_the_first_failure_is_the_last() -> None:
    assert await moments(Retry.none(), OOPS) == ([0], ["attempts-exhausted"])


async def test_an_error_that_no_attempt_mends_dead_letters_at_once() -> None:
    retry = Retry.fixed(1, dead_letter_on=(TypeError,))
    assert await moments(retry, OOPS, TypeError()) == ([0, 1], ["not-retryable"])


async def test_only_the_errors_that_were_named_are_tried_again() -> None:
    retry = Retry.fixed(1, retry_on=(OSError,))
    assert await moments(retry, OOPS, ValueError()) == ([0, 1], ["not-retryable"])


async def test_what_dead_letters_wins_over_what_is_tried_again() -> None:
    retry = Retry.fixed(1, retry_on=(OSError,), dead_letter_on=(ConnectionError,))
    assert await moments(retry, TimeoutError(), OOPS) == ([0, 1], ["not-retryable"])


async def test_an_event_that_is_rejected_is_not_tried_again_whatever_the_policy_says() -> None:
    assert await moments(Retry(retry_on=(Exception,)), RejectError()) == ([0], ["rejected"])


async def test_an_attempt_that_would_come_too_late_is_not_waited_for() -> None:
    retry = Retry.fixed(10, attempts=100, max_age=25)
    assert await moments(retry, *[OOPS] * 5) == ([0, 10, 20], ["too-old"])


async def test_an_event_that_waited_too_long_for_a_worker_is_not_handled() -> None:
    router = Router("r")
    handled: list[str] = []

    @router.subscribe(Placed, retry=Retry(max_age=60))
    async def handle(order: Placed) -> None:
        handled.append(order.order_id)

    line = Line()
    bus = bus_on(line, router)
    async with bus:
        await bus.publish(Placed(order_id="old"))
        line.clock.advance_to(61)
        await bus.publish(Placed(order_id="new"))
        await bus.run(handle_signals=False, until_empty=True)
        (letter,) = await bus.dead_letters("handle")
    assert handled == ["new"]
    assert letter.reason == "too-old"
    assert letter.error == "published 61 s before attempt 1; Retry(max_age=60)"


async def test_time_spent_in_the_handler_counts_as_age() -> None:
    router = Router("r")
    bus = TestBus(router)

    @router.subscribe(Placed, retry=Retry.fixed(0, attempts=9, max_age=60), visibility_timeout=500)
    async def handle(order: Placed) -> None:
        bus.clock.advance_to(bus.clock.now() + 40)
        raise OOPS

    async with bus:
        await bus.publish(Placed())
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert (letter.reason, letter.attempts) == ("too-old", 2)


async def test_a_handler_says_when_to_come_again() -> None:
    retry = Retry.fixed(1, attempts=3)
    later = RetryAfterError(90)
    assert await moments(retry, later, OOPS) == ([0, 90, 91], [])
    assert await moments(retry, *[later] * 3) == ([0, 90, 180], ["attempts-exhausted"])


async def test_what_a_handler_asks_for_is_tried_again_though_the_policy_does_not_name_it() -> None:
    assert await moments(Retry(retry_on=(OSError,)), RetryAfterError(5)) == ([0, 5], [])


async def test_a_delay_that_the_backend_cannot_wait_is_cut_to_what_it_can() -> None:
    line = Line(max_release_delay=900)
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(longest=60))
    async def handle(order: Placed) -> None:
        bus.stop()
        raise RetryAfterError(3_600)

    bus = bus_on(line, router)
    async with bus:
        await bus.publish(Placed())
        await bus.run(handle_signals=False)
    (settlement,) = line.settled[0]
    assert isinstance(settlement, Release)
    assert settlement.delay == 900


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_delay_that_is_none_cannot_be_asked_for(seconds: float) -> None:
    with pytest.raises(LimitExceededError, match="RetryAfterError"):
        RetryAfterError(seconds)


async def test_more_attempts_than_the_backend_allows_are_refused_before_anything_is_made() -> None:
    line = Line(max_attempts=4)
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=4))
    async def enough(order: Placed) -> None: ...

    async with bus_on(line, router):
        pass

    @router.subscribe(Placed, retry=Retry(attempts=5))
    async def handle(order: Placed) -> None: ...

    with pytest.raises(UnsupportedError, match=r"'r\.handle' makes 5 attempts, .* after 4; lower"):
        async with bus_on(line, router):
            pass
    assert len(line.opened) == 1


async def test_one_attempt_needs_no_delay_of_the_backend() -> None:
    line = Line(max_release_delay=0)
    router = Router("r")

    @router.subscribe(Placed, retry=Retry.none())
    async def handle(order: Placed) -> None: ...

    async with bus_on(line, router):
        pass


@pytest.mark.parametrize(
    "options",
    [
        {"max_age": 0},
        {"max_age": True},
        {"max_age": float("inf")},
        {"retry_on": [OSError]},
        {"retry_on": (KeyboardInterrupt,)},
        {"dead_letter_on": OSError},
        {"dead_letter_on": ("OSError",)},
    ],
)
def test_a_policy_that_cannot_work_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(DeclarationError, match=next(iter(options))):
        Retry(**options)  # type: ignore[arg-type]  # pyright: ignore


async def test_a_dead_letter_says_where_the_handler_raised() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry.none())
    async def handle(order: Placed, delivery: Delivery) -> None:
        raise ConnectionError

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    (line,) = letter.traceback.splitlines()
    assert "test_policies.py:" in line
    assert line.endswith("handle")
