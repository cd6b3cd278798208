"""Messages that come late, twice, or round and round."""

from __future__ import annotations

import json

import anyio
import pytest

from eventroute import Event, EventBus
from eventroute.errors import AdapterError
from eventroute_aws.push import SnsPushReceiver
from tests.aws.push.asgi import post
from tests.aws.push.desk import desk
from tests.aws.push.signing import (
    NOW,
    TOPIC,
    event,
    notification,
    verifier,
)


async def test_an_old_message_is_a_replay() -> None:
    async with desk() as at:
        assert await at.push(notification(Timestamp="2026-01-02T02:04:04.999Z")) == 400
        assert at.got == []
        assert await at.push(notification(Timestamp="2026-01-02T02:04:05.000Z")) == 200


async def test_the_age_of_a_replay_is_configured() -> None:
    async with desk(max_age=60) as at:
        assert await at.push(notification(Timestamp="2026-01-02T03:03:00.000Z")) == 400


async def test_a_message_from_the_future_waits_for_the_clock_to_be_set() -> None:
    async with desk() as at:
        assert await at.push(notification(Timestamp="2026-01-02T03:10:00.000Z")) == 503
        assert await at.push(notification(Timestamp="2026-01-02T03:08:00.000Z")) == 200


async def test_a_message_that_comes_again_is_published_once() -> None:
    document = notification()
    async with desk() as at:
        assert [await at.push(document), await at.push(document)] == [200, 200]
        assert at.ids == ["1"]


class Slow(EventBus):
    """A bus that takes its time, and fails as often as it is told.

    :ivar begun: ids of what it was given.
    """

    def __init__(self, failures: int = 0) -> None:
        super().__init__()
        self.begun: list[str] = []
        self.go = anyio.Event()
        self._failures = failures

    async def publish(self, *published: object, **_: object) -> Event:
        (one,) = published
        assert isinstance(one, Event)
        self.begun.append(one.id)
        await self.go.wait()
        if self._failures:
            self._failures -= 1
            raise AdapterError("throttled")
        return one


@pytest.mark.parametrize(
    ("failures", "statuses", "published"), [(0, [200, 200, 200], 1), (1, [200, 200, 503], 2)]
)
async def test_copies_that_come_together_are_published_until_one_is_taken(
    failures: int, statuses: list[int], published: int
) -> None:
    bus, got = Slow(failures), list[int]()
    app = SnsPushReceiver(bus, [TOPIC], verifier=verifier(), now=lambda: NOW)
    document = notification()

    async def push() -> None:
        got.append((await post(app, document)).status)

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(push)
        await anyio.wait_all_tasks_blocked()
        assert len(bus.begun) == 1
        bus.go.set()
    assert sorted(got) == statuses
    assert len(bus.begun) == published


async def test_a_message_that_was_not_taken_in_is_not_remembered() -> None:
    document = notification()
    async with desk() as at:
        at.bus.stop()
    assert (await post(at.app, document)).status == 503  # the bus is closed
    async with at.bus:
        assert await at.push(document) == 200
        assert at.ids == ["1"]


async def test_memory_is_bounded() -> None:
    first, second = notification(event("a")), notification(event("b"))
    async with desk(remember=1) as at:
        for document in (first, second, second, first):
            await at.push(document)
        assert at.ids == ["a", "b", "a"]


async def test_without_memory_the_engine_sees_every_copy() -> None:
    document = notification()
    async with desk(remember=0) as at:
        await at.push(document)
        await at.push(document)
        assert at.ids == ["1", "1"]


async def test_an_event_that_goes_round_is_stopped(caplog: pytest.LogCaptureFixture) -> None:
    """The bus publishes to the topic that pushes to it: each round would make the next one."""
    async with desk() as at:
        await at.push(notification())
        ((again, headers),) = at.got
        ours = {"eventroute-headers": json.dumps(headers)}
        assert await at.push(notification(again, attributes=ours)) == 400
        assert len(at.got) == 1
    assert "this bus publishes to it" in caplog.text


async def test_the_way_over_several_topics_is_kept() -> None:
    ours = {"eventroute-headers": json.dumps({"sns-topics": f"{TOPIC}-1 {TOPIC}-2"})}
    async with desk() as at:
        assert await at.push(notification(attributes=ours)) == 200
        ((_, headers),) = at.got
        assert headers["sns-topics"] == f"{TOPIC}-1 {TOPIC}-2 {TOPIC}"
