"""Mutants that settle in a wrong way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventroute import Delivery
from eventroute.clock import Clock
from eventroute.errors import EventRouteError
from eventroute.port import Ack, Extend, Release, Settlement
from eventroute_memory import MemoryOptions
from eventroute_memory.queue import Message

from .mutant import Mutant

Outcome = EventRouteError | None

LATE = "test_a_late_settlement_is_reported_and_changes_nothing"


class ForgetsTheDelayOfARelease(Mutant):
    """Gives a released event out again at once."""

    caught_by = "test_a_released_event_comes_back_after_its_delay"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Release):
            settlement = replace(settlement, delay=0.0)
        return super()._settle_one(settlement)


class DoublesTheDelayOfARelease(Mutant):
    """Gives a released event out again long after its time."""

    caught_by = "test_a_released_event_comes_back_after_its_delay"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Release):
            settlement = replace(settlement, delay=2 * settlement.delay)
        return super()._settle_one(settlement)


class CutsLongDelays(Mutant):
    """Delays a release by fifteen minutes at most, and does not say so."""

    caught_by = "test_a_long_delay_of_a_retry_is_kept_or_refused_at_start"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Release):
            settlement = replace(settlement, delay=min(900.0, settlement.delay))
        return super()._settle_one(settlement)


class DeletesWhatIsReleased(Mutant):
    """Takes every settlement for an acknowledgement."""

    caught_by = "test_an_event_released_without_delay_comes_back_at_once"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Release):
            settlement = Ack(settlement.delivery)
        return super()._settle_one(settlement)


class CountsWhatDoesNotCount(Mutant):
    """Counts an attempt that was cut short."""

    caught_by = "test_an_attempt_that_does_not_count_keeps_its_number"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Release):
            settlement = replace(settlement, counted=True)
        return super()._settle_one(settlement)


class HurriesWhatDoesNotCount(Mutant):
    """Gives an event out again at once when its attempt was cut short."""

    caught_by = "test_an_attempt_that_does_not_count_keeps_its_delay"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Release) and not settlement.counted:
            settlement = replace(settlement, delay=0.0)
        return super()._settle_one(settlement)


class ExtendsByItsOwnMeasure(Mutant):
    """Extends a lease by the length of a lease, whatever is asked for."""

    caught_by = "test_a_lease_is_extended_by_as_long_as_is_asked_for"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Extend):
            subscription = self._stations[settlement.delivery.subscription].subscription
            settlement = replace(settlement, seconds=subscription.visibility_timeout)
        return super()._settle_one(settlement)


class ExtendsOnce(Mutant):
    """Says that a lease is extended again, and lets it end."""

    caught_by = "test_a_lease_is_extended_by_as_long_as_is_asked_for"

    def __init__(self, options: MemoryOptions, clock: Clock) -> None:
        super().__init__(options, clock)
        self.extended = set[object]()

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Extend):
            if settlement.delivery.receipt in self.extended:
                return None
            self.extended.add(settlement.delivery.receipt)
        return super()._settle_one(settlement)


class AcknowledgesNothing(Mutant):
    """Says that it has acknowledged, and has not."""

    caught_by = "test_what_is_acknowledged_does_not_come_back"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        return None if isinstance(settlement, Ack) else super()._settle_one(settlement)


class ForgetsToExtend(Mutant):
    """Says that a lease is extended, and lets it end."""

    caught_by = "test_an_extended_lease_ends_later"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        return None if isinstance(settlement, Extend) else super()._settle_one(settlement)


class HidesLostLeases(Mutant):
    """Says of a late settlement that it took effect."""

    caught_by = LATE

    def _settle_one(self, settlement: Settlement) -> Outcome:
        super()._settle_one(settlement)
        return None


class AcceptsLateAcknowledgements(Mutant):
    """Lets a late settlement settle the attempt that is under way now."""

    caught_by = LATE

    def __init__(self, options: MemoryOptions, clock: Clock) -> None:
        super().__init__(options, clock)
        self.current: dict[bytes, Delivery] = {}

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        self.current.update((one.body, one) for one in received)
        return received

    def _settle_one(self, settlement: Settlement) -> Outcome:
        current = self.current[settlement.delivery.body]
        return super()._settle_one(replace(settlement, delivery=current))


class SettlesTheFirstOnly(Mutant):
    """Applies the first settlement of a call, and reports all of them as done."""

    caught_by = "test_a_full_batch_is_published_received_and_settled"

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Outcome]:
        return [*(await super().settle(settlements[:1])), *([None] * len(settlements[1:]))]


class FailsAllSettlements(Mutant):
    """Stops at the first settlement that fails, and says so of the others as well."""

    caught_by = "test_each_settlement_has_its_own_outcome"

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for settlement in settlements:
            failed = outcomes[-1] if outcomes else None
            outcomes.append(failed or self._settle_one(settlement))
        return outcomes


class PutsReleasedEventsBehind(Mutant):
    """Puts a released event behind the others of its key."""

    caught_by = "test_order_holds_across_failures"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        delivery = settlement.delivery
        queue = self._stations[delivery.subscription].queue
        key = self._stations[delivery.subscription].subscription.ordering_key(delivery.event)
        outcome = super()._settle_one(
            Ack(delivery) if isinstance(settlement, Release) else settlement
        )
        if outcome is None and isinstance(settlement, Release):
            now = self._clock.now()
            message = Message(delivery.body, key, delivery.headers, now, attempts=delivery.attempt)
            queue.schedule(message, now + settlement.delay)
        return outcome
