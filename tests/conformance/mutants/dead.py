"""Mutants whose dead-letter queue is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventroute import DeadLetter, Delivery
from eventroute.errors import DeadLetterQueueFullError, EventRouteError
from eventroute.port import Ack, Bury, DeadSettlement, Discard, Keep, Redrive, Settlement
from eventroute_memory.queue import Message, Queue

from .mutant import Mutant

Outcome = EventRouteError | None

WHOLE = "test_a_dead_letter_has_the_original_bytes_headers_and_reason"
AGAIN = "test_a_redriven_event_comes_again_as_a_first_attempt"


class DeletesWhatItCannotBury(Mutant):
    """Deletes an event although its dead letter was not kept."""

    caught_by = "test_an_event_that_the_dead_letter_queue_does_not_take_stays"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        outcome = super()._settle_one(settlement)
        if isinstance(outcome, DeadLetterQueueFullError):
            super()._settle_one(Ack(settlement.delivery))
        return outcome


class BuriesNothing(Mutant):
    """Deletes what should be dead-lettered."""

    caught_by = "test_exactly_the_poison_is_dead_lettered"

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Bury):
            settlement = Ack(settlement.delivery)
        return super()._settle_one(settlement)


class ForgetsTheReason(Mutant):
    """Keeps a dead letter without why it died."""

    caught_by = WHOLE

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Bury):
            settlement = replace(settlement, reason="", error="")
        return super()._settle_one(settlement)


class DropsTheHeadersOfALetter(Mutant):
    """Keeps a dead letter without what travelled beside it."""

    caught_by = WHOLE

    def _settle_one(self, settlement: Settlement) -> Outcome:
        if isinstance(settlement, Bury):
            settlement = replace(settlement, delivery=replace(settlement.delivery, headers={}))
        return super()._settle_one(settlement)


class LosesWhatIsRedriven(Mutant):
    """Takes a dead letter out of its queue, and puts it nowhere."""

    caught_by = AGAIN

    def _settle_one_dead(self, settlement: DeadSettlement) -> Outcome:
        if isinstance(settlement, Redrive):
            return super()._settle_one_dead(Discard(settlement.letter))
        return super()._settle_one_dead(settlement)


class LosesOneOfManyRedriven(Mutant):
    """Loses every hundredth dead letter on its way back."""

    caught_by = "test_a_redrive_loses_nothing"
    count = 0

    def _settle_one_dead(self, settlement: DeadSettlement) -> Outcome:
        if isinstance(settlement, Redrive):
            self.count += 1
            if self.count % 100 == 0:
                return super()._settle_one_dead(Discard(settlement.letter))
        return super()._settle_one_dead(settlement)


class RedrivesACopy(Mutant):
    """Leaves a dead letter in its queue when it redrives it."""

    caught_by = AGAIN

    def _settle_one_dead(self, settlement: DeadSettlement) -> Outcome:
        outcome = super()._settle_one_dead(settlement)
        letter = settlement.letter
        if outcome is None and isinstance(settlement, Redrive):
            copy = Delivery(letter.subscription, letter.body, letter.attempts, 0.0, None)
            dead = self._stations[letter.subscription].queue.dead
            dead.add(Bury(copy, letter.reason, letter.error))
        return outcome


class RedriveForgetsKey(Mutant):
    """Hands out a redriven event beside another one of its key."""

    caught_by = "test_a_redriven_event_goes_to_the_end_of_its_key_and_waits_for_its_turn"

    def _settle_one_dead(self, settlement: DeadSettlement) -> Outcome:
        station = self._stations[settlement.letter.subscription]
        declared = station.subscription
        station.subscription = replace(declared, ordered_by=None)
        try:
            return super()._settle_one_dead(settlement)
        finally:
            station.subscription = declared


class HastyQueue(Queue):
    """Lets what was dead go before those of its key that have waited."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.died = set[bytes]()

    def remove(self, number: int) -> bool:
        self.died.add(self._leases[number].message.body)
        return super().remove(number)

    def put(self, message: Message) -> bool:
        is_ready = super().put(message)
        if message.key is not None and message.body in self.died and not is_ready:
            lane = self._lanes[message.key]
            lane.insert(1, lane.pop())  # the first one is under way
        return is_ready


class RedrivesToTheFront(Mutant):
    """Lets a redriven event overtake those of its key that have waited."""

    caught_by = "test_a_redriven_event_goes_to_the_end_of_its_key_and_waits_for_its_turn"
    made_of = HastyQueue


class SwapsOutcomesOfLetters(Mutant):
    """Gives the outcomes of dead letters from the last to the first."""

    caught_by = "test_each_dead_letter_has_its_own_outcome"

    async def settle_dead(self, settlements: Sequence[DeadSettlement]) -> Sequence[Outcome]:
        return (await super().settle_dead(settlements))[::-1]


class ShowsHeldLetters(Mutant):
    """Gives the same dead letters to two callers."""

    caught_by = "test_a_held_dead_letter_is_hidden_until_it_is_kept"

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        return await super().receive_dead(subscription, limit=limit, lease=0.0)


class DiscardsWhatOthersHold(Mutant):
    """Settles a dead letter whoever asks for it."""

    caught_by = "test_a_dead_letter_that_another_call_holds_is_not_settled"

    def _settle_one_dead(self, settlement: DeadSettlement) -> Outcome:
        outcome = super()._settle_one_dead(settlement)
        if outcome is not None:
            self._stations[settlement.letter.subscription].queue.dead.remove(settlement.letter)
        return None


class DiscardsNothing(Mutant):
    """Says that a dead letter is deleted, and shows it again."""

    caught_by = "test_a_discarded_dead_letter_is_gone"

    def _settle_one_dead(self, settlement: DeadSettlement) -> Outcome:
        if isinstance(settlement, Discard):
            return super()._settle_one_dead(Keep(settlement.letter))
        return super()._settle_one_dead(settlement)
