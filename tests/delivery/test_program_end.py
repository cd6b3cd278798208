"""Handlers that end the program, or try to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Annotated, Any, TypeAlias

import anyio
import pytest

from eventroute import Delivery, Depends, Event, EventBus, Retry, Router
from eventroute.testing import TestBus

Run: TypeAlias = Callable[[Callable[[], Awaitable[Any]]], Any]
EVENT = Event("s", "t", {})


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    return partial(anyio.run, backend=request.param)


def bus_whose_handler(end: Callable[[], object], *, attempts: int, in_thread: bool) -> EventBus:
    """A bus with one subscription, whose handler ends the program."""
    router = Router("r")

    async def waiting(event: Event) -> None:
        end()

    def plain(event: Event) -> None:
        end()

    options: dict[str, Any] = {"name": "handle", "retry": Retry.fixed(0, attempts=attempts)}
    router.subscribe({"source": ["s"]}, **options)(plain if in_thread else waiting)
    bus = EventBus()
    bus.include(router)
    return bus


@pytest.mark.parametrize("in_thread", [False, True])
@pytest.mark.parametrize(("asked", "code"), [(None, 1), (0, 1), (3, 3), ("no disk", "no disk")])
def test_a_handler_that_exits_ends_the_program_and_never_as_a_success(
    run: Run,
    in_thread: bool,
    asked: str | int | None,
    code: str | int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = bus_whose_handler(lambda: sys.exit(asked), attempts=2, in_thread=in_thread)

    async def main() -> None:
        async with bus:
            await bus.publish(EVENT)
            await bus.run(handle_signals=False)

    with caplog.at_level(logging.ERROR, "eventroute"), pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == code
    assert f"the handler of event {EVENT.id} ended the program: SystemExit({asked})" in caplog.text
    assert caplog.text.count("r.handle: the handler") == 1


async def test_an_event_that_ends_the_program_each_time_is_dead_lettered() -> None:
    bus = bus_whose_handler(sys.exit, attempts=2, in_thread=False)
    async with bus:
        await bus.publish(EVENT)
        for _ in range(2):
            with pytest.raises(SystemExit):
                await bus.run(handle_signals=False)
        (letter,) = await bus.dead_letters("handle")
    assert (letter.reason, letter.attempts) == ("attempts-exhausted", 2)


def test_an_exit_in_a_task_of_the_handler_ends_the_program() -> None:
    router = Router("r")

    @router.subscribe({"source": ["s"]})
    async def handle(event: Event) -> None:
        raise BaseExceptionGroup("tasks", [SystemExit(0)])

    bus = EventBus()
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(EVENT)
            await bus.run(handle_signals=False)

    with pytest.raises(SystemExit) as ended:
        anyio.run(main)
    assert ended.value.code == 1
    assert bus.counts("handle").retried == 1


def test_an_interruption_is_no_fault_of_the_event(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    bus = bus_whose_handler(interrupt, attempts=1, in_thread=False)

    async def main() -> None:
        async with bus:
            await bus.publish(EVENT)
            await bus.run(handle_signals=False)

    with caplog.at_level(logging.WARNING, "eventroute"), pytest.raises(KeyboardInterrupt):
        run(main)
    assert bus.counts("handle").released == 1
    assert caplog.text == ""


@pytest.mark.parametrize("in_thread", [False, True])
@pytest.mark.parametrize("takes_many", [False, True])
def test_a_generator_exit_is_an_error_like_any_other(
    run: Run, in_thread: bool, takes_many: bool
) -> None:
    router = Router("r")

    def end(delivery: Delivery) -> None:
        if delivery.attempt == 1:
            raise GeneratorExit

    async def waiting(delivery: Delivery) -> None:
        end(delivery)

    async def many(deliveries: list[Delivery]) -> None:
        end(deliveries[0])

    def many_plain(deliveries: list[Delivery]) -> None:
        end(deliveries[0])

    handlers = {(False, False): waiting, (False, True): many, (True, True): many_plain}
    handle: Any = handlers.get((in_thread, takes_many), end)
    router.subscribe({"source": ["s"]}, name="handle", retry=Retry.fixed(1))(handle)

    async def main() -> None:
        async with TestBus(router) as bus:
            await bus.publish(EVENT)
            await bus.settled()
            kinds = [one.kind.value for one in bus.outcomes("handle")]
            assert kinds == ["retried", "handled"]

    run(main)


@pytest.mark.parametrize("kind", [SystemExit, GeneratorExit])
async def test_a_clean_up_that_exits_is_logged_and_the_bus_goes_on(
    kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    router = Router("r")

    def session() -> Generator[str]:
        yield "session"
        raise kind

    @router.subscribe({"source": ["s"]})
    async def handle(event: Event, session: Annotated[str, Depends(session)]) -> None: ...

    async with TestBus(router) as bus:
        for _ in range(2):
            await bus.publish(Event("s", "t", {}))
            await bus.settled()
        assert bus.counts("handle").handled == 2
    assert caplog.text.count("the clean-up after event") == 2
