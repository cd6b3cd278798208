"""One attempt: from a delivery to the verdict on it."""

from __future__ import annotations

from functools import partial
from inspect import isawaitable
from math import inf
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread

from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.surroundings import surroundings_of
from eventroute.delivery.verdict import Verdict
from eventroute.errors import EventError, JSONTextError, LimitExceededError, RejectError
from eventroute.jsontext import pointer
from eventroute.port import Ack, Bury, Release

if TYPE_CHECKING:
    from random import Random

    from eventroute.delivery.handler import Arguments
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.port import Delivery
    from eventroute.publisher import Publisher

__all__ = ["Attempt", "Verdict"]

_LONGEST_TEXT: Final = 2_000
"""Characters of an error's text that a dead letter keeps."""


class _HopelessError(Exception):
    """No further attempt can succeed."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


class Attempt:
    """Makes the attempts of one subscriber."""

    def __init__(
        self,
        subscriber: Subscriber,
        publisher: Publisher,
        random: Random,
        threads: anyio.CapacityLimiter,
    ) -> None:
        self._handler = subscriber.handler
        self._matches = subscriber.subscription.pattern.matches
        self._retry = subscriber.retry
        self._guard = subscriber.guard
        self._publisher = publisher
        self._random = random
        self._threads = threads
        # A thread cannot be cancelled: after the grace period it is left to itself, unless it
        # holds what would be closed under its hands.
        self._abandons = not (self._handler.transaction or self._handler.dependencies)
        self._surroundings = surroundings_of(
            subscriber, publisher, threads, self._arguments, self._call
        )

    async def close(self, delivery: Delivery) -> None:
        """Clean up after a delivery that is settled, in the task that made the attempt."""
        if self._surroundings is not None:
            await self._surroundings.exits.close(delivery)

    async def closed(self) -> bool:
        """Wait until nothing is left to clean up; say whether there was anything."""
        return self._surroundings is not None and await self._surroundings.exits.closed()

    async def make(self, delivery: Delivery) -> Verdict:
        """Filter, decode and handle one delivery. Raises only when it is cancelled."""
        if self._guard is None:
            return await self._make(delivery, None)
        try:
            matched = self._matches(delivery.event)
        except (EventError, JSONTextError, LimitExceededError):
            matched = False
        if not matched:  # nothing that could be done twice
            return await self._make(delivery, None)
        try:
            key = self._guard.key_of(delivery)
        except Exception as error:
            return self._failed(delivery, delivery.event, error)
        return await self._guard.make(key, delivery, self._make, self._failed)

    async def _make(self, delivery: Delivery, transaction: object) -> Verdict:
        subject: object = None
        try:
            if not self._is_to_be_handled(delivery):
                return Verdict(Ack(delivery), Outcome(OutcomeKind.FILTERED, delivery))
            if self._surroundings is None:
                positional, keywords, subject = self._arguments(delivery, transaction)
                await self._call(positional, keywords)
            else:
                scene = self._surroundings.scene(delivery, transaction)
                try:
                    await scene.play()
                finally:
                    subject = scene.subject
        except _HopelessError as error:
            return _buried(delivery, error.reason, str(error), subject, error.__cause__ or error)
        except RejectError as error:
            return _buried(delivery, "rejected", str(error), subject, error)
        except Exception as error:
            return self._failed(delivery, subject, error)
        except anyio.get_cancelled_exc_class() as error:
            if anyio.current_effective_deadline() == -inf:
                raise
            # Nobody cancelled the worker: the handler let the end of a task of its own escape.
            return self._failed(delivery, subject, error)
        return Verdict(Ack(delivery), Outcome(OutcomeKind.HANDLED, delivery, subject))

    def _is_to_be_handled(self, delivery: Delivery) -> bool:
        if delivery.attempt > self._retry.attempts:
            raise _HopelessError(
                "attempts-exhausted",
                f"attempt {delivery.attempt - 1} did not come to an end: its worker died, or its "
                "lease ended",
            )
        try:
            return self._matches(delivery.event)
        except (EventError, JSONTextError, LimitExceededError) as error:
            raise _HopelessError("undecodable", str(error)) from error

    def _arguments(self, delivery: Delivery, transaction: object) -> Arguments:
        try:
            return self._handler.arguments(delivery, self._publisher, transaction)
        except ValueError as error:  # pydantic's ValidationError is one
            raise _HopelessError("contract-violated", _places(error)) from error

    async def _call(self, positional: list[object], keywords: dict[str, object]) -> None:
        call = partial(self._handler.function, *positional, **keywords)
        result: Any
        if self._handler.is_async:
            result = call()
        else:
            result = await anyio.to_thread.run_sync(
                call, abandon_on_cancel=self._abandons, limiter=self._threads
            )
        if isawaitable(result):
            await result

    def _failed(self, delivery: Delivery, subject: object, error: BaseException) -> Verdict:
        delay = self._retry.delay(delivery.attempt, self._random)
        if delay is None:
            text = f"{type(error).__qualname__}: {error}"
            return _buried(delivery, "attempts-exhausted", text, subject, error)
        outcome = Outcome(OutcomeKind.RETRIED, delivery, subject, error)
        return Verdict(Release(delivery, delay), outcome)


def _buried(
    delivery: Delivery, reason: str, text: str, subject: object, error: BaseException
) -> Verdict:
    outcome = Outcome(OutcomeKind.DEAD_LETTERED, delivery, subject, error)
    return Verdict(Bury(delivery, reason, text[:_LONGEST_TEXT]), outcome)


def _places(error: ValueError) -> str:
    """Where a payload does not fit its model, without the values, which may be secret."""
    from pydantic import ValidationError  # noqa: PLC0415  loaded long ago if it was raised

    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"at {pointer(*problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )
