"""Errors of handlers that cannot be read, and those that say too much."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from eventroute import BatchError, Delivery, Event, Retry, RetryAfterError, Router
from eventroute.delivery.settling import LONGEST_PAUSE, pause_after
from eventroute.errors import DeclarationError, LimitExceededError
from eventroute.testing import TestBus


class SilentError(Exception):
    def __str__(self) -> str:
        raise LookupError("no text")


class NumberError(Exception):
    def __str__(self) -> str:
        return cast("str", 7)


class ClosedError(Exception):
    def __getattribute__(self, name: str) -> object:
        raise LookupError(name)


class ForgetfulError(RetryAfterError):
    def __init__(self) -> None:
        """Leave the number out."""


class ForgetfulBatchError(BatchError):
    def __init__(self) -> None:
        """Leave the failures out."""


STRANGE = [SilentError, NumberError, ClosedError]


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("timeout", [None, 5])
async def test_an_error_that_cannot_be_read_costs_its_own_event_one_attempt(
    strange: Callable[[], Exception], timeout: float | None
) -> None:
    router = Router("r")
    attempts: list[tuple[object, int]] = []

    @router.subscribe(
        {"source": ["s"]}, retry=Retry.fixed(1, attempts=2), concurrency=1, timeout=timeout
    )
    async def handle(event: Event, delivery: Delivery) -> None:
        attempts.append((event.detail["number"], delivery.attempt))
        if event.detail["number"] == 1:
            raise strange()

    async with TestBus(router) as bus:
        await bus.publish_many([Event("s", "t", {"number": number}) for number in range(3)])
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert attempts == [(0, 1), (1, 1), (2, 1), (1, 2)]
    assert letter.reason == "attempts-exhausted"
    assert strange.__name__ in letter.error
    assert letter.traceback


@pytest.mark.parametrize("strange", STRANGE)
async def test_a_batch_that_fails_with_an_unreadable_error_is_tried_again(
    strange: Callable[[], Exception],
) -> None:
    router = Router("r")

    @router.subscribe({"source": ["s"]}, retry=Retry.fixed(1, attempts=2))
    async def handle(events: list[Event]) -> None:
        raise strange()

    async with TestBus(router) as bus:
        await bus.publish(Event("s", "t", {}))
        await bus.settled()
        assert [one.kind.value for one in bus.outcomes(handle)] == ["retried", "dead-lettered"]


async def test_an_error_that_asks_for_another_attempt_without_saying_when_has_the_usual_delay() -> (
    None
):
    router = Router("r")

    @router.subscribe({"source": ["s"]}, retry=Retry.fixed(3, attempts=2))
    async def handle(event: Event, delivery: Delivery) -> None:
        if delivery.attempt == 1:
            raise ForgetfulError

    async with TestBus(router) as bus:
        await bus.publish(Event("s", "t", {}))
        await bus.settled()
        assert bus.counts("handle").handled == 1
        assert bus.clock.now() == 3


@pytest.mark.parametrize(
    ("failures", "complaint"),
    [
        ({0: "no stock"}, r"BatchError\(\{0: 'no stock'\}\): must be an error, such as ValueError"),
        ({0: ValueError}, r"BatchError\(\{0: <class 'ValueError'>\}\): must be an error"),
        ({"0": ValueError()}, r"BatchError names '0': must be an index"),
        ({True: ValueError()}, r"BatchError names True: must be an index"),
        ({-1: ValueError()}, r"BatchError names -1: must be an index"),
        ([ValueError()], r"BatchError\(\[ValueError\(\)\]\): give it a dict"),
        ("no stock", r"BatchError\('no stock'\): give it a dict"),
    ],
)
def test_a_batch_error_that_cannot_be_meant_is_refused(failures: object, complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint):
        BatchError(cast("dict[int, Exception]", failures))


def test_a_batch_error_may_hold_errors_that_cannot_be_read() -> None:
    assert str(BatchError({0: SilentError()})) == "1 events of a batch failed; 0: SilentError"


def _without_failures() -> BatchError:
    return ForgetfulBatchError()


def _changed_later() -> BatchError:
    error = BatchError({})
    error.failures["0"] = ValueError()  # type: ignore[index]  # pyright: ignore  what is tested
    return error


@pytest.mark.parametrize("make", [_without_failures, _changed_later])
async def test_a_batch_error_that_was_broken_later_is_a_failure_of_all(
    make: Callable[[], BatchError],
) -> None:
    router = Router("r")

    @router.subscribe({"source": ["s"]}, retry=Retry.none())
    async def handle(events: list[Event]) -> None:
        raise make()

    async with TestBus(router) as bus:
        await bus.publish_many([Event("s", "t", {}) for _ in range(2)])
        await bus.settled()
        assert bus.counts("handle").dead_lettered == 2


def test_an_endless_delay_is_no_delay_to_ask_for() -> None:
    with pytest.raises(LimitExceededError, match="must be seconds, 0 or more"):
        RetryAfterError(float("inf"))


@pytest.mark.parametrize(("failures", "pause"), [(0, 1), (3, 8), (5, LONGEST_PAUSE)])
def test_pauses_grow_and_then_stay(failures: int, pause: float) -> None:
    assert pause_after(failures) == pause


def test_a_backend_that_is_away_for_days_is_asked_on() -> None:
    assert pause_after(100_000) == LONGEST_PAUSE
