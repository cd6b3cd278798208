"""Several adapters, and several processes, on one file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from eventroute import Delivery, Event
from eventroute.errors import AdapterError, LeaseLostError
from eventroute.port import Ack
from eventroute.testing import VirtualClock
from eventroute.topology import Topology
from eventroute_sqlite import SqliteAdapter

from .kit import EVENT, one, opened, outgoing, subscription, until

NOBODY = Topology()

PUBLISHER = """
import sys
import anyio
from eventroute import Event
from eventroute.clock import SystemClock
from eventroute.port import Outgoing
from eventroute.topology import Topology
from eventroute_sqlite import SqliteAdapter
from eventroute_sqlite import create

async def main(path, name, count):
    adapter = create({"path": path, "busy_timeout": 60}, SystemClock())
    await adapter.open(Topology())
    for number in range(count):
        event = Event("s", "T", {"key": name, "step": number})
        assert await adapter.publish([Outgoing(event)], timeout=60) == [None]
    await adapter.close()

anyio.run(main, sys.argv[1], sys.argv[2], int(sys.argv[3]))
"""

WORKER = """
import sys
import anyio
from eventroute import Pattern
from eventroute.clock import SystemClock
from eventroute.port import Ack
from eventroute.topology import Subscription, Topology
from eventroute_sqlite import create

async def main(path, count):
    adapter = create({"path": path, "busy_timeout": 60}, SystemClock())
    pattern = Pattern({"source": ["s"]})
    await adapter.open(Topology((Subscription("q", pattern, "key"),)))
    while (await adapter.depth("q")).outstanding:
        for delivery in await adapter.receive("q", limit=5, wait=0.2):
            detail = delivery.event.detail
            print(detail["key"], detail["step"], flush=True)
            await adapter.settle([Ack(delivery)])
    await adapter.close()

anyio.run(main, sys.argv[1], 0)
"""

DIES_WITH_A_LEASE = """
import os, sys
import anyio
from eventroute import Pattern
from eventroute.clock import SystemClock
from eventroute.topology import Subscription, Topology
from eventroute_sqlite import create

async def main(path):
    adapter = create({"path": path}, SystemClock())
    subscription = Subscription("q", Pattern({"source": ["s"]}), visibility_timeout=0.2)
    await adapter.open(Topology((subscription,)))
    (delivery,) = await adapter.receive("q", limit=1, wait=0)
    os._exit(delivery.attempt)

anyio.run(main, sys.argv[1])
"""


def program(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str], status: int = 0) -> str:
    out, err = process.communicate(timeout=100)
    assert process.returncode == status, err
    return out


async def test_an_event_reaches_subscriptions_that_another_adapter_opened(file: Path) -> None:
    async with opened(file) as worker, opened(file, None, subscription("other")) as publisher:
        await publisher.publish(outgoing(EVENT), timeout=1)
        assert (await one(worker)).event == EVENT


async def test_a_subscription_that_is_opened_later_is_known_to_open_publishers(file: Path) -> None:
    async with opened(file) as publisher:
        await publisher.publish(outgoing(EVENT), timeout=1)
        async with opened(file, None, subscription("late")) as worker:
            await publisher.publish(outgoing(EVENT), timeout=1)
            assert (await worker.depth("late")).ready == 1


async def test_a_pattern_that_another_adapter_changes_holds_for_all(file: Path) -> None:
    async with opened(file) as publisher, opened(file, None, subscription("q", "elsewhere")):
        await publisher.publish(outgoing(EVENT, Event("elsewhere", "T", {})), timeout=1)
        assert (await one(publisher)).event.source == "elsewhere"


async def test_a_receiver_that_waits_notices_what_another_adapter_publishes(file: Path) -> None:
    received: list[Delivery] = []

    async def receive() -> None:
        received.append(await one(worker, wait=60))

    async with (
        opened(file) as worker,
        opened(file) as publisher,
        anyio.create_task_group() as group,
    ):
        group.start_soon(receive)
        await worker.depth("q")
        await publisher.publish(outgoing(EVENT), timeout=1)
    assert [delivery.event for delivery in received] == [EVENT]


async def test_a_publisher_that_waits_notices_the_room_that_another_adapter_makes(
    file: Path,
) -> None:
    async with opened(file, capacity=1) as publisher, opened(file) as worker:
        await publisher.publish(outgoing(EVENT), timeout=1)
        delivery = await one(worker)
        async with anyio.create_task_group() as group:

            async def publish() -> None:
                assert await publisher.publish(outgoing(EVENT), timeout=60) == [None]

            group.start_soon(publish)
            await publisher.depth("q")
            await worker.settle([Ack(delivery)])


async def test_one_event_is_leased_to_one_of_two_adapters(file: Path) -> None:
    async with opened(file) as a, opened(file) as b:
        await a.publish(outgoing(*[EVENT] * 10), timeout=1)
        deliveries = [
            *await a.receive("q", limit=7, wait=0),
            *await b.receive("q", limit=7, wait=0),
        ]
        assert len({delivery.receipt for delivery in deliveries}) == 10


async def test_a_key_has_one_event_in_flight_across_adapters(file: Path) -> None:
    ordered = subscription(ordered_by="key")
    async with opened(file, None, ordered) as a, opened(file, None, ordered) as b:
        events = [Event("s", "T", {"key": "k", "step": step}) for step in range(2)]
        await a.publish(outgoing(*events), timeout=1)
        first = await one(a)
        assert await b.receive("q", limit=5, wait=0) == []
        await a.settle([Ack(first)])
        assert (await one(b)).event == events[1]


async def test_a_lease_that_another_adapter_took_over_is_lost(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock) as a, opened(file, clock) as b:
        await a.publish(outgoing(EVENT), timeout=1)
        late = await one(a)
        clock.advance_to(30)
        current = await one(b)
        (error,) = await a.settle([Ack(late)])
        assert isinstance(error, LeaseLostError)
        assert current.attempt == 2


async def test_a_queue_that_another_adapter_drops_ends_its_receivers(file: Path) -> None:
    async with opened(file) as a, opened(file) as b, anyio.create_task_group() as group:

        async def receive() -> None:
            with pytest.raises(AdapterError, match="dropped"):
                await a.receive("q", limit=1, wait=60)

        group.start_soon(receive)
        await a.depth("q")
        await b.drop(["q"])


async def test_processes_that_publish_at_once_lose_nothing_and_keep_their_order(
    file: Path,
) -> None:
    async with opened(file, None, subscription(ordered_by="key")) as adapter:
        publishers = [program(PUBLISHER, file, name, 30) for name in "abc"]
        for publisher in publishers:
            await anyio.to_thread.run_sync(finished, publisher)
        assert (await adapter.depth("q")).outstanding == 90
    workers = [program(WORKER, file) for _ in range(2)]
    seen: dict[str, list[int]] = {}
    lines = [await anyio.to_thread.run_sync(finished, worker) for worker in workers]
    # Each worker prints a key's steps in order; each step is printed once.
    for line in "".join(lines).splitlines():
        key, step = line.split()
        seen.setdefault(key, []).append(int(step))
    assert sorted(seen) == ["a", "b", "c"]
    assert all(sorted(steps) == list(range(30)) for steps in seen.values())
    for text in lines:
        for key in "abc":
            steps = [int(line.split()[1]) for line in text.splitlines() if line.startswith(key)]
            assert steps == sorted(steps)


async def test_processes_that_open_a_new_file_at_once_make_one_file(file: Path) -> None:
    publishers = [program(PUBLISHER, file, name, 1) for name in "abcd"]
    for publisher in publishers:
        await anyio.to_thread.run_sync(finished, publisher)


async def test_what_a_dead_process_had_leased_comes_back_as_another_attempt(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await anyio.to_thread.run_sync(finished, program(DIES_WITH_A_LEASE, file), 1)
        assert (await one(adapter, wait=60)).attempt == 2


async def test_what_a_killed_process_had_published_is_there(file: Path) -> None:
    async with opened(file, None, subscription("a"), subscription("b")) as adapter:
        process = program(PUBLISHER, file, "k", 100_000)

        async def it_published_some() -> bool:
            return (await adapter.depth("a")).ready >= 20

        await until(it_published_some)
        process.kill()
        await anyio.to_thread.run_sync(process.communicate)
        count = (await adapter.depth("a")).ready
        assert count == (await adapter.depth("b")).ready
        steps: list[int] = []
        while deliveries := await adapter.receive("a", limit=100, wait=0):
            steps += [delivery.event.detail["step"] for delivery in deliveries]
        assert steps == list(range(count))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
async def test_a_forked_process_is_told_to_open_the_file_itself(file: Path) -> None:
    async with opened(file) as adapter:
        child = os.fork()
        if not child:
            try:
                anyio.run(adapter.depth, "q")
            except AdapterError as error:
                os._exit(7 if "before this process was forked" in str(error) else 1)
            finally:
                os._exit(2)
        assert await anyio.to_thread.run_sync(status_of, child) == 7


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
async def test_a_forked_process_can_open_the_file_for_itself(file: Path) -> None:
    async with opened(file) as adapter:
        child = os.fork()
        if not child:
            try:
                anyio.run(publish_after_opening, adapter)
                os._exit(7)
            finally:
                os._exit(2)
        assert await anyio.to_thread.run_sync(status_of, child) == 7
        assert (await one(adapter)).event == EVENT


def status_of(child: int) -> int:
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


async def publish_after_opening(adapter: SqliteAdapter) -> None:
    await adapter.open(NOBODY)
    await adapter.publish(outgoing(EVENT), timeout=1)
    await adapter.close()


async def test_a_topology_of_nobody_still_publishes(file: Path) -> None:
    async with opened(file) as worker:
        await worker.open(NOBODY)
        await worker.publish(outgoing(EVENT), timeout=1)
        assert (await one(worker)).event == EVENT
