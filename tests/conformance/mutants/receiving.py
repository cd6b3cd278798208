"""Mutants that hand out events in a wrong way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import anyio
import anyio.lowlevel

from eventroute import Delivery, Event, Pattern, QueueDepth
from eventroute.errors import EventRouteError
from eventroute.port import Ack, Outgoing, Release
from eventroute.topology import Topology

from .mutant import Mutant


class AcknowledgesEarly(Mutant):
    """Deletes an event when it hands it out."""

    caught_by = "test_the_event_of_a_dead_worker_comes_back_when_the_lease_ends"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        await super().settle([Ack(one) for one in received])
        return received

    async def settle(self, settlements: Sequence[object]) -> Sequence[EventRouteError | None]:
        return [None] * len(settlements)


class LeasesNothing(Mutant):
    """Hands out an event to everybody who asks."""

    caught_by = "test_two_receivers_of_a_subscription_get_different_events"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        await super().settle([Release(one, counted=False) for one in received])
        return received


class LeasesToTheProcess(Mutant):
    """Hands out an event again to whoever asks second."""

    caught_by = "test_two_processes_share_a_subscription"
    last: Sequence[Delivery] = ()

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        again, self.last = self.last, received
        return [*again, *received][:limit]


class ClaimsToHaveFiltered(Mutant):
    """Says that each event matches a pattern which it never evaluated."""

    caught_by = "test_a_changed_pattern_leaves_what_the_queue_holds"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [_rebuilt(one, matched=Pattern({"source": ["elsewhere"]})) for one in received]


class MixesUpEvents(Mutant):
    """Hands out the body of one event with what was read of another."""

    caught_by = "test_a_changed_pattern_leaves_what_the_queue_holds"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [_rebuilt(one, event=Event("elsewhere", "T", {})) for one in received]


def _rebuilt(
    one: Delivery, *, event: Event | None = None, matched: Pattern | None = None
) -> Delivery:
    return Delivery(
        one.subscription,
        one.body,
        one.attempt,
        one.lease_ends,
        one.receipt,
        one.headers,
        one.age,
        event=event,
        matched=matched,
    )


class NeverEndsALease(Mutant):
    """Keeps the events of dead workers hidden."""

    caught_by = "test_the_event_of_a_dead_worker_comes_back_when_the_lease_ends"
    factor = 1_000.0

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        changed = (
            replace(one, visibility_timeout=one.visibility_timeout * self.factor)
            for one in topology
        )
        await super().open(Topology(tuple(changed)), provision=provision)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        lasts = self._stations[subscription].subscription.visibility_timeout / self.factor
        ends = self._clock.now() + lasts  # what it says is right
        return [replace(one, lease_ends=ends) for one in received]


class EndsLeasesEarly(NeverEndsALease):
    """Gives an event to somebody else when half of its lease has passed."""

    factor = 0.5


class IgnoresKeys(Mutant):
    """Hands out several events of a key at the same time."""

    caught_by = "test_while_an_event_of_a_key_is_leased_no_other_call_gets_the_next"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        await super().open(
            Topology(tuple(replace(one, ordered_by=None) for one in topology)), provision=provision
        )


class GivesAKeyBackwards(IgnoresKeys):
    """Hands out several events of a key in one call, the newest first."""

    caught_by = "test_what_one_call_gives_of_a_key_is_in_order_and_holds_back_the_rest"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        return (await super().receive(subscription, limit=limit, wait=wait))[::-1]


class HasOneKeyForAll(Mutant):
    """Takes all events of an ordered subscription for those of one key."""

    caught_by = "test_events_of_different_keys_are_handled_at_the_same_time"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        changed = (
            replace(one, ordered_by=None if one.ordered_by is None else "no-such-member")
            for one in topology
        )
        await super().open(Topology(tuple(changed)), provision=provision)


class ReversesABatch(Mutant):
    """Stores the events of a batch from the last to the first."""

    caught_by = "test_events_of_a_key_are_handled_in_publish_order"

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        outcomes = await super().publish(messages[::-1], timeout=timeout)
        return outcomes[::-1]


class HoldsBackOthers(Mutant):
    """Hands out nothing of a subscription while another one has events under way."""

    caught_by = "test_a_queue_that_nobody_works_off_holds_back_no_other"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        for name in self._stations:
            if name != subscription and (await self.depth(name)).in_flight:
                await anyio.sleep(0.001)
                return []
        return await super().receive(subscription, limit=limit, wait=wait)


class AlwaysSaysTheFirstAttempt(Mutant):
    """Does not count attempts."""

    caught_by = "test_each_attempt_has_the_next_number"

    def number(self, attempt: int) -> int:
        return min(attempt, 1)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [replace(one, attempt=self.number(one.attempt)) for one in received]


class CountsFromZero(AlwaysSaysTheFirstAttempt):
    """Gives the first attempt the number 0."""

    def number(self, attempt: int) -> int:
        return attempt - 1


class HandsOutMoreThanAsked(Mutant):
    """Hands out one event more than the caller has room for."""

    caught_by = "test_a_receive_gives_no_more_than_its_limit"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        return await super().receive(subscription, limit=limit + 1, wait=wait)


class LosesWhatACancelledReceiveHad(Mutant):
    """Deletes what it had leased for a caller who is there no more."""

    caught_by = "test_what_a_cancelled_receive_had_leased_comes_back"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        try:
            await anyio.lowlevel.checkpoint()
        except BaseException:
            await super().settle([Ack(one) for one in received])
            raise
        return received


class SleepsWhileEventsArrive(Mutant):
    """Looks for events once, and then waits for as long as it was told to."""

    caught_by = "test_a_receive_that_waits_gets_what_is_published_meanwhile"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=0)
        if not received:
            await self._clock.sleep(wait)
        return received


class HasNoAge(Mutant):
    """Says of every event that it was just published."""

    caught_by = "test_the_age_of_an_event_counts_from_its_publication"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [replace(one, age=0.0) for one in received]


class ResetsTheAge(Mutant):
    """Says of an event that comes again that it was just published."""

    caught_by = "test_the_age_of_an_event_grows_over_its_attempts"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [replace(one, age=0.0) if one.attempt > 1 else one for one in received]


class TellsAnEmptyQueue(Mutant):
    """Counts neither what waits nor what is under way."""

    caught_by = "test_the_depth_counts_events_by_what_they_wait_for"

    async def depth(self, subscription: str) -> QueueDepth:
        return QueueDepth(0, 0, 0, (await super().depth(subscription)).dead)


class DropsWhatWasTriedOften(Mutant):
    """Deletes an event that was handed out ten times, as it has no dead-letter queue of its own."""

    caught_by = "test_only_a_backend_that_says_so_dead_letters_by_itself"

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        await super().settle([Ack(one) for one in received if one.attempt > 10])
        return [one for one in received if one.attempt <= 10]
