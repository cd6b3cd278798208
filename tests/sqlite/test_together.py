"""What is published together is stored together, and lies as if it had been stored one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from eventroute import Event
from eventroute.clock import SystemClock
from eventroute.port import Ack, Delivery, Outgoing
from eventroute.testing import VirtualClock
from eventroute_sqlite.bells import Bells
from eventroute_sqlite.desk import Desk
from eventroute_sqlite.job import Job
from eventroute_sqlite.moments import Moments
from eventroute_sqlite.options import read_options
from eventroute_sqlite.transaction import Transaction
from eventroute_sqlite.writer import Writer

from .kit import opened, outgoing, subscription


def numbered(count: int, source: str = "s") -> list[Event]:
    return [Event(source, "T", {"n": number, "key": f"k{number % 3}"}) for number in range(count)]


def numbers(deliveries: Sequence[Delivery]) -> list[int]:
    return [delivery.event.detail["n"] for delivery in deliveries]


async def test_a_batch_lies_in_its_order_behind_what_was_there(file: Path) -> None:
    async with opened(file) as adapter:
        one, *others = numbered(30)
        await adapter.publish(outgoing(one), timeout=5)
        assert await adapter.publish(outgoing(*others), timeout=5) == [None] * 29
        await adapter.publish(outgoing(Event("s", "T", {"n": 30})), timeout=5)
        assert numbers(await adapter.receive("q", limit=50, wait=0)) == list(range(31))
        depth = await adapter.depth("q")
        assert (depth.ready, depth.in_flight) == (0, 31)


async def test_a_batch_may_mix_what_is_delayed_with_what_is_not(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock) as adapter:
        batch = [Outgoing(one, delay=5.0 * (index % 2)) for index, one in enumerate(numbered(6))]
        await adapter.publish(batch, timeout=5)
        assert numbers(await adapter.receive("q", limit=50, wait=0)) == [0, 2, 4]
        clock.advance_to(5)
        assert numbers(await adapter.receive("q", limit=50, wait=0)) == [1, 3, 5]


async def test_a_batch_reaches_ordered_and_unordered_queues_in_its_order(file: Path) -> None:
    queues = (subscription("plain"), subscription("ordered", ordered_by="key"))
    async with opened(file, None, *queues) as adapter:
        await adapter.publish(outgoing(*numbered(9)), timeout=5)
        assert numbers(await adapter.receive("plain", limit=50, wait=0)) == list(range(9))
        found: list[int] = []
        while deliveries := await adapter.receive("ordered", limit=50, wait=0):
            found += numbers(deliveries)
            await adapter.settle([Ack(delivery) for delivery in deliveries])
        assert found == list(range(9))


async def test_a_batch_shares_one_body_between_the_queues_that_it_reaches(file: Path) -> None:
    queues = (subscription("a"), subscription("b"), subscription("other", "elsewhere"))
    async with opened(file, None, *queues) as adapter:
        mixed = [*numbered(4), *numbered(3, "elsewhere"), *numbered(2, "nobody")]
        assert await adapter.publish(outgoing(*mixed), timeout=5) == [None] * 9
        for name, count in (("a", 4), ("b", 4), ("other", 3)):
            deliveries = await adapter.receive(name, limit=50, wait=0)
            assert numbers(deliveries) == list(range(count))
            await adapter.settle([Ack(delivery) for delivery in deliveries])
            assert (await adapter.depth(name)).in_flight == 0


class Witness(Desk):
    """A desk that remembers how many jobs each transaction had."""

    sizes: list[int]

    def perform(self, jobs: Sequence[Job[Any]]) -> Transaction:
        self.sizes.append(len(jobs))
        return super().perform(jobs)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_what_all_tasks_ask_for_at_once_is_one_transaction(file: Path, loop: str) -> None:
    sizes: list[int] = []

    def open_desk() -> Desk:
        desk = Witness(read_options({"path": str(file)}), Moments(SystemClock()))
        desk.sizes = sizes
        return desk

    async def main() -> None:
        writer = Writer(open_desk, file, Bells(), poll_interval=1)
        await writer.start()
        sizes.clear()
        async with anyio.create_task_group() as group:
            for _ in range(20):
                work: Callable[[Transaction], bool] = bool
                group.start_soon(partial(writer.run, Job(work)))
        await writer.stop()

    anyio.run(main, backend=loop)
    assert sizes == [20]
