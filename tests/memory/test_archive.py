"""``memory.archive`` keeps the last events for a replay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventroute import Event, Pattern
from eventroute.errors import NameNotFoundError, PublishTimeoutError, UnsupportedError
from eventroute.port import REPLAYED, Ack, Archive, Outgoing, Replay
from eventroute.testing import VirtualClock
from eventroute.topology import Subscription, Topology
from eventroute_memory import MemoryAdapter, adapter, create

SUBSCRIPTIONS = (
    Subscription("all", Pattern({"source": ["s"]})),
    Subscription("odd", Pattern({"detail": {"odd": [True]}})),
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_OFF = datetime(2200, 1, 1, tzinfo=UTC)


def event(n: int) -> Event:
    return Event("s", "T", {"n": n, "odd": bool(n % 2)}, id=f"event-{n}")


async def published(count: int, **options: object) -> MemoryAdapter:
    """An adapter that was given events, all of which were acknowledged."""
    adapter = create(options, VirtualClock())
    await adapter.open(Topology(SUBSCRIPTIONS))
    for n in range(count):
        await adapter.publish([Outgoing(event(n), {"traceparent": f"00-{n}"})], timeout=1)
    for subscription in SUBSCRIPTIONS:
        await numbers(adapter, subscription.name)
    return adapter


async def numbers(adapter: MemoryAdapter, subscription: str) -> list[object]:
    """What is in a queue, taken out of it."""
    deliveries = await adapter.receive(subscription, limit=100, wait=0)
    await adapter.settle([Ack(delivery) for delivery in deliveries])
    return [delivery.event.detail["n"] for delivery in deliveries]


async def test_a_replay_delivers_again_in_the_order_of_publication() -> None:
    adapter = await published(5, archive=10)
    assert isinstance(adapter, Archive)
    assert await adapter.replay(Replay(LONG_AGO, FAR_OFF)) == 5
    assert await numbers(adapter, "all") == [0, 1, 2, 3, 4]
    assert await numbers(adapter, "odd") == [1, 3]


async def test_a_replay_reaches_only_the_subscriptions_that_are_named_and_match() -> None:
    adapter = await published(5, archive=10)
    assert await adapter.replay(Replay(LONG_AGO, FAR_OFF, subscriptions=("odd",))) == 2
    assert await numbers(adapter, "all") == []
    assert await numbers(adapter, "odd") == [1, 3]


async def test_a_replay_into_an_unknown_subscription_is_refused_and_delivers_nothing() -> None:
    adapter = await published(2, archive=10)
    with pytest.raises(NameNotFoundError, match="'typo'"):
        await adapter.replay(Replay(LONG_AGO, FAR_OFF, subscriptions=("all", "typo")))
    assert await numbers(adapter, "all") == []


async def test_a_replay_takes_only_events_that_match_its_pattern() -> None:
    adapter = await published(5, archive=10)
    pattern = Pattern({"detail": {"n": [3, 4]}})
    assert await adapter.replay(Replay(LONG_AGO, FAR_OFF, pattern)) == 2
    assert await numbers(adapter, "all") == [3, 4]


async def test_a_replay_takes_only_events_of_its_time() -> None:
    adapter = await published(2, archive=10)
    between = datetime.now(UTC)
    await adapter.publish([Outgoing(event(2))], timeout=1)
    await numbers(adapter, "all")
    assert await adapter.replay(Replay(LONG_AGO, between)) == 2
    assert await numbers(adapter, "all") == [0, 1]
    assert await adapter.replay(Replay(between, FAR_OFF)) == 1
    assert await numbers(adapter, "all") == [2]


async def test_a_delayed_event_counts_as_published_when_its_time_has_come() -> None:
    adapter = await published(0, archive=10)
    await adapter.publish([Outgoing(event(0), delay=3_600), Outgoing(event(1))], timeout=1)
    now = datetime.now(UTC)
    assert await adapter.replay(Replay(LONG_AGO, now + timedelta(hours=2))) == 2
    assert await numbers(adapter, "all") == [1, 1, 0]


async def test_a_replayed_event_keeps_its_headers_and_says_that_it_is_one() -> None:
    adapter = await published(1, archive=10)
    await adapter.replay(Replay(LONG_AGO, FAR_OFF))
    (delivery,) = await adapter.receive("all", limit=1, wait=0)
    assert delivery.body == event(0).to_json()
    assert delivery.headers["traceparent"] == "00-0"
    assert datetime.fromisoformat(delivery.headers[REPLAYED]) <= datetime.now(UTC)


async def test_a_replay_is_not_archived_in_its_turn() -> None:
    adapter = await published(3, archive=10)
    await adapter.replay(Replay(LONG_AGO, FAR_OFF))
    assert await adapter.replay(Replay(LONG_AGO, FAR_OFF)) == 3


async def test_a_full_archive_forgets_the_oldest_event() -> None:
    adapter = await published(5, archive=2)
    await adapter.replay(Replay(LONG_AGO, FAR_OFF))
    assert await numbers(adapter, "all") == [3, 4]


async def test_what_was_refused_is_not_archived() -> None:
    adapter = await published(0, archive=10, max_event_bytes=300)
    await adapter.publish([Outgoing(Event("s", "T", {"x": "y" * 400}))], timeout=1)
    assert await adapter.replay(Replay(LONG_AGO, FAR_OFF)) == 0


async def test_an_event_that_cannot_be_read_matches_no_replay() -> None:
    adapter = await published(0, archive=10)
    broken = b'{"id":"1","source":"s","detail-type":"T","detail":{"a":"\xff"}}'
    await adapter.drop(["odd"])
    await adapter.publish([Outgoing(Event.from_trusted_json(broken))], timeout=1)
    await adapter.open(Topology(SUBSCRIPTIONS))
    pattern = Pattern({"detail": {"n": [1]}})
    assert await adapter.replay(Replay(LONG_AGO, FAR_OFF, pattern)) == 0


async def test_an_adapter_that_was_not_told_to_keeps_no_archive() -> None:
    adapter = await published(1)
    with pytest.raises(UnsupportedError, match=r"set memory\.archive"):
        await adapter.replay(Replay(LONG_AGO, FAR_OFF))


async def test_a_replay_into_a_full_queue_fails_and_says_how_far_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adapter, "_REPLAY_WAIT", 0.0)
    full = await published(2, archive=10, capacity=3)
    await full.replay(Replay(LONG_AGO, FAR_OFF))
    with pytest.raises(PublishTimeoutError, match="after 1 replayed events: the queue of 'all'"):
        await full.replay(Replay(LONG_AGO, FAR_OFF))


async def test_the_archive_tells_what_it_keeps_and_how_much_that_can_be() -> None:
    adapter = await published(5, archive=3)
    state = await adapter.describe_archive()
    assert (state.events, state.capacity, state.retention) == (3, 3, None)
    assert state.size == sum(len(event(n).to_json()) for n in (2, 3, 4))
    assert state.since is not None
    assert abs(state.since - datetime.now(UTC)) < timedelta(minutes=1)


async def test_an_empty_archive_has_no_first_moment() -> None:
    adapter = await published(0, archive=3)
    assert (await adapter.describe_archive()).since is None
