"""What a dead letter tells of where its error was raised."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel

from eventroute import Event, RejectError, Retry, Router, event
from eventroute.delivery.frames import frames_of
from eventroute.testing import TestBus


@event("shop.orders", "OrderPlaced", version=1)
class Placed(BaseModel):
    card: str


ORDER = Placed(card="4111 1111 1111 1111")
HERE = "tests/delivery/test_frames.py:"


async def traceback_of(router: Router) -> list[str]:
    """The summary in the only dead letter, once an order was published."""
    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (letter,) = await bus.dlq("handle").list()
    return letter.traceback.splitlines()


def charge(card: str) -> None:
    raise ConnectionError(f"declined {card}")


async def test_a_dead_letter_names_the_frames_of_the_application() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=1))
    async def handle(order: Placed) -> None:
        charge(order.card)

    handler, raising = await traceback_of(router)
    assert handler.startswith(HERE)
    assert handler.endswith(".handle")
    assert raising == f"{HERE}{charge.__code__.co_firstlineno + 1} charge"


async def test_a_plain_function_in_a_thread_has_the_same_summary() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=1))
    def handle(order: Placed) -> None:
        charge(order.card)

    assert [line.split()[-1].rpartition(".")[2] for line in await traceback_of(router)] == [
        "handle",
        "charge",
    ]


async def test_a_rejected_event_has_a_summary_too() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        raise RejectError("no such customer")

    assert len(await traceback_of(router)) == 1


async def test_frames_of_libraries_are_left_out() -> None:
    router = Router("r")

    @router.subscribe(Placed, retry=Retry(attempts=1))
    async def handle(order: Placed) -> None:
        json.loads("{")

    (line,) = await traceback_of(router)
    assert line.endswith(".handle")


async def test_an_event_that_no_handler_saw_has_no_summary() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Event("shop.orders", "OrderPlaced", {"card": 1}))
        await bus.settled()
        (letter,) = await bus.dlq("handle").list()
    assert (letter.reason, letter.traceback) == ("contract-violated", "")


def raised(depth: int) -> Exception:
    def fall(left: int) -> None:
        if left:
            fall(left - 1)
        raise ValueError("deep")

    try:
        fall(depth)
    except ValueError as error:
        return error
    raise AssertionError


def test_a_deep_stack_is_summed_up_by_its_last_frames() -> None:
    lines = frames_of(raised(200), raised).splitlines()
    assert len(lines) == 8
    assert all(line.endswith("fall") for line in lines)


def test_a_group_leads_to_the_error_it_holds() -> None:
    group = ExceptionGroup("tasks", [ExceptionGroup("more", [raised(0)])])
    assert frames_of(group, raised).splitlines()[-1].endswith("fall")


def test_an_error_that_only_a_library_raised_shows_the_library() -> None:
    with pytest.raises(ValueError, match="Expecting") as raising:
        json.loads("{")
    error = raising.value
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next  # without the frame of this test
    lines = frames_of(error, json.loads).splitlines()
    assert lines
    assert all(line.startswith("json/") for line in lines)


def test_an_error_that_was_never_raised_has_no_frames() -> None:
    assert frames_of(ValueError("x"), raised) == ""
