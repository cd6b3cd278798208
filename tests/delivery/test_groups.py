"""Order, where a backend hands out several events of one key at once, as SQS FIFO may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel

from eventroute import Batch, BatchError, Delivery, Retry, Router, event
from eventroute.errors import EventRouteError, LeaseLostError
from eventroute.port import Ack, Release, Settlement
from eventroute.topology import Topology

from .line import Line, bus_on


@event("shop", "Moved")
class Moved(BaseModel):
    order_id: str
    step: int


class Groups(Line):
    """Hands out several events of a key at once; none while an earlier one is with somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.acknowledged: list[tuple[str, int]] = []
        self.lost: set[tuple[str, int]] = set()
        self.held: dict[int, tuple[Delivery, str, int]] = {}
        self.waiting: list[tuple[Delivery, str, int]] = []

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        unordered = (replace(one, ordered_by=None) for one in topology)
        await super().open(Topology(tuple(unordered)), provision=provision)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        del wait  # it polls
        await anyio.lowlevel.checkpoint()
        found = await self.inner.receive(subscription, limit=1_000, wait=0)
        for delivery in found:
            detail = delivery.event.detail
            self.waiting.append((delivery, detail["order_id"], detail["step"]))
        self.waiting.sort(key=lambda one: one[2])
        busy = {key for _, key, _ in self.held.values()}
        given = [one for one in self.waiting if one[1] not in busy][:limit]
        if not given:
            await anyio.sleep(0.001)
            return []
        for one in given:
            self.waiting.remove(one)
            self.held[id(one[0])] = one
        return [one for one, *_ in given]

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        await anyio.lowlevel.checkpoint()
        outcomes: list[EventRouteError | None] = []
        for settlement in settlements:
            one = self.held.pop(id(settlement.delivery))
            _, key, step = one
            if (key, step) in self.lost:
                self.lost.remove((key, step))
                self.waiting.append(one)
                outcomes.append(LeaseLostError("the lease has ended"))
                continue
            if isinstance(settlement, Release):
                self.waiting.append(one)
                self.settled.append([settlement])
            else:
                self.acknowledged.append((key, step))
                await self.inner.settle([settlement])
            outcomes.append(None)
        return outcomes


MOVES = [Moved(order_id=key, step=step) for step in range(4) for key in "ab"]
IN_ORDER = {key: list(range(4)) for key in "ab"}


def by_key(pairs: Sequence[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, step in pairs:
        found.setdefault(key, []).append(step)
    return found


async def work_off(line: Groups, router: Router) -> None:
    bus = bus_on(line, router)
    async with bus:
        await bus.publish_many(MOVES)
        await bus.run(handle_signals=False, until_empty=True)


async def test_the_next_of_a_key_begins_when_the_one_before_is_acknowledged() -> None:
    line = Groups()
    router = Router("r")
    begun: list[tuple[str, int]] = []

    @router.subscribe(Moved, ordered_by="order_id")
    async def handle(move: Moved) -> None:
        assert by_key(line.acknowledged).get(move.order_id, []) == list(range(move.step))
        begun.append((move.order_id, move.step))
        await anyio.lowlevel.checkpoint()

    await work_off(line, router)
    assert by_key(begun) == by_key(line.acknowledged) == IN_ORDER


async def test_what_is_behind_a_failure_goes_back_first_and_uncounted() -> None:
    line = Groups()
    router = Router("r")
    begun: list[tuple[str, int]] = []
    failures = [ConnectionError()]

    @router.subscribe(Moved, ordered_by="order_id", retry=Retry.fixed(0))
    async def handle(move: Moved) -> None:
        begun.append((move.order_id, move.step))
        if (move.order_id, move.step) == ("a", 1) and failures:
            raise failures.pop()

    await work_off(line, router)
    assert by_key(begun) == {"a": [0, 1, 1, 2, 3], "b": [0, 1, 2, 3]}
    assert by_key(line.acknowledged) == IN_ORDER
    back = [one for call in line.settled for one in call if isinstance(one, Release)]
    steps = [(one.delivery.event.detail["step"], one.counted) for one in back]
    assert steps == [(3, False), (2, False), (1, True)]


async def test_what_is_behind_a_lost_acknowledgement_is_not_begun() -> None:
    line = Groups()
    line.lost = {("a", 0)}
    router = Router("r")
    begun: list[tuple[str, int]] = []

    @router.subscribe(Moved, ordered_by="order_id")
    async def handle(move: Moved) -> None:
        begun.append((move.order_id, move.step))

    await work_off(line, router)
    assert by_key(begun)["a"] == [0, 0, 1, 2, 3]
    assert by_key(line.acknowledged) == IN_ORDER


async def test_a_batch_may_hold_several_of_a_key_in_their_order() -> None:
    line = Groups()
    router = Router("r")
    seen: list[dict[str, list[int]]] = []

    @router.subscribe(Moved, ordered_by="order_id", batch=Batch(size=10))
    async def handle(moves: list[Moved]) -> None:
        seen.append(by_key([(move.order_id, move.step) for move in moves]))

    await work_off(line, router)
    assert seen == [IN_ORDER]
    assert by_key(line.acknowledged) == IN_ORDER


async def test_in_a_batch_a_failure_takes_the_later_ones_of_its_key_along() -> None:
    line = Groups()
    router = Router("r")
    seen: list[dict[str, list[int]]] = []

    @router.subscribe(Moved, ordered_by="order_id", retry=Retry.fixed(0), batch=Batch(size=10))
    async def handle(moves: list[Moved]) -> None:
        seen.append(by_key([(move.order_id, move.step) for move in moves]))
        if len(seen) == 1:
            (index,) = (n for n, move in enumerate(moves) if (move.order_id, move.step) == ("a", 1))
            raise BatchError({index: ConnectionError()})

    await work_off(line, router)
    assert seen[0] == IN_ORDER
    assert [one["a"] for one in seen[1:] if "a" in one] == [[1, 2, 3]]
    assert by_key(line.acknowledged) == IN_ORDER


async def test_in_a_batch_nothing_is_acknowledged_behind_a_lost_acknowledgement() -> None:
    line = Groups()
    line.lost = {("b", 1)}
    router = Router("r")

    @router.subscribe(Moved, ordered_by="order_id", batch=Batch(size=10))
    async def handle(moves: list[Moved]) -> None: ...

    await work_off(line, router)
    assert by_key(line.acknowledged) == IN_ORDER


@pytest.mark.parametrize("concurrency", [1, 2, 5])
async def test_order_holds_at_any_concurrency(concurrency: int) -> None:
    line = Groups()
    router = Router("r")
    tries: dict[tuple[str, int], int] = {}

    @router.subscribe(Moved, ordered_by="order_id", retry=Retry.fixed(0), concurrency=concurrency)
    async def handle(move: Moved) -> None:
        await anyio.lowlevel.checkpoint()
        own = (move.order_id, move.step)
        tries[own] = tries.get(own, 0) + 1
        if (move.step + tries[own]) % 3 == 0:
            raise ConnectionError

    await work_off(line, router)
    assert by_key(line.acknowledged) == IN_ORDER


async def test_events_that_wait_behind_another_are_given_back_on_a_stop() -> None:
    line = Groups()
    router = Router("r")

    @router.subscribe(Moved, ordered_by="order_id")
    async def handle(move: Moved) -> None:
        bus.stop()

    bus = bus_on(line, router)
    async with bus:
        await bus.publish_many(MOVES)
        await bus.run(handle_signals=False)
    assert line.held == {}
    assert len(line.acknowledged) + len(line.waiting) == len(MOVES)
    assert all(isinstance(one, Ack | Release) for call in line.settled for one in call)
