"""The dead-letter queue as people use it, over the in-memory adapter and variants of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import anyio
import pytest

from eventroute import DeadLetter, DeadLetterQueue, Event, Pattern
from eventroute.clock import Clock
from eventroute.delivery.dead_letter_scan import LEASE
from eventroute.errors import (
    AdapterError,
    DeclarationError,
    EventRouteError,
    NameNotFoundError,
    PatternError,
)
from eventroute.port import Bury, Capabilities, DeadSettlement, Outgoing, Redrive
from eventroute.testing import VirtualClock
from eventroute.testing.clock import SteppingClock
from eventroute.topology import Subscription, Topology
from eventroute_memory import MemoryAdapter, MemoryOptions

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNREADABLE = b'{"id":"9","source":"s","detail-type":"T","detail":{"n":"\xff"}}'


class Queue(MemoryAdapter):
    """A queue ``q`` whose calls take three letters at most."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(MemoryOptions(), clock)
        self.letter_calls = 0

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, batch_size=3)

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        assert limit <= 3
        self.letter_calls += 1
        await anyio.lowlevel.checkpoint()
        return await super().receive_dead(subscription, limit=limit, lease=lease)

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        assert len(settlements) <= 3
        await anyio.lowlevel.checkpoint()
        return await super().settle_dead(settlements)

    async def bury(self, *bodies: bytes) -> None:
        """Publish events and dead-letter whatever is in the queue."""
        for body in bodies:
            await self.publish([Outgoing(Event.from_trusted_json(body))], timeout=1)
        while deliveries := await self.receive("q", limit=3, wait=0):
            await self.settle([Bury(one, "rejected", "no") for one in deliveries])

    async def numbers_in_queue(self) -> list[object]:
        """What redrive brought back, taken out of the queue."""
        found: list[object] = []
        while deliveries := await self.receive("q", limit=3, wait=0):
            found += [delivery.event.detail["n"] for delivery in deliveries]
        return found


def event(n: int) -> bytes:
    return Event("s", "T", {"n": n}, id=f"event-{n}", time=NOON).to_json()


async def opened(
    *bodies: bytes, kind: type[Queue] = Queue
) -> tuple[Queue, DeadLetterQueue, VirtualClock]:
    """The adapter, its dead-letter queue with these letters, and the clock."""
    clock = VirtualClock()
    adapter = kind(clock)
    everything = Pattern({"source": [{"exists": True}]})
    await adapter.open(Topology((Subscription("q", everything),)))
    await adapter.bury(*bodies)
    return adapter, DeadLetterQueue(adapter, "q", SteppingClock(clock)), clock


async def hidden(adapter: Queue) -> int:
    """How many letters another call cannot see."""
    seen = await MemoryAdapter.receive_dead(adapter, "q", limit=1_000, lease=0)
    return (await adapter.depth("q")).dead - len(seen)


async def test_a_listing_shows_every_letter_once_and_hides_none() -> None:
    adapter, dlq, _ = await opened(*map(event, range(8)))
    letters = await dlq.list()
    assert [letter.body for letter in letters] == [event(n) for n in range(8)]
    assert await hidden(adapter) == 0


async def test_a_listing_of_some_looks_at_no_more_than_it_needs() -> None:
    adapter, dlq, _ = await opened(*map(event, range(8)))
    assert len(await dlq.list(limit=4)) == 4
    assert adapter.letter_calls == 2
    assert await hidden(adapter) == 0


async def test_a_listing_can_be_narrowed_by_an_event_pattern() -> None:
    _, dlq, _ = await opened(UNREADABLE, *map(event, range(8)))
    letters = await dlq.list(where={"detail": {"n": [{"numeric": [">", 5]}]}}, limit=5)
    assert [letter.body for letter in letters] == [event(6), event(7)]


async def test_a_cancelled_listing_hides_nothing() -> None:
    class Slow(Queue):
        """Answers its second call for letters only after the caller was cancelled."""

        async def receive_dead(
            self, subscription: str, *, limit: int, lease: float
        ) -> Sequence[DeadLetter]:
            letters = await super().receive_dead(subscription, limit=limit, lease=lease)
            if self.letter_calls == 2:
                scope.cancel()
            await anyio.lowlevel.checkpoint()
            return letters

    adapter, dlq, _ = await opened(*map(event, range(8)), kind=Slow)
    with anyio.CancelScope() as scope:
        await dlq.list()
    assert scope.cancelled_caught
    assert await hidden(adapter) == 0


async def test_a_listing_that_the_backend_breaks_off_hides_nothing() -> None:
    class Broken(Queue):
        async def receive_dead(
            self, subscription: str, *, limit: int, lease: float
        ) -> Sequence[DeadLetter]:
            letters = await super().receive_dead(subscription, limit=limit, lease=lease)
            if self.letter_calls == 2:
                raise AdapterError("the connection is gone")
            return letters

    adapter, dlq, clock = await opened(*map(event, range(8)), kind=Broken)
    with pytest.raises(AdapterError, match="connection is gone"):
        await dlq.list()
    assert await hidden(adapter) == 3, "the letters of the call that failed: nobody knows them"
    clock.advance_to(LEASE)
    assert await hidden(adapter) == 0


async def test_a_letter_is_shown_by_its_own_id_and_by_that_of_its_event() -> None:
    adapter, dlq, _ = await opened(*map(event, range(8)))
    assert (await dlq.show((await dlq.list())[5].id)).body == event(5)
    assert (await dlq.show(event_id="event-5")).body == event(5)
    assert await hidden(adapter) == 0


async def test_a_walk_keeps_no_body_of_a_letter_that_it_has_passed() -> None:
    class Settled(Queue):
        """Keeps what it is told at the end of a walk."""

        async def settle_dead(
            self, settlements: Sequence[DeadSettlement]
        ) -> Sequence[EventRouteError | None]:
            kept.extend(len(one.letter.body) for one in settlements)
            return await super().settle_dead(settlements)

    kept: list[int] = []
    adapter, dlq, _ = await opened(*map(event, range(8)), kind=Settled)
    with pytest.raises(NameNotFoundError):
        await dlq.show("no such letter")
    assert kept == [0] * 8
    assert await hidden(adapter) == 0


async def test_showing_a_letter_that_is_not_there_names_the_id() -> None:
    _, dlq, _ = await opened(event(1))
    with pytest.raises(NameNotFoundError, match=r"no dead letter of 'q' has the id 'event-1'"):
        await dlq.show("event-1")
    with pytest.raises(NameNotFoundError, match=r"of 'q' is of the event 'event-2'"):
        await dlq.show(event_id="event-2")


async def test_showing_a_letter_wants_one_id() -> None:
    _, dlq, _ = await opened(event(1))
    with pytest.raises(DeclarationError, match=r"show\(id\) or show\(event_id=\.\.\.\)"):
        await dlq.show()
    with pytest.raises(DeclarationError, match="one of the two"):
        await dlq.show("1", event_id="event-1")


async def swapped() -> tuple[Queue, DeadLetterQueue]:
    """Letter 1 is of event 2, and letter 2 of event 1."""
    bodies = [Event("s", "T", {}, id=id_, time=NOON).to_json() for id_ in ("2", "1")]
    adapter, dlq, _ = await opened(*bodies)
    assert [letter.id for letter in await dlq.list()] == ["1", "2"]
    return adapter, dlq


async def test_the_id_of_a_letter_never_means_a_letter_whose_event_has_it() -> None:
    adapter, dlq = await swapped()
    report = await dlq.discard(ids="1")
    assert [(one.id, one.event_id) for one in report.done] == [("1", "2")]
    assert [letter.id for letter in await dlq.list()] == ["2"]
    assert (await dlq.redrive(ids="1")).missing == ("1",)
    assert (await adapter.depth("q")).dead == 1


async def test_the_id_of_an_event_never_means_a_letter_that_has_it() -> None:
    _, dlq = await swapped()
    assert (await dlq.show("1")).id == "1"
    assert (await dlq.show(event_id="1")).id == "2"
    report = await dlq.discard(event_ids="1")
    assert [(one.id, one.event_id) for one in report.done] == [("2", "1")]


async def test_letters_can_be_named_both_ways_at_once() -> None:
    _, dlq, _ = await opened(*map(event, range(4)))
    report = await dlq.redrive(ids=["1", "9"], event_ids=["event-2", "event-8"])
    assert [one.event_id for one in report.done] == ["event-0", "event-2"]
    assert (report.missing, report.missing_events) == (("9",), ("event-8",))
    assert str(report) == "2 redriven, 2 skipped, 2 not found"


async def test_redrive_brings_back_every_letter_as_a_first_attempt() -> None:
    adapter, dlq, _ = await opened(*map(event, range(8)))
    report = await dlq.redrive()
    assert (str(report), (await adapter.depth("q")).dead) == ("8 redriven", 0)
    deliveries = await adapter.receive("q", limit=100, wait=0)
    assert [delivery.body for delivery in deliveries] == [event(n) for n in range(8)]
    assert {delivery.attempt for delivery in deliveries} == {1}


async def test_redrive_by_pattern_leaves_the_others_and_what_cannot_be_read() -> None:
    adapter, dlq, _ = await opened(UNREADABLE, *map(event, range(8)))
    report = await dlq.redrive(where={"detail": {"n": [2, 6]}})
    assert str(report) == "2 redriven, 7 skipped"
    assert await adapter.numbers_in_queue() == [2, 6]
    assert await hidden(adapter) == 0


async def test_redrive_by_id_takes_an_event_that_cannot_be_read() -> None:
    adapter, dlq, _ = await opened(event(1), UNREADABLE)
    letter = (await dlq.list())[1]
    report = await dlq.redrive(ids=letter.id)
    assert [(one.id, one.event_id) for one in report.done] == [(letter.id, "9")]
    (delivery,) = await adapter.receive("q", limit=5, wait=0)
    assert delivery.body == UNREADABLE


async def test_redrive_names_the_ids_that_it_did_not_find() -> None:
    _, dlq, _ = await opened(*map(event, range(4)))
    report = await dlq.redrive(event_ids=["event-3", "event-9"])
    assert report.missing_events == ("event-9",)
    assert str(report) == "1 redriven, 3 skipped, 1 not found"


async def test_redriving_no_ids_redrives_nothing() -> None:
    adapter, dlq, _ = await opened(*map(event, range(4)))
    assert str(await dlq.redrive(ids=[])) == "0 redriven"
    assert (await adapter.depth("q")).dead == 4


async def test_redrive_stops_at_its_limit() -> None:
    adapter, dlq, _ = await opened(*map(event, range(8)))
    assert str(await dlq.redrive(limit=4)) == "4 redriven"
    assert await adapter.numbers_in_queue() == [0, 1, 2, 3]
    assert await hidden(adapter) == 0


async def test_a_dry_run_changes_nothing_and_says_what_would_be_done() -> None:
    adapter, dlq, _ = await opened(*map(event, range(8)))
    report = await dlq.redrive(where={"detail": {"n": [2, 6]}}, dry_run=True)
    assert str(report) == "2 would be redriven, 6 skipped"
    assert [one.event_id for one in report.done] == ["event-2", "event-6"]
    assert (await adapter.depth("q")).dead == 8
    assert await hidden(adapter) == 0


async def test_a_rate_spreads_the_letters_over_time() -> None:
    _, dlq, clock = await opened(*map(event, range(8)))
    assert str(await dlq.redrive(rate=2)) == "8 redriven"
    assert clock.now() == pytest.approx(4.0)


async def test_a_rate_so_low_that_leases_would_end_still_moves_every_letter() -> None:
    _, dlq, clock = await opened(*map(event, range(8)))
    report = await dlq.redrive(rate=1 / (2 * LEASE), where={"detail": {"n": [0, 3, 5, 7]}})
    assert str(report) == "4 redriven, 4 skipped"
    assert clock.now() >= 3 * 2 * LEASE


async def test_redriving_all_ends_although_every_event_dies_again_at_once() -> None:
    class Deadly(Queue):
        async def settle_dead(
            self, settlements: Sequence[DeadSettlement]
        ) -> Sequence[EventRouteError | None]:
            outcomes = await super().settle_dead(settlements)
            if any(isinstance(one, Redrive) for one in settlements):
                await self.bury()
            return outcomes

    adapter, dlq, _ = await opened(*map(event, range(8)), kind=Deadly)
    report = await dlq.redrive()
    assert sorted(one.event_id or "" for one in report.done) == [f"event-{n}" for n in range(8)]
    assert (await adapter.depth("q")).dead == 8
    assert await hidden(adapter) == 0


async def test_redriving_all_ends_where_the_backend_does_not_say_when_a_letter_died() -> None:
    class Timeless(Queue):
        async def receive_dead(
            self, subscription: str, *, limit: int, lease: float
        ) -> Sequence[DeadLetter]:
            letters = await super().receive_dead(subscription, limit=limit, lease=lease)
            return [replace(letter, died=None) for letter in letters]

        async def settle_dead(
            self, settlements: Sequence[DeadSettlement]
        ) -> Sequence[EventRouteError | None]:
            outcomes = await super().settle_dead(settlements)
            if any(isinstance(one, Redrive) for one in settlements):
                await self.bury()
            return outcomes

    adapter, dlq, _ = await opened(*map(event, range(8)), kind=Timeless)
    assert str(await dlq.redrive()) == "8 redriven"
    assert (await adapter.depth("q")).dead == 8


async def test_a_walk_ends_where_letters_come_back_again_and_again() -> None:
    class Forgetful(Queue):
        """Hides nothing, as a backend whose leases end at once."""

        async def receive_dead(
            self, subscription: str, *, limit: int, lease: float
        ) -> Sequence[DeadLetter]:
            return await super().receive_dead(subscription, limit=limit, lease=0 * lease)

    _, dlq, _ = await opened(*map(event, range(8)), kind=Forgetful)
    assert len(await dlq.list()) == 3, "the three that it always gives"


async def test_a_letter_that_cannot_be_redriven_is_reported_and_stays() -> None:
    class Stubborn(Queue):
        async def settle_dead(
            self, settlements: Sequence[DeadSettlement]
        ) -> Sequence[EventRouteError | None]:
            outcomes: list[EventRouteError | None] = []
            for one in settlements:
                if isinstance(one, Redrive) and one.letter.body == event(4):
                    outcomes.append(AdapterError("the queue is full"))
                else:
                    outcomes += await super().settle_dead([one])
            return outcomes

    adapter, dlq, _ = await opened(*map(event, range(8)), kind=Stubborn)
    report = await dlq.redrive()
    assert [(one.event_id, str(one.error)) for one in report.failed] == [
        ("event-4", "the queue is full")
    ]
    assert str(report) == "7 redriven, 1 failed"
    assert [letter.body for letter in await dlq.list()] == [event(4)]
    assert await hidden(adapter) == 0


async def test_a_backend_that_fails_half_way_ends_the_walk_with_a_report() -> None:
    class Broken(Queue):
        async def receive_dead(
            self, subscription: str, *, limit: int, lease: float
        ) -> Sequence[DeadLetter]:
            if self.letter_calls == 2:
                raise AdapterError("the connection is gone")
            return await super().receive_dead(subscription, limit=limit, lease=lease)

    _, dlq, _ = await opened(*map(event, range(8)), kind=Broken)
    report = await dlq.redrive()
    assert str(report) == "6 redriven, ended early: the connection is gone"


async def test_discard_deletes_what_is_chosen() -> None:
    adapter, dlq, _ = await opened(*map(event, range(8)))
    assert str(await dlq.discard(event_ids=["event-1", "event-2"])) == "2 discarded, 6 skipped"
    assert (await adapter.depth("q")).dead == 6
    assert str(await dlq.discard(everything=True)) == "6 discarded"
    assert (await adapter.depth("q")).outstanding == 0


async def test_discard_wants_to_be_told_which_letters() -> None:
    adapter, dlq, _ = await opened(event(1))
    with pytest.raises(DeclarationError, match=r"ids=, event_ids=, where=, or everything=True"):
        await dlq.discard()
    with pytest.raises(DeclarationError, match="say which"):
        await dlq.discard(event_ids="event-1", everything=True)
    assert (await adapter.depth("q")).dead == 1


async def test_numbers_and_patterns_that_cannot_be_meant_are_refused() -> None:
    adapter, dlq, _ = await opened(event(1))
    with pytest.raises(DeclarationError, match=r"rate=0: .* over 0"):
        await dlq.redrive(rate=0)
    with pytest.raises(DeclarationError, match=r"limit=0: .* from 1"):
        await dlq.redrive(limit=0)
    with pytest.raises(DeclarationError, match=r"limit=-1: .* from 1"):
        await dlq.list(limit=-1)
    with pytest.raises(PatternError):
        await dlq.redrive(where={"detail": {"n": 1}})
    with pytest.raises(DeclarationError, match=r"where=7: must be an event pattern"):
        await dlq.redrive(where=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  callers without a type checker
    assert (await adapter.depth("q")).dead == 1
