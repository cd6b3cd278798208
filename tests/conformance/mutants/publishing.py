"""Mutants that take events in a wrong way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from math import inf

import anyio.lowlevel

from eventroute import Event
from eventroute.errors import AdapterError, EventRouteError, LimitExceededError
from eventroute.port import NO_HEADERS, Capabilities, Outgoing
from eventroute_memory.queue import Message, Queue

from .mutant import LIMIT, Mutant

BURST = "test_every_event_of_a_burst_arrives_once"
OUTCOMES = "test_each_event_of_a_publish_has_its_own_outcome"

Outcome = EventRouteError | None


class LosesOneInAHundred(Mutant):
    """Loses every hundredth event, and says that it was accepted."""

    caught_by = BURST
    every = 100
    count = 0

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        self.count += 1
        kept = names if self.count % self.every else []
        return await super()._put(outgoing, kept, deadline)


class LosesOneInAThousand(LosesOneInAHundred):
    """Loses every thousandth event, and says that it was accepted."""

    every = 1_000


class DeliversTwice(Mutant):
    """Puts every fiftieth event into its queues twice."""

    caught_by = BURST
    count = 0

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        self.count += 1
        again = [] if self.count % 50 else names
        return await super()._put(outgoing, [*names, *again], deadline)


class StopsAtTheFirstMatch(Mutant):
    """Gives an event to the first subscription that it matches, and to no other."""

    caught_by = "test_each_matching_subscription_has_its_own_copy"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        return await super()._put(outgoing, sorted(names)[:1], deadline)


class DeliversToStrangers(Mutant):
    """Gives every event to every subscription, and leaves it to the others to filter."""

    caught_by = "test_no_event_reaches_a_subscription_that_it_does_not_match"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        return await super()._put(outgoing, list(self._stations), deadline)


class SwapsOutcomes(Mutant):
    """Gives the outcomes of a publish from the last to the first."""

    caught_by = OUTCOMES

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        return (await super().publish(messages, timeout=timeout))[::-1]


class RefusesWhatNobodyMatches(Mutant):
    """Reports an event that no subscription matches as a failure."""

    caught_by = "test_an_event_that_nobody_matches_is_accepted_and_is_in_no_queue"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        return await super()._put(outgoing, names, deadline) if names else AdapterError("nobody")


class PublishesQueueByQueue(Mutant):
    """Can be cancelled after the first queue, and before the second one."""

    caught_by = "test_a_cancelled_publish_is_in_all_queues_or_in_none"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        for name in names:
            await super()._put(outgoing, [name], deadline)
            await anyio.lowlevel.checkpoint()
        return None


class ForgetsTheDelayOfAPublish(Mutant):
    """Delivers at once what was to be delivered later."""

    caught_by = "test_a_delayed_event_arrives_at_its_time_or_is_refused"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        return await super()._put(replace(outgoing, delay=0.0), names, deadline)


class CutsLongDelaysOfAPublish(Mutant):
    """Delays a publish by fifteen minutes at most, and does not say so."""

    caught_by = "test_a_long_delay_of_a_publish_is_kept_or_refused"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        shorter = replace(outgoing, delay=min(900.0, outgoing.delay))
        return await super()._put(shorter, names, deadline)


class GivesHeadersToTheFirst(Mutant):
    """Sends what travels beside an event to the first of its subscriptions."""

    caught_by = "test_headers_reach_every_subscription"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        await super()._put(outgoing, names[:1], deadline)
        return await super()._put(replace(outgoing, headers=NO_HEADERS), names[1:], deadline)


class KeepsThePlaceOfADelayedEvent(Mutant):
    """Lets a delayed event hold back the later ones of its key."""

    caught_by = "test_a_delayed_event_is_overtaken_by_those_of_its_key_until_its_time"
    latest = 0.0

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        now = self._clock.now()
        self.latest = max(self.latest, now + outgoing.delay)
        return await super()._put(replace(outgoing, delay=self.latest - now), names, deadline)


class LazyQueue(Queue):
    """Looks at what is due when somebody receives, and not before."""

    def put(self, message: Message) -> bool:
        self.size += 1
        return self._append(message)


class ForgetsWhatIsDue(Mutant):
    """Lets a new event overtake a delayed one of its key whose time has come."""

    caught_by = "test_a_delayed_event_is_not_overtaken_once_its_time_has_come"
    made_of = LazyQueue


class DropsHeaders(Mutant):
    """Forgets what travels beside an event."""

    caught_by = "test_headers_arrive_as_they_were_sent"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        return await super()._put(Outgoing(outgoing.event, delay=outgoing.delay), names, deadline)


class DropsItsOwnHeaders(Mutant):
    """Carries what users put beside an event, and not what eventroute does."""

    caught_by = "test_an_event_keeps_the_version_of_its_contract_until_it_is_redriven"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        given = outgoing.headers.items()
        users = {name: value for name, value in given if not name.startswith("eventroute-")}
        return await super()._put(replace(outgoing, headers=users), names, deadline)


class KeepsTenHeaders(Mutant):
    """Carries ten headers, as many as SQS has attributes, and drops the others."""

    caught_by = "test_more_than_ten_headers_arrive"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        ten = dict(list(outgoing.headers.items())[:10])
        return await super()._put(replace(outgoing, headers=ten), names, deadline)


class EncodesAgain(Mutant):
    """Reads the event and writes it again: the values are the same, the bytes are not."""

    caught_by = "test_the_bytes_of_an_event_arrive_as_they_were_sent"

    def again(self, event: Event) -> Event:
        text = json.dumps(json.loads(event.to_json()), ensure_ascii=False)
        return Event.from_trusted_json(text.encode())

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        changed = replace(outgoing, event=self.again(outgoing.event))
        return await super()._put(changed, names, deadline)


class RoundsNumbers(EncodesAgain):
    """Reads every number as a float."""

    caught_by = "test_numbers_arrive_digit_for_digit"

    def again(self, event: Event) -> Event:
        document = json.loads(event.to_json(), parse_int=float)
        return Event.from_trusted_json(json.dumps(document, separators=(",", ":")).encode())


class SpoilsUnicode(EncodesAgain):
    """Puts a question mark where a character is not ASCII."""

    caught_by = "test_unicode_arrives_as_it_was_sent"

    def again(self, event: Event) -> Event:
        text = event.to_json().decode()
        return Event.from_trusted_json(text.encode("ascii", errors="replace"))


class GivesNewIds(EncodesAgain):
    """Names each event anew when it takes it."""

    caught_by = "test_a_publish_without_an_answer_is_repeated_under_the_same_id"

    def again(self, event: Event) -> Event:
        return Event(event.source, event.detail_type, event.detail)


class TakesMoreThanItSays(Mutant):
    """Accepts events over its declared limit."""

    caught_by = "test_an_event_over_the_largest_size_is_refused_by_name"

    async def _publish_one(self, outgoing: Outgoing, deadline: float) -> Outcome:
        names = self._index.match(outgoing.event)
        return await self._put(outgoing, names, deadline)


class RefusesTheLargestEvent(Mutant):
    """Is off by one at its limit."""

    caught_by = "test_an_event_of_the_largest_size_arrives_whole"

    async def _publish_one(self, outgoing: Outgoing, deadline: float) -> Outcome:
        if len(outgoing.event.to_json()) >= LIMIT:
            return LimitExceededError(f"the memory backend accepts {LIMIT}")
        return await super()._publish_one(outgoing, deadline)


class HidesWhatFailed(Mutant):
    """Reports a batch as accepted of which an event was refused."""

    caught_by = OUTCOMES

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        await super().publish(messages, timeout=timeout)
        return [None] * len(messages)


class FailsTheWholeBatch(Mutant):
    """Reports all events of a batch as failed when one of them was."""

    caught_by = OUTCOMES

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        outcomes = await super().publish(messages, timeout=timeout)
        first = next((one for one in outcomes if one is not None), None)
        return [first] * len(messages)


class TakesHalfOfAFullBatch(Mutant):
    """Sends the first fifty events of a batch, and says that it sent all of them."""

    caught_by = "test_a_full_batch_is_published_received_and_settled"

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        outcomes = await super().publish(messages[:50], timeout=timeout)
        return [*outcomes, *([None] * len(messages[50:]))]


class StumblesOverAnEmptyBatch(Mutant):
    """Raises when there is nothing to publish."""

    caught_by = "test_an_empty_batch_is_no_trouble"
    found_as = IndexError

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        first = messages[0]
        return await super().publish([first, *messages[1:]], timeout=timeout)


class HasNoBound(Mutant):
    """Takes events although its queue is full."""

    caught_by = "test_a_publish_that_finds_no_room_in_time_says_so"

    def _full(self, stations: Sequence[object]) -> None:
        del stations


class WaitsForRoomForEver(Mutant):
    """Does not look at how long a publish may wait."""

    caught_by = "test_a_publish_that_finds_no_room_in_time_says_so"

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        return await super().publish(messages, timeout=inf)


class DropsWhatFindsNoRoom(Mutant):
    """Takes an event for a full queue, and throws it away."""

    caught_by = "test_a_publish_waits_until_there_is_room"

    async def _put(self, outgoing: Outgoing, names: Sequence[str], deadline: float) -> Outcome:
        stations = [self._stations[name] for name in names]
        kept = [] if self._full(stations) is not None else names
        return await super()._put(outgoing, kept, deadline)


class RefusesWhatFindsNoRoom(Mutant):
    """Fails at once where it should wait."""

    caught_by = "test_a_publish_waits_until_there_is_room"

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        return await super().publish(messages, timeout=0.0)


class AcceptsOrderItDoesNotKeep(Mutant):
    """Declares that it keeps no order, and opens ordered subscriptions all the same."""

    caught_by = "test_events_of_a_key_are_handled_in_publish_order"

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, ordered=False)
