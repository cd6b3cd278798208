"""Mutants that keep their events when they are started again, and not what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator

from eventroute.port import NO_HEADERS
from eventroute_memory.queue import Queue

from .mutant import Mutant


class Forgetful(Mutant):
    """Has queues."""

    def queues(self) -> Iterator[Queue]:
        for station in self._stations.values():
            yield station.queue


class ForgetsScheduledOnRestart(Forgetful):
    """Loses what was to be published later when it is started again."""

    caught_by = "test_a_delayed_event_comes_at_its_time_after_a_restart"

    def made(self) -> None:
        for queue in self.queues():
            queue._size -= len(queue._scheduled)
            queue._scheduled.clear()


class ForgetsDelaysOnRestart(Forgetful):
    """Gives out at once what was released for later, when it is started again."""

    caught_by = "test_a_released_event_keeps_its_delay_across_a_restart"

    def made(self) -> None:
        for queue in self.queues():
            queue._ready.extend(message for _, _, message in queue._delayed)
            queue._delayed.clear()


class IgnoresLeasesOnRestart(Forgetful):
    """Takes every event for one that nobody works on, when it is started again."""

    caught_by = "test_a_lease_goes_on_when_its_process_ends"

    def made(self) -> None:
        for queue in self.queues():
            for number in list(queue._leases):
                queue.release(number, 0.0, 0.0)


class CountsAnewOnRestart(Forgetful):
    """Forgets how often an event was tried, when it is started again."""

    caught_by = "test_attempts_are_counted_on_after_a_restart"

    def made(self) -> None:
        for queue in self.queues():
            for message in queue._ready:
                message.attempts = 0


class ForgetsHeadersOnRestart(Forgetful):
    """Keeps events without what travelled beside them, when it is started again."""

    caught_by = "test_headers_survive_a_restart"

    def made(self) -> None:
        for queue in self.queues():
            for message in queue._ready:
                message.headers = NO_HEADERS
