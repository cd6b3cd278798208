"""What the port promises, over a real file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType

import anyio
import pytest

from eventroute import Event
from eventroute.clock import SystemClock
from eventroute.errors import (
    AdapterError,
    DeadLetterQueueFullError,
    LeaseLostError,
    LimitExceededError,
    PublishTimeoutError,
)
from eventroute.port import Ack, Bury, Delivery, Discard, Extend, Keep, Outgoing, Redrive, Release
from eventroute.testing import VirtualClock
from eventroute.topology import Topology
from eventroute_sqlite import SqliteAdapter, create

from .kit import EVENT, one, opened, outgoing, subscription


def keyed(key: str, step: int) -> Event:
    return Event("s", "T", {"key": key, "step": step})


def steps(deliveries: list[Delivery]) -> list[tuple[str, int]]:
    return [(one.event.detail["key"], one.event.detail["step"]) for one in deliveries]


async def take(adapter: SqliteAdapter, limit: int = 100) -> list[Delivery]:
    return list(await adapter.receive("q", limit=limit, wait=0))


async def test_only_what_matches_is_received(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT, Event("other", "T", {})), timeout=1)
        assert [one.body for one in await take(adapter)] == [EVENT.to_json()]


async def test_each_matching_subscription_gets_its_own_copy(file: Path) -> None:
    async with opened(file, None, subscription("a"), subscription("b")) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await adapter.settle([Ack(await one(adapter, "a"))])
        assert (await one(adapter, "b")).event == EVENT


async def test_a_body_is_deleted_with_its_last_copy(file: Path) -> None:
    async with opened(file, None, subscription("a"), subscription("b")) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await adapter.settle([Ack(await one(adapter, "a")), Ack(await one(adapter, "b"))])
        assert await bodies(file) == 0


async def bodies(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM eventroute_event").fetchone()
        return int(count)


async def test_receive_returns_nothing_after_its_wait(file: Path) -> None:
    clock = VirtualClock()
    received: list[object] = []

    async def receive() -> None:
        received.append(await adapter.receive("q", limit=1, wait=5))

    async with opened(file, clock) as adapter, anyio.create_task_group() as group:
        group.start_soon(receive)
        await adapter.depth("q")  # asked for after the first look
        clock.advance_to(4.9)
        await adapter.depth("q")
        assert received == []
        clock.advance_to(5)
    assert received == [[]]


@pytest.mark.parametrize("anyio_backend_name", ["asyncio", "trio"])
def test_receive_returns_as_soon_as_an_event_arrives(file: Path, anyio_backend_name: str) -> None:
    received: list[Delivery] = []

    async def main() -> None:
        async def receive() -> None:
            received.append(await one(adapter, wait=60))

        async with opened(file, VirtualClock()) as adapter, anyio.create_task_group() as group:
            group.start_soon(receive)
            await adapter.depth("q")
            await adapter.publish(outgoing(EVENT), timeout=1)

    anyio.run(main, backend=anyio_backend_name)
    assert [delivery.event for delivery in received] == [EVENT]


async def test_receive_wakes_when_a_delay_has_passed(file: Path) -> None:
    clock = VirtualClock()
    received: list[Delivery] = []

    async def receive() -> None:
        received.append(await one(adapter, wait=60))

    async with opened(file, clock) as adapter:
        await adapter.publish([Outgoing(EVENT, delay=20)], timeout=1)
        async with anyio.create_task_group() as group:
            group.start_soon(receive)
            await adapter.depth("q")
            await anyio.wait_all_tasks_blocked()
            clock.advance_to(20)
    assert [delivery.age for delivery in received] == [0]


async def test_a_delay_passes_on_the_wall_clock_too(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish([Outgoing(EVENT, delay=0.05)], timeout=1)
        assert await take(adapter) == []
        assert (await one(adapter, wait=30)).event == EVENT


async def test_a_released_event_comes_back_with_a_higher_attempt_number(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        assert await adapter.settle([Release(await one(adapter), 3)]) == [None]
        assert await take(adapter) == []
        clock.advance_to(3)
        assert (await one(adapter)).attempt == 2


async def test_an_attempt_that_does_not_count_keeps_its_number(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await adapter.settle([Release(await one(adapter), counted=False)])
        assert (await one(adapter)).attempt == 1


async def test_a_lease_that_ended_is_reported_and_nothing_changes(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock, subscription(lease=10)) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        late = await one(adapter)
        assert late.lease_ends == 10
        clock.advance_to(10)
        for settlement in (Ack(late), Release(late), Extend(late, 5), Bury(late, "r", "e")):
            (error,) = await adapter.settle([settlement])
            assert isinstance(error, LeaseLostError)
        again = await one(adapter)
        (error,) = await adapter.settle([Ack(late)])
        assert isinstance(error, LeaseLostError)
        assert await adapter.settle([Ack(again)]) == [None]
        assert (await adapter.depth("q")).outstanding == 0


async def test_to_settle_twice_is_harmless(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        delivery = await one(adapter)
        first, second = await adapter.settle([Ack(delivery), Ack(delivery)])
        assert (first, type(second)) == (None, LeaseLostError)


async def test_an_old_receipt_never_settles_a_later_event(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        old = await one(adapter)
        await adapter.settle([Ack(old)])
        await adapter.publish(outgoing(EVENT), timeout=1)  # takes the row of the first
        await one(adapter)
        (error,) = await adapter.settle([Ack(old)])
        assert isinstance(error, LeaseLostError)


async def test_an_extended_lease_outlives_its_first_end(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock, subscription(lease=10)) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        delivery = await one(adapter)
        clock.advance_to(8)
        await adapter.settle([Extend(delivery, 10)])
        clock.advance_to(17)
        assert await adapter.settle([Ack(delivery)]) == [None]


async def test_of_one_key_one_is_in_flight_and_the_next_follows_its_end(file: Path) -> None:
    async with opened(file, None, subscription(ordered_by="key")) as adapter:
        events = [keyed(key, step) for step in (1, 2) for key in "ab"]
        await adapter.publish(outgoing(*events), timeout=1)
        first = await take(adapter)
        assert steps(first) == [("a", 1), ("b", 1)]
        assert await take(adapter) == []
        await adapter.settle([Ack(first[0]), Bury(first[1], "rejected", "no")])
        assert steps(await take(adapter)) == [("a", 2), ("b", 2)]


async def test_a_failing_key_blocks_only_itself(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock, subscription(ordered_by="key", lease=300)) as adapter:
        await adapter.publish(outgoing(keyed("a", 1), keyed("a", 2), keyed("b", 1)), timeout=1)
        failing, fine = await take(adapter)
        await adapter.settle([Release(failing, 60), Ack(fine)])
        await adapter.publish(outgoing(keyed("b", 2)), timeout=1)
        assert steps(await take(adapter)) == [("b", 2)]
        clock.advance_to(60)
        assert steps(await take(adapter)) == [("a", 1)]


async def test_an_ordered_event_with_a_delay_takes_its_place_when_it_is_due(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock, subscription(ordered_by="key", lease=300)) as adapter:
        await adapter.publish([Outgoing(keyed("a", 1), delay=60)], timeout=1)
        await adapter.publish(outgoing(keyed("a", 2)), timeout=1)
        (second,) = await take(adapter)
        clock.advance_to(60)
        await adapter.publish(outgoing(keyed("a", 3)), timeout=1)
        assert steps([second]) == [("a", 2)]
        assert await take(adapter) == []
        seen: list[tuple[str, int]] = []
        await adapter.settle([Ack(second)])
        while deliveries := await take(adapter):
            seen += steps(deliveries)
            await adapter.settle([Ack(delivery) for delivery in deliveries])
        assert seen == [("a", 1), ("a", 3)]


async def test_events_with_the_same_delay_keep_their_order(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock, subscription(ordered_by="key")) as adapter:
        await adapter.publish(
            [Outgoing(keyed("a", step), delay=60) for step in range(5)], timeout=1
        )
        clock.advance_to(60)
        seen: list[int] = []
        while deliveries := await take(adapter):
            seen += [step for _, step in steps(deliveries)]
            await adapter.settle([Ack(delivery) for delivery in deliveries])
        assert seen == [0, 1, 2, 3, 4]


async def test_the_depth_counts_by_state_and_knows_what_is_due(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock, subscription(ordered_by="key")) as adapter:
        await adapter.publish(
            outgoing(keyed("a", 1), keyed("a", 2), keyed("b", 1), keyed("c", 1)), timeout=1
        )
        await adapter.publish([Outgoing(keyed("d", 1), delay=60)], timeout=1)
        a, b = await take(adapter, 2)
        await adapter.settle([Release(b, 7)])
        depth = await adapter.depth("q")
        assert (depth.ready, depth.delayed, depth.in_flight, depth.dead) == (1, 3, 1, 0)
        assert depth.next_due == 7
        await adapter.settle([Bury(a, "rejected", "no")])
        depth = await adapter.depth("q")
        assert (depth.ready, depth.delayed, depth.in_flight, depth.dead) == (2, 2, 0, 1)


async def test_a_buried_event_keeps_bytes_reason_and_headers(file: Path) -> None:
    before = datetime.now(UTC)
    async with opened(file) as adapter:
        await adapter.publish([Outgoing(EVENT, {"traceparent": "00-1"})], timeout=1)
        delivery = await one(adapter)
        assert delivery.headers == {"traceparent": "00-1"}
        await adapter.settle([Bury(delivery, "rejected", "no such customer", "line 3")])
        (letter,) = await adapter.receive_dead("q", limit=5, lease=30)
    assert (letter.body, letter.reason, letter.error, letter.traceback, letter.attempts) == (
        EVENT.to_json(),
        "rejected",
        "no such customer",
        "line 3",
        1,
    )
    assert letter.headers == {"traceparent": "00-1"}
    assert letter.died is not None
    assert before <= letter.died <= datetime.now(UTC)


async def test_an_error_text_that_is_no_unicode_is_kept_as_well_as_it_can_be(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        delivery = await one(adapter)
        name = b"caf\xe9.txt".decode(errors="surrogateescape")  # as of a file's name
        assert await adapter.settle([Bury(delivery, "failed", name, name)]) == [None]
        (letter,) = await adapter.receive_dead("q", limit=5, lease=30)
    assert (letter.error, letter.traceback) == ("caf\\udce9.txt", "caf\\udce9.txt")


async def dead(adapter: SqliteAdapter, *events: Event) -> None:
    await adapter.publish(outgoing(*events), timeout=1)
    for delivery in await take(adapter):
        assert await adapter.settle([Bury(delivery, "rejected", "no")]) == [None]


async def test_dead_letters_come_oldest_first_and_are_hidden_until_they_are_kept(
    file: Path,
) -> None:
    async with opened(file) as adapter:
        await dead(adapter, *[keyed("a", step) for step in range(3)])
        letters = await adapter.receive_dead("q", limit=2, lease=30)
        assert [Event.from_json(one.body).detail["step"] for one in letters] == [0, 1]
        (last,) = await adapter.receive_dead("q", limit=5, lease=30)
        assert await adapter.receive_dead("q", limit=5, lease=30) == []
        assert await adapter.settle_dead([Keep(letters[0])]) == [None]
        (again,) = await adapter.receive_dead("q", limit=5, lease=30)
        assert again.id == letters[0].id != last.id


async def test_a_dead_letter_that_another_call_holds_is_not_settled(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock) as adapter:
        await dead(adapter, EVENT)
        (late,) = await adapter.receive_dead("q", limit=5, lease=30)
        clock.advance_to(30)
        (held,) = await adapter.receive_dead("q", limit=5, lease=30)
        for settlement in (Discard(late), Redrive(late), Keep(late)):
            (error,) = await adapter.settle_dead([settlement])
            assert isinstance(error, LeaseLostError)
        assert await adapter.settle_dead([Discard(held)]) == [None]
        assert (await adapter.depth("q")).dead == 0
    assert await bodies(file) == 0


async def test_a_redriven_event_starts_at_the_end_with_its_first_attempt(file: Path) -> None:
    async with opened(file, None, subscription(ordered_by="key")) as adapter:
        await dead(adapter, keyed("a", 1))
        await adapter.publish(outgoing(keyed("a", 2)), timeout=1)
        (letter,) = await adapter.receive_dead("q", limit=5, lease=30)
        assert await adapter.settle_dead([Redrive(letter)]) == [None]
        (second,) = await take(adapter)
        assert steps([second]) == [("a", 2)]
        await adapter.settle([Ack(second)])
        (first,) = await take(adapter)
        assert (steps([first]), first.attempt) == ([("a", 1)], 1)
        assert (await adapter.depth("q")).dead == 0


async def test_opening_again_with_another_topology_keeps_what_is_there(file: Path) -> None:
    async with opened(file, None, subscription("old"), subscription("q")) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await adapter.open(Topology((subscription("q", "elsewhere"), subscription("new"))))
        await adapter.publish(outgoing(EVENT), timeout=1)
        depths = {name: (await adapter.depth(name)).ready for name in ("old", "q", "new")}
    assert depths == {"old": 2, "q": 1, "new": 1}


def keyed_on(member: str | None) -> Topology:
    return Topology((subscription(ordered_by=member),))


async def test_new_keys_order_what_waits_as_it_came_whatever_became_of_it_since(file: Path) -> None:
    clock = VirtualClock()
    async with opened(file, clock) as adapter:
        await adapter.publish(outgoing(keyed("a", 1), keyed("a", 2), keyed("b", 1)), timeout=1)
        await adapter.publish([Outgoing(keyed("b", 2), delay=3)], timeout=1)
        first, second = await adapter.receive("q", limit=2, wait=0)
        await adapter.settle([Release(second), Release(first, 5)])
        await adapter.open(keyed_on("key"))
        assert steps(await take(adapter)) == [("b", 1)], "a 2 waits for a 1, which is delayed"
        clock.advance_to(5)
        (again,) = await take(adapter)
        assert steps([again]) == [("a", 1)]
        await adapter.settle([Ack(again)])
        assert steps(await take(adapter)) == [("a", 2)]
        depth = await adapter.depth("q")
        assert (depth.in_flight, depth.delayed) == (2, 1), "b 2 waits for b 1"


async def test_of_the_leases_of_a_new_key_one_goes_on(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(keyed("a", 1), keyed("a", 2), keyed("b", 1)), timeout=1)
        leased = await take(adapter)
        await adapter.open(keyed_on("key"))
        errors = await adapter.settle([Ack(one) for one in leased])
        assert [type(error) for error in errors] == [NoneType, LeaseLostError, NoneType]
        assert steps(await take(adapter)) == [("a", 2)]


async def test_without_keys_all_that_waits_is_ready_in_its_order(file: Path) -> None:
    async with opened(file, None, subscription(ordered_by="key")) as adapter:
        await adapter.publish(outgoing(*[keyed("a", n) for n in (1, 2, 3)]), timeout=1)
        await adapter.open(keyed_on(None))
        assert steps(await take(adapter)) == [("a", 1), ("a", 2), ("a", 3)]


async def test_what_was_published_is_there_after_the_file_is_opened_again(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
    async with opened(file) as adapter:
        assert (await one(adapter)).event == EVENT


async def test_one_adapter_can_be_opened_again_in_another_event_loop(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)

    async def again() -> Delivery:
        await adapter.open(Topology((subscription(),)))
        try:
            return await one(adapter)
        finally:
            await adapter.close()

    delivery = await anyio.to_thread.run_sync(lambda: anyio.run(again, backend="trio"))
    assert delivery.event == EVENT


def test_an_adapter_whose_event_loop_ended_can_be_opened_in_another(file: Path) -> None:
    adapter = create({"path": str(file)}, SystemClock())
    topology = Topology((subscription(),))

    async def publish_and_forget_to_close() -> None:
        await adapter.open(topology)
        await adapter.publish(outgoing(EVENT), timeout=1)

    async def receive() -> Delivery:
        await adapter.open(topology)
        try:
            return await one(adapter)
        finally:
            await adapter.close()

    anyio.run(publish_and_forget_to_close)
    assert anyio.run(receive).event == EVENT


class Counting:
    """The system's clock, with somebody who counts around it."""

    def __init__(self) -> None:
        self.inner, self.calls = SystemClock(), 0

    def now(self) -> float:
        self.calls += 1
        return self.inner.now()

    def wall(self) -> float:
        return self.inner.wall()

    async def wait(self, event: anyio.Event, until: float | None) -> None:
        await self.inner.wait(event, until)

    async def sleep(self, seconds: float) -> None:
        await self.inner.sleep(seconds)


async def test_processes_with_different_clocks_of_the_same_time_respect_each_others_leases(
    file: Path,
) -> None:
    async with opened(file, Counting()) as one, opened(file) as other:
        await one.publish(outgoing(EVENT), timeout=1)
        (delivery,) = await take(one)
        assert await take(other) == []
        assert delivery.lease_ends == pytest.approx(SystemClock().now() + 30, abs=5)


async def test_a_clock_that_fails_fails_the_calls_and_hangs_none(file: Path) -> None:
    class Broken(VirtualClock):
        def wall(self) -> float:
            if broken:
                raise RuntimeError("no time")
            return super().wall()

    broken = False
    async with opened(file, Broken()) as adapter:
        broken = True
        for _ in range(2):
            with pytest.raises(RuntimeError, match="no time"):
                await adapter.depth("q")


async def test_a_dropped_queue_gets_nothing_and_ends_its_receivers(file: Path) -> None:
    async def receive() -> None:
        with pytest.raises(AdapterError, match="'q'; it was dropped"):
            await adapter.receive("q", limit=1, wait=60)

    async with opened(file) as adapter, anyio.create_task_group() as group:
        group.start_soon(receive)
        await adapter.depth("q")
        await adapter.drop(["q", "unknown"])
        assert await adapter.publish(outgoing(EVENT), timeout=1) == [None]


async def test_what_a_dropped_queue_had_leased_is_lost(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        delivery = await one(adapter)
        await adapter.drop(["q"])
        (error,) = await adapter.settle([Ack(delivery)])
        assert isinstance(error, LeaseLostError)


async def test_a_subscription_that_comes_back_begins_empty(file: Path) -> None:
    async with opened(file) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await adapter.drop(["q"])
        await adapter.open(Topology((subscription(),)))
        assert (await adapter.depth("q")).outstanding == 0


async def test_an_event_over_the_limit_is_refused_and_the_others_are_taken(file: Path) -> None:
    async with opened(file, max_event_bytes=300) as adapter:
        big = Event("s", "T", {"x": "y" * 400})
        errors = await adapter.publish(outgoing(EVENT, big, EVENT), timeout=1)
        assert [type(error) for error in errors] == [type(None), LimitExceededError, type(None)]
        assert (await adapter.depth("q")).ready == 2


async def test_a_publish_that_finds_no_room_fails_and_names_the_queue(file: Path) -> None:
    async with opened(file, None, subscription("a"), subscription("b"), capacity=2) as adapter:
        errors = await adapter.publish(outgoing(EVENT, EVENT, EVENT), timeout=0.01)
        assert [type(error) for error in errors] == [type(None), type(None), PublishTimeoutError]
        assert "'a' holds 2 events" in str(errors[2])
        assert (await adapter.depth("b")).ready == 2


async def test_a_publish_waits_until_there_is_room(file: Path) -> None:
    async with opened(file, capacity=1) as adapter, anyio.create_task_group() as group:
        await adapter.publish(outgoing(EVENT), timeout=1)
        group.start_soon(make_room, adapter)
        assert await adapter.publish(outgoing(EVENT), timeout=60) == [None]


async def make_room(adapter: SqliteAdapter) -> None:
    await anyio.wait_all_tasks_blocked()
    await adapter.settle([Ack(await one(adapter))])


async def test_a_full_dead_letter_queue_leaves_the_event_where_it_is(file: Path) -> None:
    async with opened(file, capacity=1) as adapter:
        await dead(adapter, EVENT)
        await adapter.publish(outgoing(EVENT), timeout=1)
        delivery = await one(adapter)
        (error,) = await adapter.settle([Bury(delivery, "rejected", "no")])
        assert isinstance(error, DeadLetterQueueFullError)
        assert await adapter.settle([Ack(delivery)]) == [None]


async def test_an_adapter_that_is_not_open_says_so(file: Path) -> None:
    async with opened(file) as adapter:
        pass
    await adapter.close()
    with pytest.raises(AdapterError, match=r"events\.db is not open"):
        await adapter.publish(outgoing(EVENT), timeout=1)
