"""Mutants that keep their events when they are started again, and not what belongs to them."""

from __future__ import annotations

from eventroute.port import NO_HEADERS
from eventroute_memory.queue import Queue

from .mutant import Mutant


class Restarted(Queue):
    """A queue that notices when its backend is started again."""

    def restart(self) -> None:
        """Forget something."""


class Forgetful(Mutant):
    """Has such queues."""

    def made(self) -> None:
        for station in self._stations.values():
            if isinstance(station.queue, Restarted):
                station.queue.restart()


class WithoutSchedule(Restarted):
    def restart(self) -> None:
        self.size -= len(self._scheduled)
        self._scheduled.clear()


class ForgetsScheduledOnRestart(Forgetful):
    """Loses what was to be published later when it is started again."""

    caught_by = "test_a_delayed_event_comes_at_its_time_after_a_restart"
    made_of = WithoutSchedule


class WithoutDelays(Restarted):
    def restart(self) -> None:
        self._ready.extend(message for _, _, message in self._delayed)
        self._delayed.clear()


class ForgetsDelaysOnRestart(Forgetful):
    """Gives out at once what was released for later, when it is started again."""

    caught_by = "test_a_released_event_keeps_its_delay_across_a_restart"
    made_of = WithoutDelays


class WithoutLeases(Restarted):
    def restart(self) -> None:
        for number in list(self._leases):
            self.release(number, 0.0, 0.0)


class IgnoresLeasesOnRestart(Forgetful):
    """Takes every event for one that nobody works on, when it is started again."""

    caught_by = "test_a_lease_goes_on_when_its_process_ends"
    made_of = WithoutLeases


class WithoutAttempts(Restarted):
    def restart(self) -> None:
        for message in self._ready:
            message.attempts = 0


class CountsAnewOnRestart(Forgetful):
    """Forgets how often an event was tried, when it is started again."""

    caught_by = "test_attempts_are_counted_on_after_a_restart"
    made_of = WithoutAttempts


class WithoutHeaders(Restarted):
    def restart(self) -> None:
        for message in self._ready:
            message.headers = NO_HEADERS


class ForgetsHeadersOnRestart(Forgetful):
    """Keeps events without what travelled beside them, when it is started again."""

    caught_by = "test_headers_survive_a_restart"
    made_of = WithoutHeaders
