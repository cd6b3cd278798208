"""The archive: what it keeps, for how long, and what a replay delivers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eventroute import Event, Pattern
from eventroute.errors import NameNotFoundError, UnsupportedError
from eventroute.port import REPLAYED, Ack, Archive, Bury, Outgoing, Redrive, Replay
from eventroute.testing import VirtualClock
from eventroute_sqlite import SqliteAdapter

from .kit import EVENT, one, opened, outgoing, subscription, until

HOUR = timedelta(hours=1)


def numbered(number: int) -> Event:
    return Event("s", "T", {"number": number})


def everything(**changes: object) -> Replay:
    now = datetime.now(UTC)
    given = {"since": now - HOUR, "until": now + HOUR, **changes}
    return Replay(**given)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  a test's own choice


async def handled(adapter: SqliteAdapter, name: str = "q") -> list[int]:
    """Receive and acknowledge what is there."""
    numbers: list[int] = []
    while deliveries := await adapter.receive(name, limit=100, wait=0):
        numbers += [delivery.event.detail["number"] for delivery in deliveries]
        await adapter.settle([Ack(delivery) for delivery in deliveries])
    return numbers


async def archived(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM eventroute_event JOIN eventroute_archive ON event = id"
        ).fetchone()
        return int(count)


async def test_what_was_handled_is_delivered_again_in_order_and_says_so(file: Path) -> None:
    async with opened(file, None, subscription(ordered_by="key"), retention=60) as adapter:
        assert isinstance(adapter, Archive)
        await adapter.publish(outgoing(*map(numbered, range(100))), timeout=1)
        await adapter.publish(outgoing(*map(numbered, range(100, 150))), timeout=1)
        first = await handled(adapter)
        before = datetime.now(UTC).replace(microsecond=0)
        assert await adapter.replay(everything()) == 150
        delivery = await one(adapter)
        assert before <= datetime.fromisoformat(delivery.headers[REPLAYED]) <= datetime.now(UTC)
        await adapter.settle([Ack(delivery)])
        assert [0, *await handled(adapter)] == first == list(range(150))


async def test_a_replay_keeps_headers_and_is_a_first_attempt(file: Path) -> None:
    async with opened(file, retention=60) as adapter:
        await adapter.publish([Outgoing(EVENT, {"traceparent": "00-1"})], timeout=1)
        await adapter.settle([Ack(await one(adapter))])
        await adapter.replay(everything())
        delivery = await one(adapter)
        assert (delivery.attempt, delivery.headers["traceparent"]) == (1, "00-1")


async def test_a_replayed_event_that_dies_and_is_redriven_still_says_that_it_was_replayed(
    file: Path,
) -> None:
    async with opened(file, retention=60) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        await adapter.settle([Ack(await one(adapter))])
        await adapter.replay(everything())
        await adapter.settle([Bury(await one(adapter), "rejected", "no")])
        (letter,) = await adapter.receive_dead("q", limit=1, lease=30)
        assert REPLAYED in letter.headers
        await adapter.settle_dead([Redrive(letter)])
        assert REPLAYED in (await one(adapter)).headers


async def test_only_the_named_subscriptions_get_it_and_only_what_they_match(file: Path) -> None:
    names = (subscription("a"), subscription("b"), subscription("c", "other"))
    async with opened(file, None, *names, retention=60) as adapter:
        await adapter.publish(outgoing(numbered(1)), timeout=1)
        assert [await handled(adapter, name) for name in "abc"] == [[1], [1], []]
        assert await adapter.replay(everything(subscriptions=("b", "c"))) == 1
        assert [await handled(adapter, name) for name in "abc"] == [[], [1], []]


async def test_a_pattern_narrows_a_replay(file: Path) -> None:
    async with opened(file, retention=60) as adapter:
        await adapter.publish(outgoing(*map(numbered, range(10))), timeout=1)
        await handled(adapter)
        small = Pattern({"detail": {"number": [{"numeric": ["<", 3]}]}})
        assert await adapter.replay(everything(pattern=small)) == 3
        assert await handled(adapter) == [0, 1, 2]


async def test_a_replay_begins_and_ends_where_it_is_told_to(file: Path) -> None:
    async with opened(file, retention=60) as adapter:
        await adapter.publish(outgoing(numbered(1)), timeout=1)
        between = datetime.now(UTC)
        await adapter.publish(outgoing(numbered(2)), timeout=1)
        await handled(adapter)
        await adapter.replay(everything(until=between))
        assert await handled(adapter) == [1]
        await adapter.replay(everything(since=between))
        assert await handled(adapter) == [2]


async def test_what_matched_nobody_reaches_a_subscription_that_came_later(file: Path) -> None:
    async with opened(file, None, subscription("other", "elsewhere"), retention=60) as adapter:
        await adapter.publish(outgoing(numbered(1)), timeout=1)
    async with opened(file) as adapter:
        assert await adapter.replay(everything()) == 1
        assert await handled(adapter) == [1]


async def test_an_event_whose_delay_has_not_passed_is_not_replayed(file: Path) -> None:
    async with opened(file, retention=60) as adapter:
        await adapter.publish([Outgoing(EVENT, delay=600)], timeout=1)
        assert await adapter.replay(everything()) == 0


async def test_without_retention_nothing_is_kept_and_a_replay_says_so(file: Path) -> None:
    async with opened(file, None, subscription("other", "elsewhere")) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        assert await archived(file) == 0
        with pytest.raises(UnsupportedError, match=r"set sqlite\.retention"):
            await adapter.replay(everything())


async def test_a_replay_into_an_unknown_subscription_is_refused(file: Path) -> None:
    async with opened(file, retention=60) as adapter:
        with pytest.raises(NameNotFoundError, match="'typo'"):
            await adapter.replay(everything(subscriptions=("typo",)))


async def test_retention_belongs_to_the_file_and_holds_for_every_publisher(file: Path) -> None:
    async with opened(file, retention=60):
        pass
    async with opened(file) as adapter:
        await adapter.publish(outgoing(numbered(1)), timeout=1)
        await handled(adapter)
        assert await adapter.replay(everything()) == 1


async def test_what_is_past_retention_is_deleted_bit_by_bit(file: Path) -> None:
    clock = VirtualClock()

    async def only_the_new_one_is_left() -> bool:
        await adapter.depth("q")
        return await archived(file) == 1

    async with opened(file, clock, retention=60) as adapter:
        for _ in range(5):
            await adapter.publish(outgoing(*[numbered(1)] * 100), timeout=1)
        await handled(adapter)
        clock.advance_to(59)
        await adapter.publish(outgoing(numbered(2)), timeout=1)
        assert await archived(file) == 501
        clock.advance_to(61)
        await until(only_the_new_one_is_left)


async def test_what_a_queue_still_holds_outlives_its_place_in_the_archive(file: Path) -> None:
    clock = VirtualClock()

    async def nothing_is_archived() -> bool:
        await adapter.depth("q")
        return await archived(file) == 0

    async with opened(file, clock, retention=60) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
        clock.advance_to(61)
        await until(nothing_is_archived)
        assert (await one(adapter)).event == EVENT


async def test_what_a_dropped_queue_held_is_deleted(file: Path) -> None:
    async def nothing_is_left() -> bool:
        await adapter.depth("other")
        with closing(sqlite3.connect(file)) as connection:
            counts = connection.execute(
                "SELECT (SELECT count(*) FROM eventroute_event), "
                "(SELECT count(*) FROM eventroute_message), "
                "(SELECT count(*) FROM eventroute_dead), (SELECT count(*) FROM eventroute_queue)"
            ).fetchone()
        return bool(counts == (0, 0, 0, 1))

    async with opened(file, None, subscription(), subscription("other", "elsewhere")) as adapter:
        for _ in range(3):
            await adapter.publish(outgoing(*[EVENT] * 100), timeout=1)
        await adapter.settle([Bury(await one(adapter), "rejected", "no")])
        await adapter.drop(["q"])
        await until(nothing_is_left)


async def test_the_archive_tells_what_it_keeps(file: Path) -> None:
    async with opened(file, None, subscription(), retention=60) as adapter:
        assert (await adapter.describe_archive()).since is None
        await adapter.publish(outgoing(*map(numbered, range(3))), timeout=1)
        state = await adapter.describe_archive()
    assert (state.resource, state.state) == (f"archive in the file {file}", "enabled")
    assert (state.events, state.retention, state.capacity) == (3, 60, None)
    assert state.since is not None
    assert abs(state.since - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_file_that_keeps_no_archive_has_nothing_to_tell(file: Path) -> None:
    async with opened(file, None, subscription()) as adapter:
        with pytest.raises(UnsupportedError, match=r"set sqlite\.retention"):
            await adapter.describe_archive()
