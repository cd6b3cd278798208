"""Mutants whose receives sleep through what they wait for."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from eventroute import Delivery
from eventroute.errors import EventRouteError
from eventroute.port import Ack, DeadSettlement, Release, Settlement

from .mutant import Mutant

Outcome = EventRouteError | None


class SleepsThroughReleases(Mutant):
    """Wakes a receive that waits when something is published, and not when it is given back."""

    caught_by = "test_a_receive_that_waits_gets_what_is_released_meanwhile"
    silent: type[object] = Release

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if not isinstance(settlement, self.silent):
            return super()._settle_one(settlement)
        with self.silence(settlement.delivery.subscription):
            return super()._settle_one(settlement)

    @contextmanager
    def silence(self, subscription: str) -> Generator[None]:
        """Let nobody be woken."""
        station = self._stations[subscription]
        waiting, station.arrival = station.arrival, None
        yield
        station.arrival = waiting


class SleepsThroughAcknowledgements(SleepsThroughReleases):
    """Wakes nobody for the next event of a key when the one before it is done with."""

    caught_by = "test_a_receive_that_waits_gets_the_next_of_a_key_when_its_turn_comes"
    silent = Ack


class SleepsThroughRedrives(SleepsThroughReleases):
    """Wakes nobody for an event that is redriven."""

    caught_by = "test_a_receive_that_waits_gets_what_is_redriven_meanwhile"
    silent = type(None)

    def _settle_one_dead(self, settlement: DeadSettlement) -> Outcome:
        with self.silence(settlement.letter.subscription):
            return super()._settle_one_dead(settlement)


class SleepsThroughDelays(Mutant):
    """Does not look again when a delay ends while it waits."""

    caught_by = "test_a_receive_that_waits_gets_a_released_event_when_its_delay_ends"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        deadline = self._clock.now() + wait
        while True:
            received = await super().receive(subscription, limit=limit, wait=0)
            if received or self._clock.now() >= deadline:
                return received
            await self._clock.wait(self._stations[subscription].next_arrival(), deadline)


class SleepsThroughDelayedPublishes(SleepsThroughDelays):
    """Does not look again when the time of a delayed event comes while it waits."""

    caught_by = "test_a_receive_that_waits_gets_a_delayed_event_when_its_time_comes"


class SleepsThroughLeases(SleepsThroughDelays):
    """Does not look again when a lease ends while it waits."""

    caught_by = "test_a_receive_that_waits_gets_the_event_of_a_dead_worker"


class WakesOneReceive(Mutant):
    """Lets a second receive that waits sleep to its end, whatever is published."""

    caught_by = "test_two_receives_that_wait_get_an_event_each"
    waits = False

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        if self.waits and wait:
            received = await super().receive(subscription, limit=limit, wait=0)
            if not received:
                await self._clock.sleep(wait)
            return received
        self.waits = wait > 0
        try:
            return await super().receive(subscription, limit=limit, wait=wait)
        finally:
            self.waits = False
