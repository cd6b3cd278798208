"""What was published can be delivered again, to whom it concerns and to nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import anyio

from eventroute.errors import NameNotFoundError, UnsupportedError
from eventroute.pattern import Pattern
from eventroute.port import REPLAYED, Ack, Adapter, Archive, Outgoing, Release, Replay
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import (
    NAME,
    event,
    events,
    keyed,
    numbers,
    steps,
    subscription,
)
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import NotApplicableError, promise
from eventroute.topology import Subscription

__all__ = ["ArchivePromises"]

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
FAR_OFF: Final = datetime(2200, 1, 1, tzinfo=UTC)


class Archiving(Adapter, Archive, Protocol):
    """An adapter that is an archive too."""


async def opened(backend: Backend, *subscriptions: Subscription) -> Archiving:
    """An open adapter, where it keeps an archive.

    :raises NotApplicableError: it keeps none; if it has the method, it refused.
    """
    adapter = await backend.open(*subscriptions)
    if not isinstance(adapter, Archive):
        raise NotApplicableError("the backend keeps no archive")
    try:
        await adapter.replay(Replay(LONG_AGO, LONG_AGO + timedelta(seconds=1)))
    except UnsupportedError as error:
        raise NotApplicableError("the backend keeps no archive as it is set up here") from error
    return adapter


def counted(told: int | None, expected: int) -> bool:
    """Whether a replay told how many events reached a queue, or does not tell at all."""
    return told is None or told == expected


class ArchivePromises(Harness):
    """Replays; the archive goes by the time of day."""

    async def _moment(self) -> datetime:
        """A moment apart from what is published before and after it."""
        pause = 0.005 if self.virtual_time else max(self.quiet, self.archive_grain)
        await anyio.sleep(pause)
        moment = datetime.now(UTC)
        await anyio.sleep(pause)
        return moment

    @promise
    async def test_a_replay_delivers_what_was_published_in_its_time(self, backend: Backend) -> None:
        adapter = await opened(backend)
        await backend.publish(adapter, event(1))
        since = await self._moment()
        await backend.publish(adapter, event(2), event(3))
        until = await self._moment()
        await backend.publish(adapter, event(4))
        await backend.work_off(adapter, 4)
        for times, expected in (
            (Replay(since, until), [2, 3]),
            (Replay(LONG_AGO, since), [1]),
            (Replay(until, FAR_OFF), [4]),
        ):
            assert counted(await adapter.replay(times), len(expected))
            assert numbers(await backend.work_off(adapter, len(expected))) == expected

    @promise
    async def test_a_replay_delivers_in_the_order_of_publication(self, backend: Backend) -> None:
        if not backend.capabilities.ordered:
            raise NotApplicableError("the backend keeps no order")
        adapter = await opened(backend, subscription(ordered=True))
        for step in range(5):
            await backend.publish(adapter, keyed("a", step))
            await backend.settle(adapter, Ack(await backend.one(adapter)))
        assert counted(await adapter.replay(Replay(LONG_AGO, FAR_OFF)), 5)
        found: list[tuple[str, int]] = []
        for _ in range(5):
            delivery = await backend.one(adapter)
            found += steps([delivery])
            await backend.settle(adapter, Ack(delivery))
        assert found == [("a", step) for step in range(5)]

    @promise
    async def test_a_replay_reaches_only_those_that_it_names(self, backend: Backend) -> None:
        adapter = await opened(backend, subscription("a"), subscription("b"))
        await backend.publish(adapter, *events(3))
        for name in ("a", "b"):
            await backend.work_off(adapter, 3, name)
        count = await adapter.replay(Replay(LONG_AGO, FAR_OFF, subscriptions=("b",)))
        assert counted(count, 3)
        assert numbers(await backend.work_off(adapter, 3, "b")) == [0, 1, 2]
        await backend.nothing(adapter, "a")

    @promise
    async def test_a_replay_reaches_only_those_whose_pattern_matches(
        self, backend: Backend
    ) -> None:
        adapter = await opened(
            backend, subscription("all"), subscription("two", {"detail": {"number": [2]}})
        )
        await backend.publish(adapter, *events(4))
        await backend.work_off(adapter, 4, "all")
        await backend.work_off(adapter, 1, "two")
        await adapter.replay(Replay(LONG_AGO, FAR_OFF))
        assert numbers(await backend.work_off(adapter, 1, "two")) == [2]
        assert numbers(await backend.work_off(adapter, 4, "all")) == [0, 1, 2, 3]

    @promise
    async def test_the_pattern_of_a_replay_chooses_events(self, backend: Backend) -> None:
        adapter = await opened(backend)
        await backend.publish(adapter, *events(5))
        await backend.work_off(adapter, 5)
        pattern = Pattern({"detail": {"number": [1, 3]}})
        assert counted(await adapter.replay(Replay(LONG_AGO, FAR_OFF, pattern)), 2)
        assert numbers(await backend.work_off(adapter, 2)) == [1, 3]

    @promise
    async def test_a_replay_counts_each_event_that_reached_a_queue_once(
        self, backend: Backend
    ) -> None:
        adapter = await opened(backend, subscription("a"), subscription("b"))
        await backend.publish(adapter, *events(2), event(9, source="nobody"))
        count = await adapter.replay(Replay(LONG_AGO, FAR_OFF))
        if count is None:
            raise NotApplicableError("the backend does not count what it replays")
        assert count == 2

    @promise
    async def test_what_is_replayed_says_so_and_is_as_it_was_published(
        self, backend: Backend
    ) -> None:
        adapter = await opened(backend)
        await backend.publish(adapter, Outgoing(event(7, text="grüße"), {"trace": "7"}))
        await backend.settle(adapter, Release(await backend.one(adapter)))
        second = await backend.one(adapter)
        await backend.settle(adapter, Ack(second))
        await adapter.replay(Replay(LONG_AGO, FAR_OFF))
        again = await backend.one(adapter)
        assert (again.body, again.attempt) == (second.body, 1)
        headers = dict(again.headers)
        assert REPLAYED in headers
        asked = datetime.fromisoformat(headers.pop(REPLAYED))
        assert abs(datetime.now(UTC) - asked) < timedelta(seconds=self.time_limit)
        assert headers == {"trace": "7"}

    @promise
    async def test_a_replay_leaves_what_waits_and_the_archive_as_they_are(
        self, backend: Backend
    ) -> None:
        adapter = await opened(backend)
        await backend.publish(adapter, event(1))
        for _ in range(2):
            assert counted(await adapter.replay(Replay(LONG_AGO, FAR_OFF)), 1)
        assert numbers(await backend.work_off(adapter, 3)) == [1, 1, 1]

    @promise
    async def test_a_subscription_that_came_later_gets_what_is_replayed(
        self, backend: Backend
    ) -> None:
        adapter = await opened(backend)
        await backend.publish(adapter, *events(2))
        await backend.provision(adapter, subscription(), subscription("later"))
        count = await adapter.replay(Replay(LONG_AGO, FAR_OFF, subscriptions=("later",)))
        assert counted(count, 2)
        assert numbers(await backend.work_off(adapter, 2, "later")) == [0, 1]

    @promise
    async def test_a_replay_into_an_unknown_subscription_is_refused(self, backend: Backend) -> None:
        adapter = await opened(backend)
        await backend.publish(adapter, event())
        await backend.work_off(adapter, 1)
        refused = ""
        try:
            await adapter.replay(Replay(LONG_AGO, FAR_OFF, subscriptions=(NAME, "typo")))
        except NameNotFoundError as error:
            refused = str(error)
        assert "typo" in refused, "a name of no subscription must be refused, by its name"
        await backend.nothing(adapter)

    @promise
    async def test_the_archive_survives_a_restart(self, backend: Backend) -> None:
        if not backend.capabilities.durable:
            raise NotApplicableError("what this backend holds is gone with its process")
        before = await opened(backend)
        await backend.publish(before, *events(3))
        await backend.work_off(before, 3)
        await before.close()
        after = await opened(backend)
        assert counted(await after.replay(Replay(LONG_AGO, FAR_OFF)), 3)
        assert numbers(await backend.work_off(after, 3)) == [0, 1, 2]
