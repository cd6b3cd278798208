"""One attempt: from a delivery to the verdict on it."""

from __future__ import annotations

from functools import partial
from inspect import isawaitable
from math import inf
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread

from eventroute.delivery.outcome import Outcome, OutcomeKind
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
            arguments = self._arguments(delivery, transaction)
            if arguments is None:
                return Verdict(Ack(delivery), Outcome(OutcomeKind.FILTERED, delivery))
            positional, keywords, subject = arguments
            await self._call(positional, keywords, abandon=transaction is None)
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

    def _arguments(self, delivery: Delivery, transaction: object) -> Arguments | None:
        """What to call the handler with; ``None`` where the event does not match."""
        if delivery.attempt > self._retry.attempts:
            raise _HopelessError(
                "attempts-exhausted",
                f"attempt {delivery.attempt - 1} did not come to an end: its worker died, or its "
                "lease ended",
            )
        try:
            matched = self._matches(delivery.event)
        except (EventError, JSONTextError, LimitExceededError) as error:
            raise _HopelessError("undecodable", str(error)) from error
        if not matched:
            return None
        try:
            return self._handler.arguments(delivery, self._publisher, transaction)
        except ValueError as error:  # pydantic's ValidationError is one
            raise _HopelessError("contract-violated", _places(error)) from error

    async def _call(
        self, positional: list[object], keywords: dict[str, object], *, abandon: bool
    ) -> None:
        call = partial(self._handler.function, *positional, **keywords)
        result: Any
        if self._handler.is_async:
            result = call()
        else:
            # A thread cannot be cancelled: after the grace period it is left to itself, unless it
            # holds a transaction, which must not end under its hands.
            result = await anyio.to_thread.run_sync(
                call, abandon_on_cancel=abandon, limiter=self._threads
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
