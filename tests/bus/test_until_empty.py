"""How a run that ends with the last event finds out that there is none, on both event loops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from math import inf
from typing import Any, TypeAlias

import anyio
import pytest
from pydantic import BaseModel

from eventroute import EventBus, Router, event
from eventroute.clock import Clock, SystemClock
from eventroute.delivery import Subscriber
from eventroute.errors import AdapterError
from eventroute.port import QueueDepth
from eventroute.until_empty import UntilEmpty
from eventroute_memory import MemoryAdapter, MemoryOptions

Run: TypeAlias = Callable[[Callable[[], Awaitable[Any]]], Any]


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


class Counting(MemoryAdapter):
    """Counts how often it is asked what a queue holds."""

    def __init__(self) -> None:
        super().__init__(MemoryOptions(), SystemClock())
        self.asked: Counter[str] = Counter()

    async def depth(self, subscription: str) -> QueueDepth:
        self.asked[subscription] += 1
        return await super().depth(subscription)


class Queues:
    """Answers what queues hold, and lets something happen meanwhile.

    :param answers: how many events there are, each time that somebody asks.
    """

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def depth(self, subscription: str) -> QueueDepth:
        self.asked.append(subscription)
        held = self.answers.pop(0)
        self.meanwhile()
        return QueueDepth(held, 0, 0, 0)


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    return partial(anyio.run, backend=request.param)


def router_of(*names: str) -> Router:
    router = Router("r")
    for name in names:

        async def handle(order: Placed) -> None: ...

        router.subscribe(Placed, name=name)(handle)
    return router


def bus_on(adapter: MemoryAdapter) -> EventBus:
    def factory(options: Mapping[str, object], clock: Clock) -> MemoryAdapter:
        return adapter

    return EventBus(factory)


def subscribers(*names: str) -> Callable[[], tuple[Subscriber, ...]]:
    return lambda: router_of(*names).subscribers


def test_a_queue_is_asked_again_once_as_many_attempts_ended_as_it_held(run: Run) -> None:
    adapter = Counting()
    bus = bus_on(adapter)
    bus.include(router_of("one"))

    async def main() -> None:
        async with bus:
            await bus.publish_many([Placed()] * 500)
            await bus.run(handle_signals=False, until_empty=True)

    run(main)
    assert bus.counts("one").handled == 500
    assert adapter.asked["r.one"] <= 3


def test_no_queue_is_asked_again_for_each_of_the_others(run: Run) -> None:
    names = [f"s{number}" for number in range(60)]
    adapter = Counting()
    bus = bus_on(adapter)
    bus.include(router_of(*names))

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False, until_empty=True)

    run(main)
    assert max(adapter.asked.values()) <= 4


def test_attempts_that_end_while_the_backend_counts_are_not_waited_for_again(run: Run) -> None:
    queues = Queues(2, 0)
    until = UntilEmpty(queues.depth, subscribers("one"), elsewhere=inf)
    queues.meanwhile = lambda: until.ended("r.one", 2) if queues.answers else None
    run(until.wait)
    assert queues.answers == []


def test_all_queues_are_asked_again_when_an_attempt_ended_meanwhile(run: Run) -> None:
    queues = Queues(0, 0, 0, 0)
    until = UntilEmpty(queues.depth, subscribers("one", "two"), elsewhere=inf)
    queues.meanwhile = lambda: until.ended("r.two", 1) if len(queues.asked) == 2 else None
    run(until.wait)
    assert queues.asked == ["r.one", "r.two", "r.one", "r.two"]


def test_a_subscription_that_is_removed_is_waited_for_no_longer(run: Run) -> None:
    queues = Queues(1, 0)
    until = UntilEmpty(queues.depth, subscribers("one"), elsewhere=inf)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(until.wait)
            await anyio.wait_all_tasks_blocked()
            until.look_again()

    run(main)
    assert queues.answers == []


def test_a_queue_that_another_process_empties_is_asked_again_after_a_while(run: Run) -> None:
    queues = Queues(1, 1, 0)
    run(UntilEmpty(queues.depth, subscribers("one"), elsewhere=0.001).wait)
    assert queues.answers == []


def test_a_backend_that_cannot_count_for_now_is_asked_again(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Counting):
        async def depth(self, subscription: str) -> QueueDepth:
            counted = await super().depth(subscription)
            if self.asked[subscription] <= 2:
                raise AdapterError("the line is down")
            return counted

    router = Router("r")

    @router.subscribe(Placed)
    async def one(order: Placed) -> None:
        await anyio.lowlevel.checkpoint()

    bus = bus_on(Failing())
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish_many([Placed()] * 5)
            await bus.run(handle_signals=False, until_empty=True)

    run(main)
    assert bus.counts("one").handled == 5
    assert caplog.text.count("cannot be counted, asked again: the line is down") == 1
