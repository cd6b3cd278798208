"""Mutants whose archive is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from eventroute import Event
from eventroute.clock import Clock
from eventroute.errors import EventRouteError
from eventroute.port import NO_HEADERS, REPLAYED, Outgoing, Replay
from eventroute_memory import MemoryOptions
from eventroute_memory.archive import Archived, EventArchive

from .mutant import Mutant

Outcome = EventRouteError | None

AS_IT_WAS = "test_what_is_replayed_says_so_and_is_as_it_was_published"


class ReplaysAllTimes(Mutant):
    """Replays everything since a moment, and looks for no end."""

    caught_by = "test_a_replay_delivers_what_was_published_in_its_time"

    async def replay(self, replay: Replay) -> int:
        return await super().replay(replace(replay, until=datetime.max.replace(tzinfo=UTC)))


class Backwards(EventArchive):
    """Gives the newest event first."""

    def select(self, replay: Replay) -> list[Archived]:
        return super().select(replay)[::-1]


class ReplaysBackwards(Mutant):
    """Replays the newest event first."""

    caught_by = "test_a_replay_delivers_in_the_order_of_publication"

    def __init__(self, options: MemoryOptions, clock: Clock) -> None:
        super().__init__(options, clock)
        self._archive = Backwards(options.archive)


class ReplaysToOthers(Mutant):
    """Replays to every subscription that an event matches, whichever are named."""

    caught_by = "test_a_replay_reaches_only_those_that_it_names"

    def _names(self, event: Event, wanted: Sequence[str] | None) -> list[str]:
        del wanted
        return super()._names(event, None)


class ReplaysWhatDoesNotMatch(Mutant):
    """Replays to the subscriptions that are named, or to all, whether an event matches or not."""

    caught_by = "test_a_replay_reaches_only_those_whose_pattern_matches"

    def _names(self, event: Event, wanted: Sequence[str] | None) -> list[str]:
        return list(self._stations if wanted is None else wanted)


class IgnoresThePatternOfAReplay(Mutant):
    """Replays all events of a time, although a pattern chooses some of them."""

    caught_by = "test_the_pattern_of_a_replay_chooses_events"

    async def replay(self, replay: Replay) -> int:
        return await super().replay(replace(replay, pattern=None))


class CountsWhatItLookedAt(Mutant):
    """Counts the events that it has replayed to nobody."""

    caught_by = "test_a_replay_counts_each_event_that_reached_a_queue_once"

    async def replay(self, replay: Replay) -> int:
        await super().replay(replay)
        return len(self._archive.select(replay))


class DoesNotSayThatItReplays(Mutant):
    """Replays events as if they were published now."""

    caught_by = AS_IT_WAS

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        headers = {name: value for name, value in outgoing.headers.items() if name != REPLAYED}
        return await super()._put(replace(outgoing, headers=headers), names, deadline)


class BodiesOnly(EventArchive):
    """Keeps no headers."""

    def add(self, outgoing: Outgoing) -> None:
        super().add(replace(outgoing, headers=NO_HEADERS))


class ArchivesNoHeaders(Mutant):
    """Archives an event without what travelled beside it."""

    caught_by = AS_IT_WAS

    def __init__(self, options: MemoryOptions, clock: Clock) -> None:
        super().__init__(options, clock)
        self._archive = BodiesOnly(options.archive)


class ReplaysOnce(Mutant):
    """Takes what it replays out of its archive."""

    caught_by = "test_a_replay_leaves_what_waits_and_the_archive_as_they_are"

    async def replay(self, replay: Replay) -> int:
        count = await super().replay(replay)
        if count:
            self._archive = EventArchive(self._options.archive)
        return count


class ReplaysToWhomItHadReached(Mutant):
    """Replays an event to the subscriptions that there were when it was published."""

    caught_by = "test_a_subscription_that_came_later_gets_what_is_replayed"

    def __init__(self, options: MemoryOptions, clock: Clock) -> None:
        super().__init__(options, clock)
        self.reached: dict[str, Sequence[str]] = {}

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        self.reached.setdefault(outgoing.event.id, names)
        return await super()._put(outgoing, names, deadline)

    def _names(self, event: Event, wanted: Sequence[str] | None) -> list[str]:
        return [name for name in super()._names(event, wanted) if name in self.reached[event.id]]


class ReplaysToWhomItKnows(Mutant):
    """Skips the names of a replay that it does not know."""

    caught_by = "test_a_replay_into_an_unknown_subscription_is_refused"

    async def replay(self, replay: Replay) -> int:
        if replay.subscriptions is not None:
            known = tuple(name for name in replay.subscriptions if name in self._stations)
            replay = replace(replay, subscriptions=known)
        return await super().replay(replay)


class ArchivesInMemory(Mutant):
    """Keeps its queues when it is closed, and not its archive."""

    caught_by = "test_the_archive_survives_a_restart"

    def made(self) -> None:
        self._archive = EventArchive(self._options.archive)
