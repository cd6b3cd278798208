"""Who works beside a handler that waits, and that nobody is woken for one that does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import wraps
from typing import Any

import anyio
import pytest

from eventroute import Event, EventBus, Router
from eventroute.delivery.giving_way import Watch, at_once
from eventroute.errors import EventRouteError
from eventroute.port import Settlement, answering_at_once, answers_at_once
from tests.delivery.line import Line, bus_on

pytestmark = pytest.mark.anyio  # on every event loop


class Calls:
    """Counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def watch() -> tuple[Watch, Calls]:
    calls = Calls()
    made = Watch(calls)
    made.is_on = True
    return made, calls


async def test_what_does_not_give_way_is_not_told_and_gives_its_result() -> None:
    made, calls = watch()

    async def work() -> int:
        return 7

    assert await made.run(work()) == 7
    assert (calls.count, made.is_on) == (0, True)


async def test_what_gives_way_often_is_told_once_each_time_it_is_turned_on() -> None:
    made, calls = watch()

    async def work() -> int:
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        assert calls.count == 1
        made.is_on = True
        await anyio.lowlevel.checkpoint()
        return 7

    assert await made.run(work()) == 7
    assert calls.count == 2


@pytest.mark.parametrize("waits", [False, True])
async def test_what_is_raised_passes_through(waits: bool) -> None:
    made, _ = watch()

    async def work() -> None:
        if waits:
            await anyio.lowlevel.checkpoint()
        raise LookupError("it")

    with pytest.raises(LookupError, match="it"):
        await made.run(work())


def test_what_never_gives_way_gives_its_result_without_being_awaited() -> None:
    async def work() -> int:
        return 7

    assert at_once(work()) == 7


def test_what_never_gives_way_raises_what_it_raises() -> None:
    async def work() -> None:
        raise LookupError("it")

    with pytest.raises(LookupError, match="it"):
        at_once(work())


async def test_what_gives_way_although_it_never_does_is_ended_and_an_error() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await anyio.lowlevel.checkpoint()
        finally:
            ended.append("here")

    with pytest.raises(RuntimeError, match=r"work.* gave way to other tasks"):
        at_once(work())
    assert ended == ["here"]


def test_what_wraps_a_method_that_answers_at_once_may_wait() -> None:
    class Adapter:
        @answering_at_once
        async def settle(self) -> None: ...

    class Slower(Adapter):
        async def settle(self) -> None: ...

    @wraps(Adapter.settle)
    async def traced(adapter: Adapter) -> None: ...

    assert answers_at_once(Adapter().settle)
    assert not answers_at_once(Slower().settle)
    assert not answers_at_once(traced)
    assert not answers_at_once(len)


async def test_a_cancelled_task_is_cancelled_inside() -> None:
    made, _ = watch()
    ended: list[str] = []

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("inside")

    with anyio.move_on_after(0) as scope:
        await made.run(work())
    assert scope.cancelled_caught
    assert ended == ["inside"]


def test_what_is_closed_is_closed_inside() -> None:
    made, _ = watch()
    ended: list[str] = []

    class Pause:
        def __await__(self) -> Generator[None]:
            yield

    async def work() -> None:
        try:
            await Pause()
        finally:
            ended.append("inside")

    running: Any = made.run(work())
    running.send(None)
    running.close()
    assert ended == ["inside"]


async def tasks_of(handler: Callable[[Event], Awaitable[None]]) -> set[str]:
    """The names of the worker's slots, once a handler was given twenty events."""
    router, names = Router("r"), set[str]()

    async def handle(event: Event) -> None:
        await handler(event)
        names.update(
            name
            for name in [one.name or "" for one in anyio.get_running_tasks()]
            if name.startswith("eventroute r.x")
        )

    router.subscribe({"source": ["s"]}, name="x")(handle)
    bus = bus_on(Line(), router)
    async with bus:
        await bus.publish_many([Event("s", "T", {}) for _ in range(20)])
        await bus.run(handle_signals=False, until_empty=True)
    return names


async def test_no_slot_is_made_beside_a_handler_that_does_not_wait() -> None:
    async def at_once(event: Event) -> None: ...

    assert await tasks_of(at_once) == {"eventroute r.x 1"}


async def test_slots_are_made_beside_a_handler_that_waits() -> None:
    begun, all_have = Calls(), anyio.Event()

    async def waits(event: Event) -> None:
        begun()
        if begun.count == 10:
            all_have.set()
        await all_have.wait()

    assert len(await tasks_of(waits)) == 10


class Slow(Line):
    """Answers settlements when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = anyio.Event()

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        await self.answers.wait()
        return await super().settle(settlements)


@pytest.mark.parametrize("limit", [None, 1])
async def test_others_are_received_while_what_was_handled_is_being_settled(
    limit: int | None,
) -> None:
    line, router, seen = Slow(), Router("r"), list[int]()

    @router.subscribe({"source": ["s"]}, name="x")
    async def handle(event: Event) -> None:
        seen.append(event.detail["n"])

    bus = EventBus(line, clock=line.clock, max_concurrency=limit)
    bus.include(router)
    async with bus, anyio.create_task_group() as group:
        await bus.publish_many([Event("s", "T", {"n": n}) for n in range(20)])
        group.start_soon(lambda: bus.run(handle_signals=False, until_empty=True))
        await anyio.wait_all_tasks_blocked()
        handled = len(seen)
        line.answers.set()
        assert handled > line.received[0]
