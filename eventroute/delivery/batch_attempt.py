"""One call of a batch handler: from several deliveries to a verdict on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from eventroute.delivery.attempt import was_cancelled
from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.verdict import Verdict
from eventroute.errors import BatchError
from eventroute.port import Ack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventroute.delivery.attempt import Attempt
    from eventroute.delivery.handler import Handler
    from eventroute.port import Delivery
    from eventroute.publisher import Publisher

__all__ = ["BatchAttempt"]


class BatchAttempt:
    """Makes the attempts of one subscriber that takes lists."""

    def __init__(self, attempt: Attempt, handler: Handler, publisher: Publisher) -> None:
        self._attempt = attempt
        self._handler = handler
        self._publisher = publisher

    async def make(
        self, deliveries: Sequence[Delivery], waited: Callable[[Delivery], float]
    ) -> list[Verdict]:
        """Handle deliveries in one call; one verdict each. Raises only when it is cancelled.

        What does not match, or cannot be read, is judged alone; the others go on without it.
        """
        verdicts: dict[int, Verdict] = {}
        fit: list[tuple[int, Delivery, object]] = []
        began = self._attempt.now()
        for place, delivery in enumerate(deliveries):
            try:
                if self._attempt.matches(delivery, waited(delivery)):
                    fit.append((place, delivery, self._attempt.subject(delivery)))
                    continue
            except Exception as error:
                passed = waited(delivery)
                verdicts[place] = self._attempt.judged(delivery, None, error, passed)
            else:
                outcome = Outcome(OutcomeKind.FILTERED, delivery)
                verdicts[place] = Verdict(Ack(delivery), outcome)
        if fit:
            failures = await self._failures(fit)
            for index, (place, delivery, subject) in enumerate(fit):
                failed = failures.get(index)
                if failed is None:
                    outcome = Outcome(OutcomeKind.HANDLED, delivery, subject)
                    verdicts[place] = Verdict(Ack(delivery), outcome)
                else:
                    passed = waited(delivery) + self._attempt.now() - began
                    verdicts[place] = self._attempt.judged(delivery, subject, failed, passed)
        return [verdicts[place] for place in range(len(deliveries))]

    async def _failures(
        self, fit: Sequence[tuple[int, Delivery, object]]
    ) -> dict[int, BaseException]:
        """Call the handler; what failed, by its index in the lists."""
        deliveries = [delivery for _, delivery, _ in fit]
        positional, keywords = self._handler.batch_arguments(
            deliveries, [subject for *_, subject in fit], self._publisher
        )
        try:
            await self._attempt.call_many(deliveries, positional, keywords)
        except BatchError as error:
            return _named(error, len(fit))
        except (Exception, GeneratorExit) as error:
            return dict.fromkeys(range(len(fit)), error)
        except anyio.get_cancelled_exc_class() as error:
            if was_cancelled():
                raise
            return dict.fromkeys(range(len(fit)), error)
        return {}


def _named(error: BatchError, size: int) -> dict[int, BaseException]:
    """What failed of a batch of this size; all of it where the error cannot be meant."""
    # It was checked when it was made, but its members may be changed, or left out by a subclass.
    failures: object = getattr(error, "failures", None)
    if not isinstance(failures, dict) or not all(
        isinstance(index, int) and isinstance(one, Exception) for index, one in failures.items()
    ):
        return dict.fromkeys(range(size), error)
    strange = [index for index in failures if not 0 <= index < size]
    if not strange:
        return dict(failures)
    wrong = IndexError(f"BatchError names {strange}; the batch has {size} events")
    wrong.__cause__ = error
    return dict.fromkeys(range(size), wrong)
